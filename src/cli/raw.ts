/** `--raw`: the verbs among programs that use Hyperswarm, and what goes with it. */
import { SwarmError } from '../errors.ts'
import { TOPIC_BYTES } from '../topic.ts'
import type { JoinRaw } from '../transport/dht/raw.ts'
import type { Context } from '../verbs/context.ts'
import type { Args } from './command.ts'
import { details, localOnly, maxPeers, raw, seedFile, trust, ways } from './network.ts'
import type { Option } from './option.ts'
import * as option from './options.ts'
import { rawOf } from './ways.ts'

interface RawVerb {
  /** What goes with it, beside what goes with all. */
  readonly options: readonly Option<unknown>[]
  readonly operands: number
  run(context: Context, args: Args, meeting: { topic: string; join: JoinRaw }): Promise<unknown>
}

const everywhere: readonly Option<unknown>[] = [
  ...Object.values(option.common),
  ways.dht,
  raw,
  details.bootstrap,
  trust.public,
  trust.allow,
  trust.deny,
  seedFile,
  maxPeers,
  localOnly,
]

const verbs: Readonly<Record<string, RawVerb>> = {
  send: {
    options: [option.count, option.noWait],
    operands: 2,
    run: async (context, args, meeting) =>
      (await import('../verbs/raw-send.ts')).rawSend(context, {
        ...meeting,
        file: args.operands[1] ?? '-',
        count: args.get(option.count),
        noWait: args.get(option.noWait),
      }),
  },
  recv: {
    options: [option.output, option.noWait],
    operands: 1,
    run: async (context, args, meeting) =>
      (await import('../verbs/raw-recv.ts')).rawRecv(context, {
        ...meeting,
        output: args.get(option.output) ?? '-',
        noWait: args.get(option.noWait),
      }),
  },
  connect: {
    options: [option.noWait],
    operands: 1,
    run: async (context, args, meeting) =>
      (await import('../verbs/raw-talk.ts')).rawTalk(context, {
        ...meeting,
        role: 'connect',
        noWait: args.get(option.noWait),
      }),
  },
  listen: {
    options: [],
    operands: 1,
    run: async (context, _args, meeting) =>
      (await import('../verbs/raw-talk.ts')).rawTalk(context, { ...meeting, role: 'listen', noWait: false }),
  },
  exec: {
    options: [option.exec.max, option.exec.once, option.exec.killAfter],
    operands: 1,
    run: async (context, args, meeting) =>
      (await import('../verbs/raw-exec.ts')).rawExec(context, {
        ...meeting,
        command: args.command ?? { file: '', args: [] },
        max: args.get(option.exec.max) ?? 40,
        once: args.get(option.exec.once),
        killAfterMs: args.get(option.exec.killAfter),
      }),
  },
}

/**
 * Runs a verb with `--raw`.
 * @throws SwarmError OPTION_INVALID, saying what does not go with it
 */
export async function runRaw(context: Context, verb: string, args: Args): Promise<unknown> {
  const { options, run } = verbs[verb] ?? { options: [], run: () => Promise.reject(unfit(verb)) }
  const allowed = new Set([...everywhere, ...options].map(({ flag }) => flag))
  for (const flag of args.given) {
    if (allowed.has(flag)) continue
    const dashed = `${flag.length === 1 ? '-' : '--'}${flag}`
    throw new SwarmError(
      'OPTION_INVALID',
      `${dashed} and --raw exclude each other: nobody there speaks lswarm`,
    )
  }
  if (args.command && verb !== 'exec')
    throw new SwarmError('OPTION_INVALID', `${verb} --raw takes no command`)
  const topic = args.operands[0] ?? ''
  if (!/^(hex|key):/.test(topic)) {
    const what = `the topic itself, hex: and ${TOPIC_BYTES * 2} hex digits, and no name for it`
    throw new SwarmError('OPTION_INVALID', `--raw takes ${what}`)
  }
  return run(context, args, { topic, join: await rawOf(verb, args) })
}

function unfit(verb: string): SwarmError {
  return new SwarmError('OPTION_INVALID', `${verb} does not go with --raw`)
}
