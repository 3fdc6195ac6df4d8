/**
 * The verbs as a user types them: operands, options, examples, and what they start. A verb's own code is
 * imported when it runs: a start pays for one of them.
 */
import { SwarmError } from '../errors.ts'
import type { CommandLine } from '../io/command.ts'
import { limits } from '../limits.ts'
import type { Separator } from '../protocol/link.ts'
import { type CommonOptions, type Context, withArticle } from '../verbs/context.ts'
import type { LineFormat } from '../verbs/line-output.ts'
import { bootstrap as bootstrapOptions, networkOptions, seedFile } from './network.ts'
import type { Option } from './option.ts'
import * as option from './options.ts'

/** What was typed after the verb, read through the options' own rules. */
export interface Args {
  readonly operands: readonly string[]
  /** What stood after `--`, for a verb that runs a command. */
  readonly command: CommandLine | undefined
  get<T>(option: Option<T>): T
}

export interface Command {
  readonly verb: string
  readonly summary: string
  /** Whether a command follows `--`. */
  readonly command?: 'needed' | 'allowed'
  /** Operands as help shows them; in brackets those that may be left out. */
  readonly operands: readonly string[]
  readonly options: readonly Option<unknown>[]
  /** A line to type, and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  /** `--timeout` is for something that the verb does, not for all of it. */
  readonly ownTimeout?: boolean
  /** @returns a number is the status to end with; anything else is 0 */
  run(context: Context, args: Args): Promise<unknown>
}

const everywhere = Object.values(option.common)
const meeting = [option.name, ...networkOptions, ...everywhere]

/** The same with a `--timeout` of the verb's own. */
function meetingWith(timeout: Option<unknown>): readonly Option<unknown>[] {
  return meeting.map((one) => (one.flag === timeout.flag ? timeout : one))
}

/** The same with what `--json` is to `pub`. */
const publishing = meeting.map((one) => (one.flag === option.common.json.flag ? option.jsonValues : one))

/** What every verb on a topic needs. */
function commonOf(args: Args): CommonOptions {
  return { topic: args.operands[0] ?? '', dir: args.get(option.common.dir), name: args.get(option.name) }
}

/** How lines are cut and written. */
function linesOf(args: Args): { separator: Separator; format: LineFormat } {
  return {
    separator: args.get(option.nul) ? 0 : 10,
    format: { json: args.get(option.common.json), prefix: args.get(option.prefix) },
  }
}

