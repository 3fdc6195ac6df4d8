/** `connect --all`: the same input to every handler there, their replies merged by whole lines. */
import { messageOf, SwarmError } from '../errors.ts'
import { FanOut } from '../io/fan-out.ts'
import type { Source } from '../io/source.ts'
import { limits } from '../limits.ts'
import type { Separator } from '../protocol/link.ts'
import { orFailed } from './connect.ts'
import { type CommonOptions, Condition, type Context, createSwarm, until } from './context.ts'
import { Conversation } from './conversation.ts'
import { type LineFormat, LineOutput } from './line-output.ts'
import { linked } from './linked.ts'
import { isMeant } from './to.ts'
import { tellWaiting } from './waiting.ts'

export interface ConnectAllOptions extends CommonOptions {
  readonly to: readonly string[]
  readonly noWait: boolean
  readonly format: LineFormat
  readonly separator: Separator
}

const BUFFERS = { bufferBytes: 65_536, buffers: 4 }
const LOOK_MS = 100

/** @returns 0 when every handler ended with 0, else the highest status; 255 when it fails itself */
export function connectAll(context: Context, options: ConnectAllOptions): Promise<number> {
  return orFailed(context, () => attempt(context, options))
}

async function attempt(context: Context, options: ConnectAllOptions): Promise<number> {
  const { signal, report } = context
  const source = context.openSource('-', BUFFERS)
  const swarm = createSwarm(context, options, { verb: 'connect', reads: [], writes: ['calls'] })
  tellWaiting(context, swarm, options, 'a handler', 'exec')
  const changed = new Condition()
  const conversations: Conversation[] = []
  let begun = false
  let closed: { error: SwarmError | undefined } | undefined
  const output = new LineOutput(context, options.format, options.separator, {
    onpause: () => {},
    onclose: (error) => {
      closed = { error }
      source.close()
      for (const one of conversations) one.link.destroy()
    },
  })
  const fanOut = new FanOut({
    policy: 'wait',
    cutMs: Number.POSITIVE_INFINITY,
    onslow: () => report.info('waiting for a handler that takes nothing'),
    ondrop: () => {},
    oncut: () => {},
  })
  const links = linked(swarm, (link, info) => {
    if (!begun && isMeant(options.to, info)) conversations.push(new Conversation(swarm, link, info, output))
    changed.changed()
  })
  let looking: NodeJS.Timeout | undefined
  try {
    const discovery = swarm.join(options.topic, { server: false, client: true })
    await until(signal, discovery.flushed())
    if (options.noWait && conversations.length === 0) throw new SwarmError('NOBODY', 'no handler is there')
    context.ready(swarm, options.topic)
    looking = setInterval(() => void discovery.refresh().catch(() => {}), LOOK_MS)
    await changed.when(signal, () => conversations.length > 0)
    clearInterval(looking)
    // Who comes from here on is not part of it.
    begun = true
    await Promise.all(conversations.map((one) => one.open(signal)))
    void give(context, source, fanOut, conversations)
    const statuses = await Promise.all(conversations.map((one) => one.ended(signal)))
    for (const one of conversations) if (one.reason !== '') report.warn(`${one.info.name}: ${one.reason}`)
    return closed ? 0 : Math.max(...statuses)
  } finally {
    clearInterval(looking)
    source.close()
    fanOut.close()
    for (const link of links) link.end('done')
    await swarm.destroy({ lingerMs: limits.lingerMs })
    if (!signal.aborted) await output.close()
    if (closed?.error) report.warn(messageOf(closed.error))
  }
}

/** The input to every handler; one that has ended takes no more. */
async function give(
  context: Context,
  source: Source,
  fanOut: FanOut,
  conversations: readonly Conversation[],
): Promise<void> {
  const { signal } = context
  for (const one of conversations) {
    const outlet = fanOut.add({ write: (bytes, done) => one.write(bytes, done) })
    const gone = () => fanOut.delete(outlet)
    one.ended(signal).then(gone, gone)
  }
  try {
    while (fanOut.size > 0) {
      const piece = await until(signal, source.next())
      if (piece === undefined) break
      context.counters.give(piece.data.length)
      fanOut.write(piece.data, () => piece.release())
      await until(signal, fanOut.room())
    }
    await fanOut.empty()
  } catch (error) {
    if (!signal.aborted) context.report.warn(messageOf(error))
    await Promise.all(conversations.map((one) => one.abort(error)))
    return
  }
  for (const one of conversations) one.end()
}
