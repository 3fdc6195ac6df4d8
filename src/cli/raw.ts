/** `--raw`: the verbs among programs that use Hyperswarm; what goes with it is in the rules. */
import { SwarmError } from '../errors.ts'
import { TOPIC_BYTES } from '../topic.ts'
import type { JoinRaw } from '../transport/dht/raw.ts'
import type { Context } from '../verbs/context.ts'
import type { Args } from './command.ts'
import * as option from './options.ts'
import { rawOf } from './ways.ts'

type RunRaw = (context: Context, args: Args, meeting: { topic: string; join: JoinRaw }) => Promise<unknown>

const verbs: Readonly<Record<string, RunRaw>> = {
  send: async (context, args, meeting) =>
    (await import('../verbs/raw-send.ts')).rawSend(context, {
      ...meeting,
      file: args.operands[1] ?? '-',
      count: args.get(option.count),
      noWait: args.get(option.noWait),
    }),
  recv: async (context, args, meeting) =>
    (await import('../verbs/raw-recv.ts')).rawRecv(context, {
      ...meeting,
      output: args.get(option.output) ?? '-',
      noWait: args.get(option.noWait),
    }),
  connect: async (context, args, meeting) =>
    (await import('../verbs/raw-talk.ts')).rawTalk(context, {
      ...meeting,
      role: 'connect',
      noWait: args.get(option.noWait),
    }),
  listen: async (context, _args, meeting) =>
    (await import('../verbs/raw-talk.ts')).rawTalk(context, { ...meeting, role: 'listen', noWait: false }),
  exec: async (context, args, meeting) =>
    (await import('../verbs/raw-exec.ts')).rawExec(context, {
      ...meeting,
      command: args.command ?? { file: '', args: [] },
      max: args.get(option.exec.max) ?? 40,
      once: args.get(option.exec.once),
      commandMs: args.get(option.common.timeout),
      killAfterMs: args.get(option.exec.killAfter),
    }),
}

/**
 * Runs a verb with `--raw`.
 * @throws SwarmError OPTION_INVALID for a topic that is only a name
 */
export async function runRaw(context: Context, verb: string, args: Args): Promise<unknown> {
  const topic = args.operands[0] ?? ''
  if (!/^(hex|key):/.test(topic)) {
    const what = `the topic itself, hex: and ${TOPIC_BYTES * 2} hex digits, and no name for it`
    throw new SwarmError('OPTION_INVALID', `--raw takes ${what}`)
  }
  return verbs[verb]?.(context, args, { topic, join: await rawOf(verb, args) })
}