export const commands: readonly Command[] = [
  {
    verb: 'join',
    summary: 'every line of stdin to every peer, every line of every peer to stdout',
    operands: ['TOPIC'],
    options: [
      option.count,
      option.to,
      ...Object.values(option.join),
      ...Object.values(option.chat),
      option.prefix,
      option.nul,
      option.keep,
      option.noWait,
      ...meeting,
    ],
    examples: [
      ['lswarm join room', 'chat, or listen'],
      ['make 2>&1 | lswarm join build --name ci', 'show a build to everyone who joins'],
      ["lswarm join room -d --prefix '[%n] ' | grep error", 'the lines of others, with their authors'],
    ],
    run: async (context, args) =>
      (await import('../verbs/join.ts')).join(context, {
        ...commonOf(args),
        count: args.get(option.count),
        to: args.get(option.to),
        deaf: args.get(option.join.deaf),
        ...linesOf(args),
        slow: args.get(option.join.slow),
        lingerMs: args.get(option.join.linger),
        keep: args.get(option.keep),
        noWait: args.get(option.noWait),
      }),
  },
  {
    verb: 'send',
    summary: 'stdin, a file or the output of a command to every receiver, exact and confirmed',
    operands: ['TOPIC', '[FILE]'],
    command: 'allowed',
    options: [
      option.count,
      option.to,
      ...Object.values(option.send),
      option.progress,
      option.queue,
      ...Object.values(option.sendQueue),
      option.nul,
      option.noWait,
      ...meeting,
    ],
    examples: [
      ['tar c . | lswarm send backup', 'to one receiver, or to all who are there'],
      ['lswarm send -n 3 image disk.img', 'wait for three receivers first'],
      ['lswarm send backup -- tar c .', 'the command writes to the socket itself'],
      ['ls *.jpg | lswarm send --queue thumbs', 'each line to one free worker'],
    ],
    run: async (context, args) => {
      const shared = {
        ...commonOf(args),
        file: args.operands[1] ?? '-',
        count: args.get(option.count),
        to: args.get(option.to),
        noWait: args.get(option.noWait),
      }
      if (args.get(option.queue)) {
        if (args.command)
          throw new SwarmError('OPTION_INVALID', '--queue takes its records from stdin or a file')
        return (await import('../verbs/send-queue.ts')).sendQueue(context, {
          ...shared,
          separator: args.get(option.nul) ? 0 : 10,
          ordered: args.get(option.sendQueue.ordered),
          retries: args.get(option.sendQueue.retries),
        })
      }
      return (await import('../verbs/send.ts')).send(context, {
        ...shared,
        command: args.command,
        digest: args.get(option.send.digest),
        size: args.get(option.send.size),
        dropSlowMs: args.get(option.send.dropSlow),
      })
    },
  },
  {
    verb: 'recv',
    summary: "one sender's bytes to stdout, to a file or to a command",
    operands: ['TOPIC'],
    command: 'allowed',
    options: [option.output, option.progress, option.keep, option.noWait, ...meeting],
    examples: [
      ['lswarm recv backup | tar x', 'status 4 when the stream broke off'],
      ['lswarm recv image -o disk.img', 'the file appears when it is complete'],
      ['lswarm recv backup -- tar x', 'the command reads from the socket itself'],
    ],
    run: async (context, args) =>
      (await import('../verbs/recv.ts')).recv(context, {
        ...commonOf(args),
        output: args.get(option.output),
        command: args.command,
        keep: args.get(option.keep),
        noWait: args.get(option.noWait),
      }),
  },
  {
    verb: 'exec',
    summary: 'a command for each peer that connects, the stream on its descriptors 0 and 1',
    operands: ['TOPIC'],
    command: 'needed',
    ownTimeout: true,
    options: [option.queue, ...Object.values(option.exec), ...meetingWith(option.commandTimeout)],
    examples: [
      [
        'lswarm exec --queue thumbs -- sh -c \'read f; convert "$f" "$f.png"\'',
        'a worker; start as many as you like',
      ],
      ['lswarm exec upper -- tr a-z A-Z', 'each lswarm connect upper gets a tr of its own'],
      [
        "lswarm exec --max 4 tests -- sh -c 'read name; npm test -- $name'",
        'four at a time, the others wait',
      ],
    ],
    run: async (context, args) =>
      (await import('../verbs/exec.ts')).exec(context, {
        ...commonOf(args),
        command: args.command ?? { file: '', args: [] },
        max: args.get(option.exec.max) ?? (args.get(option.queue) ? 1 : 40),
        queue: args.get(option.queue),
        maxPerPeer: args.get(option.exec.maxPerPeer),
        busy: args.get(option.exec.busy),
        pipes: args.get(option.exec.pipes),
        once: args.get(option.exec.once),
        killAfterMs: args.get(option.exec.killAfter),
        commandMs: args.get(option.commandTimeout),
      }),
  },
  {
    verb: 'connect',
    summary: "stdin and stdout to one handler, ended with the handler's exit status",
    operands: ['TOPIC'],
    command: 'allowed',
    options: [
      option.to,
      ...Object.values(option.connect),
      option.prefix,
      option.nul,
      option.noWait,
      ...meeting,
    ],
    examples: [
      ['echo hello | lswarm connect upper', 'prints HELLO'],
      ['lswarm connect shell -- socat STDIO FILE:log,create', "the stream on a command's descriptors"],
    ],
    run: async (context, args) => {
      const peers = { ...commonOf(args), to: args.get(option.to), noWait: args.get(option.noWait) }
      if (!args.get(option.connect.all))
        return (await import('../verbs/connect.ts')).connect(context, { ...peers, command: args.command })
      if (args.command) throw new SwarmError('OPTION_INVALID', '--all takes no command')
      return (await import('../verbs/connect-all.ts')).connectAll(context, { ...peers, ...linesOf(args) })
    },
  },
  {
    verb: 'listen',
    summary: 'the other end of connect: one peer on stdin and stdout',
    operands: ['TOPIC'],
    options: [option.keep, ...meeting],
    examples: [['lswarm listen door > letter', 'waits for echo hello | lswarm connect door']],
    run: async (context, args) =>
      (await import('../verbs/listen.ts')).listen(context, {
        ...commonOf(args),
        keep: args.get(option.keep),
      }),
  },
  {
    verb: 'pub',
    summary: 'signed messages, from the arguments or the lines of stdin, to everyone who subscribes',
    operands: ['TOPIC', '[MESSAGE...]'],
    options: [option.pubCount, option.id, option.messageType, option.nul, option.noWait, ...publishing],
    examples: [
      ['lswarm pub news hello', 'one message, kept until somebody is there'],
      ['tail -f log | lswarm pub log --id server', 'each line a message, signed by a lasting identity'],
    ],
    run: async (context, args) =>
      (await import('../verbs/pub.ts')).pub(context, {
        ...commonOf(args),
        messages: args.operands.slice(1),
        separator: args.get(option.nul) ? 0 : 10,
        json: args.get(option.common.json),
        type: args.get(option.messageType),
        id: args.get(option.id),
        count: args.get(option.pubCount),
        noWait: args.get(option.noWait),
      }),
  },
  {
    verb: 'sub',
    summary: "the signed messages of a topic, each once and in its author's order",
    operands: ['TOPIC'],
    options: [
      option.subCount,
      ...Object.values(option.sub),
      option.messageType,
      option.prefix,
      option.nul,
      option.noWait,
      ...meeting,
    ],
    examples: [
      ['lswarm sub news', 'what is published from now on'],
      ['lswarm sub news -n 1 --history 1', 'the last message'],
      ['lswarm sub log --from server --require-known --json', 'of one author, whose key is known'],
    ],
    run: async (context, args) =>
      (await import('../verbs/sub.ts')).sub(context, {
        ...commonOf(args),
        ...linesOf(args),
        count: args.get(option.subCount),
        from: args.get(option.sub.from),
        type: args.get(option.messageType),
        history: args.get(option.sub.history),
        requireKnown: args.get(option.sub.requireKnown),
        strict: args.get(option.sub.strict),
        noWait: args.get(option.noWait),
      }),
  },
  {
    verb: 'id',
    summary: 'identities that sign, and whose name is whose',
    operands: ['ACTION', '[NAME]', '[KEY]'],
    options: [
      option.common.json,
      option.common.quiet,
      option.common.verbose,
      option.common.help,
      option.common.version,
    ],
    examples: [
      ['lswarm id new server', 'make an identity; its public key is printed'],
      ['lswarm id show server', 'its public key'],
      ['lswarm id list', 'all names that are known, with their keys'],
      ['lswarm id trust server "$(cat server.pub)"', 'know a name by a key from elsewhere'],
      ['lswarm id forget server', 'know it no longer'],
    ],
    run: async (context, args) =>
      (await import('../verbs/id.ts')).id(context, {
        words: args.operands,
        json: args.get(option.common.json),
      }),
  },
  {
    verb: 'bridge',
    summary: 'let the peers of a topic on this machine meet those beyond it',
    operands: ['TOPIC'],
    options: [option.progress, ...meeting],
    examples: [['lswarm bridge room --lan --key-file key', 'join, send, exec and sub need no --lan then']],
    run: async (context, args) => (await import('../verbs/bridge.ts')).bridge(context, commonOf(args)),
  },
  {
    verb: 'wait',
    summary: 'wait until N peers are on a topic, or until one has left',
    operands: ['TOPIC'],
    options: [option.count, option.gone, option.noWait, ...meeting],
    examples: [
      ['lswarm wait room -n 4 && make test', 'a barrier'],
      ['lswarm wait room --gone server', 'until server has left'],
    ],
    run: async (context, args) =>
      (await import('../verbs/wait.ts')).wait(context, {
        ...commonOf(args),
        count: args.get(option.count),
        gone: args.get(option.gone),
        noWait: args.get(option.noWait),
      }),
  },
  {
    verb: 'peers',
    summary: 'who is on a topic',
    operands: ['TOPIC'],
    options: meeting,
    examples: [
      ['lswarm peers room', 'a table'],
      ['lswarm peers room --json', 'an object for each peer'],
    ],
    run: async (context, args) =>
      (await import('../verbs/peers.ts')).peers(context, {
        ...commonOf(args),
        json: args.get(option.common.json),
      }),
  },
  {
    verb: 'topics',
    summary: 'the topics that somebody is on',
    operands: [],
    options: [option.name, ...everywhere],
    examples: [['lswarm topics', 'a table']],
    run: async (context, args) =>
      (await import('../verbs/topics.ts')).topics(context, {
        ...commonOf(args),
        json: args.get(option.common.json),
      }),
  },
  {
    verb: 'top',
    summary: 'a live view of the peers on a topic, or on all topics',
    operands: ['[TOPIC]'],
    options: [...Object.values(option.top), ...meeting],
    examples: [
      ['lswarm top room', 'who does what, how fast, and who is slow; ? for the keys'],
      ['lswarm top --once', 'a table of all peers on all topics'],
      ['lswarm top room --json', 'a snapshot every second, one line each'],
    ],
    run: async (context, args) => {
      const options = {
        topic: args.operands[0],
        dir: args.get(option.common.dir),
        name: args.get(option.name),
        intervalMs: args.get(option.top.interval),
        once: args.get(option.top.once),
        json: args.get(option.common.json),
      }
      const { isInteractive, live } = await import('./live.ts')
      if (options.once || options.json || !isInteractive())
        return (await import('../verbs/top.ts')).top(context, options)
      return live(context, options)
    },
  },
  {
    verb: 'key',
    summary:
      'make a topic key: new for one of 256 bits, word for one of ten words; id: who you are to --allow',
    operands: ['new|word|id'],
    options: [seedFile, ...everywhere],
    examples: [
      ['(umask 077; lswarm key new > key)', 'a file for --key-file, or --seed-file'],
      ['lswarm key word', 'a key to say on the telephone'],
      ['lswarm key id --seed-file seed', 'your id, for the --allow of others'],
    ],
    run: async (context, args) => {
      const file = args.get(seedFile)
      return (await import('../verbs/key.ts')).key(context, {
        kind: args.operands[0] ?? '',
        seed: file === undefined ? undefined : await (await import('./ways.ts')).readSeed(file),
      })
    },
  },
  {
    verb: 'bootstrap',
    summary: 'the first node of a private network; prints the option for the others',
    operands: [],
    options: [...Object.values(bootstrapOptions), ...everywhere],
    examples: [['lswarm bootstrap', 'for lswarm join room --dht --public --bootstrap HOST:49737']],
    run: async (context, args) =>
      (await import('../verbs/bootstrap.ts')).bootstrap(context, {
        host: args.get(bootstrapOptions.host),
        port: args.get(bootstrapOptions.port),
      }),
  },
  {
    verb: 'completion',
    summary: 'what completes the lines that are typed in a shell, with the topics and peers that are there',
    operands: ['bash|zsh|fish'],
    options: [
      option.install,
      option.common.json,
      option.common.quiet,
      option.common.verbose,
      option.common.help,
      option.common.version,
    ],
    examples: [
      ['lswarm completion bash --install', 'from then on, in each new shell'],
      ['. <(lswarm completion bash)', 'in this one'],
    ],
    run: async (context, args) =>
      (await import('../verbs/completion.ts')).completion(context, {
        shell: args.operands[0] ?? '',
        install: args.get(option.install),
      }),
  },
  {
    verb: 'limits',
    summary: 'every limit of the program',
    operands: [],
    options: [option.common.json, option.common.help, option.common.version],
    examples: [['lswarm limits --json', 'as one JSON object']],
    run: async (context, args) => {
      const text = args.get(option.common.json)
        ? JSON.stringify(limits)
        : Object.entries(limits)
            .map(([limit, value]) => `${limit} ${value}`)
            .join('\n')
      return (await import('../verbs/table.ts')).print(context, `${text}\n`)
    },
  },
]

/** @throws SwarmError OPTION_INVALID when operands are missing, too many, or empty */
export function checkOperands(command: Command, operands: readonly string[], hasCommand: boolean): void {
  const wanted = command.operands.filter((operand) => !operand.startsWith('['))
  const missing = wanted[operands.length]
  if (missing !== undefined)
    throw new SwarmError('OPTION_INVALID', `${command.verb} takes ${withArticle(missing)}`)
  const extra = command.operands.at(-1)?.endsWith('...]') ? undefined : operands[command.operands.length]
  if (hasCommand && operands.length > wanted.length) {
    throw new SwarmError('OPTION_INVALID', `${command.verb} takes a file or a command, not both`)
  }
  if (extra !== undefined)
    throw new SwarmError('OPTION_INVALID', `${command.verb} does not take ${JSON.stringify(extra)}`)
}
