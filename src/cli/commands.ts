/** The verbs as a user types them: operands, options, examples, and what they start. */
import { SwarmError } from '../errors.ts'
import type { CommandLine } from '../io/command.ts'
import { limits } from '../limits.ts'
import type { Separator } from '../protocol/link.ts'
import { bootstrap } from '../verbs/bootstrap.ts'
import { connect } from '../verbs/connect.ts'
import { connectAll } from '../verbs/connect-all.ts'
import type { CommonOptions, Context } from '../verbs/context.ts'
import { exec } from '../verbs/exec.ts'
import { join } from '../verbs/join.ts'
import { key } from '../verbs/key.ts'
import type { LineFormat } from '../verbs/line-output.ts'
import { listen } from '../verbs/listen.ts'
import { peers } from '../verbs/peers.ts'
import { recv } from '../verbs/recv.ts'
import { send } from '../verbs/send.ts'
import { sendQueue } from '../verbs/send-queue.ts'
import { print } from '../verbs/table.ts'
import { topics } from '../verbs/topics.ts'
import { wait } from '../verbs/wait.ts'
import { bootstrap as bootstrapOptions, networkOptions, readSeed, seedFile } from './network.ts'
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
    run: (context, args) =>
      join(context, {
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
      option.queue,
      ...Object.values(option.sendQueue),
      option.nul,
      option.noWait,
      ...meeting,
    ],
    examples: [
      ['tar c . | lswarm send backup', 'to one receiver, or to all who are there'],
      ['lswarm send -n 3 image disk.img', 'wait for three receivers first'],
      ['lswarm send backup -- tar c .', 'tar writes to the socket itself'],
      ['ls *.jpg | lswarm send --queue thumbs', 'each line to one free worker'],
    ],
    run: (context, args) => {
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
        return sendQueue(context, {
          ...shared,
          separator: args.get(option.nul) ? 0 : 10,
          ordered: args.get(option.sendQueue.ordered),
          retries: args.get(option.sendQueue.retries),
        })
      }
      return send(context, {
        ...shared,
        command: args.command,
        digest: args.get(option.send.digest),
        dropSlowMs: args.get(option.send.dropSlow),
      })
    },
  },
  {
    verb: 'recv',
    summary: "one sender's bytes to stdout, to a file or to a command",
    operands: ['TOPIC'],
    command: 'allowed',
    options: [option.output, option.keep, option.noWait, ...meeting],
    examples: [
      ['lswarm recv backup | tar x', 'status 4 when the stream broke off'],
      ['lswarm recv image -o disk.img', 'the file appears when it is complete'],
      ['lswarm recv backup -- tar x', 'tar reads from the socket itself'],
    ],
    run: (context, args) =>
      recv(context, {
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
      ['lswarm exec upper -- tr a-z A-Z', 'lswarm connect upper'],
      [
        "lswarm exec --max 4 tests -- sh -c 'read name; npm test -- $name'",
        'four at a time, the others wait',
      ],
    ],
    run: (context, args) =>
      exec(context, {
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
      ['echo hello | lswarm connect upper', 'HELLO'],
      ['lswarm connect shell -- socat STDIO FILE:log,create', "the stream on a command's descriptors"],
    ],
    run: (context, args) => {
      const peers = { ...commonOf(args), to: args.get(option.to), noWait: args.get(option.noWait) }
      if (!args.get(option.connect.all)) return connect(context, { ...peers, command: args.command })
      if (args.command) throw new SwarmError('OPTION_INVALID', '--all takes no command')
      return connectAll(context, { ...peers, ...linesOf(args) })
    },
  },
  {
    verb: 'listen',
    summary: 'the other end of connect: one peer on stdin and stdout',
    operands: ['TOPIC'],
    options: [option.keep, ...meeting],
    examples: [['lswarm listen door > letter', 'echo hello | lswarm connect door']],
    run: (context, args) => listen(context, { ...commonOf(args), keep: args.get(option.keep) }),
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
    run: (context, args) =>
      wait(context, {
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
    run: (context, args) => peers(context, { ...commonOf(args), json: args.get(option.common.json) }),
  },
  {
    verb: 'topics',
    summary: 'the topics that somebody is on',
    operands: [],
    options: [option.name, ...everywhere],
    examples: [['lswarm topics', 'a table']],
    run: (context, args) => topics(context, { ...commonOf(args), json: args.get(option.common.json) }),
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
      return key(context, {
        kind: args.operands[0] ?? '',
        seed: file === undefined ? undefined : await readSeed(file),
      })
    },
  },
  {
    verb: 'bootstrap',
    summary: 'the first node of a private network; prints the option for the others',
    operands: [],
    options: [...Object.values(bootstrapOptions), ...everywhere],
    examples: [['lswarm bootstrap', 'lswarm join room --dht --bootstrap HOST:49737']],
    run: (context, args) =>
      bootstrap(context, { host: args.get(bootstrapOptions.host), port: args.get(bootstrapOptions.port) }),
  },
  {
    verb: 'limits',
    summary: 'every limit of the program',
    operands: [],
    options: [option.common.json, option.common.help, option.common.version],
    examples: [['lswarm limits --json', 'as one JSON object']],
    run: (context, args) => {
      const text = args.get(option.common.json)
        ? JSON.stringify(limits)
        : Object.entries(limits)
            .map(([limit, value]) => `${limit} ${value}`)
            .join('\n')
      return print(context, `${text}\n`)
    },
  },
]

/** @throws SwarmError OPTION_INVALID when operands are missing, too many, or empty */
export function checkOperands(command: Command, operands: readonly string[], hasCommand: boolean): void {
  const wanted = command.operands.filter((operand) => !operand.startsWith('['))
  const missing = wanted[operands.length]
  if (missing !== undefined) throw new SwarmError('OPTION_INVALID', `${command.verb} takes a ${missing}`)
  const extra = operands[command.operands.length]
  if (hasCommand && operands.length > wanted.length) {
    throw new SwarmError('OPTION_INVALID', `${command.verb} takes a file or a command, not both`)
  }
  if (extra !== undefined)
    throw new SwarmError('OPTION_INVALID', `${command.verb} does not take ${JSON.stringify(extra)}`)
}
