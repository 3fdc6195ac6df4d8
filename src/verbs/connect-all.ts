/** `connect --all`: the same input to every handler there, their replies merged by whole lines. */
import { messageOf, SwarmError } from '../errors.ts'
import { FanOut } from '../io/fan-out.ts'
import type { Outlet } from '../io/outlet.ts'
import type { Source } from '../io/source.ts'
import { limits } from '../limits.ts'
import type { Separator } from '../protocol/link.ts'
import { FAILED, orFailed } from './connect.ts'
import { Condition, type Context, createSwarm, hasCode, type MeetingOptions, until } from './context.ts'
import { Conversation } from './conversation.ts'
import type { LineFormat } from './line-format.ts'
import { LineOutput } from './line-output.ts'
import { linked } from './linked.ts'
import { isMeant } from './to.ts'
import { lookUntil, tellWaiting } from './waiting.ts'
import { whileRead } from './while-read.ts'

export interface ConnectAllOptions extends MeetingOptions {
  readonly format: LineFormat
  readonly separator: Separator
}

const BUFFERS = { bufferBytes: 65_536, buffers: 4 }

/** @returns the highest status of the handlers that were asked; 0 when the reader of stdout went away; 255 when it fails itself */
export function connectAll(context: Context, options: ConnectAllOptions): Promise<number> {
  return orFailed(context, () => attempt(context, options))
}

async function attempt(context: Context, options: ConnectAllOptions): Promise<number> {
  const source = context.openSource('-', BUFFERS)
  const swarm = createSwarm(context, options, { verb: 'connect', reads: [], writes: ['calls'] })
  tellWaiting(context, swarm, options, 'a handler', 'exec')
  const changed = new Condition()
  const there: Conversation[] = []
  let handlers: Handlers | undefined
  let status: number | undefined
  let closed: { readonly error: SwarmError | undefined } | undefined
  const output = new LineOutput(context, options.format, options.separator)
  // The last lines are written when the handlers have ended.
  if (output.sink) output.sink.onclose = (error) => (closed = { error })
  const links = linked(swarm, (link, info) => {
    // A handler that comes after the first byte would miss a part of the input.
    if (handlers === undefined && isMeant(options.to, info))
      there.push(new Conversation(swarm, link, info, output))
    changed.changed()
  })
  try {
    status = await whileRead(context.signal, output.sink, async (signal) => {
      const discovery = swarm.join(options.topic, { server: false, client: true })
      await until(signal, discovery.flushed())
      if (options.noWait && there.length === 0) throw new SwarmError('NOBODY', 'no handler is there')
      context.ready(swarm, options.topic)
      await lookUntil(signal, discovery, changed, () => there.length > 0)
      handlers = new Handlers({ ...context, signal }, there)
      return await handlers.run(source)
    })
    // Nothing more is owed to anybody when the output is gone.
    if (status === undefined) for (const link of links) link.destroy()
  } catch (error) {
    if (hasCode(error, 'OUTPUT')) for (const link of links) link.destroy()
    await handlers?.abort(error)
    throw error
  } finally {
    source.close()
    for (const link of links) link.end('done')
    await swarm.destroy({ lingerMs: limits.lingerMs })
    if (!context.signal.aborted) await output.close()
  }
  if (closed?.error) throw closed.error
  return closed === undefined ? (status ?? 0) : 0
}

/** One handler, and what became of it. */
interface Handler {
  readonly conversation: Conversation
  /** Its stream is being opened: resolves when it takes input. */
  readonly opening: Promise<void>
  /** What it is still to be given. */
  readonly outlet: Outlet
  isSettled: boolean
  /** Absent while it is not known, and for a handler that could not be asked. */
  status?: number
}

/** All handlers of one run: the input goes to each, and each has an outcome of its own. */
class Handlers {
  readonly #context: Context
  readonly #handlers: readonly Handler[]
  readonly #fanOut: FanOut
  #isAborted = false

  constructor(context: Context, conversations: readonly Conversation[]) {
    this.#context = context
    this.#fanOut = new FanOut({
      policy: 'wait',
      cutMs: Number.POSITIVE_INFINITY,
      onslow: (outlet) => context.report.info(`waiting for ${this.#nameOf(outlet)}, which takes no input`),
      ondrop: () => {},
      oncut: () => {},
    })
    this.#handlers = conversations.map((conversation) => this.#ask(conversation))
  }

  /**
   * Gives the input to every handler.
   * @returns the highest status, once each has its outcome
   * @throws SwarmError INPUT; NOBODY when no handler could be asked; the signal's reason
   */
  async run(source: Source): Promise<number> {
    const outcomes = Promise.all(this.#handlers.map((handler) => this.#follow(handler)))
    const given = this.#give(source)
    try {
      await until(this.#context.signal, Promise.race([outcomes, given.then(() => outcomes)]))
    } finally {
      this.#fanOut.close()
    }
    const statuses = this.#handlers.flatMap(({ status }) => status ?? [])
    if (statuses.length === 0) throw new SwarmError('NOBODY', 'no handler could be asked')
    return Math.max(...statuses)
  }

  /**
   * The rest of the input will not come: ends the commands that still have a part of it, and names them if the time is up.
   * Never rejects.
   */
  async abort(error: unknown): Promise<void> {
    this.#isAborted = true
    const left = this.#handlers.filter(({ isSettled }) => !isSettled)
    if (hasCode(error, 'TIMEOUT')) for (const { conversation } of left) this.#nameLate(conversation)
    await Promise.all(left.map(({ conversation }) => conversation.abort(error)))
  }

  /** Until its stream is open, the input waits in its own queue: no handler waits for a busy one before that queue is full. */
  #ask(conversation: Conversation): Handler {
    const opening = conversation.open(this.#context.signal)
    const outlet = this.#fanOut.add({
      write: (bytes, done) => void opening.then(() => conversation.write(bytes, done), done),
    })
    return { conversation, opening, outlet, isSettled: false }
  }

  /** Waits for the outcome of one handler, and says what went wrong with it. */
  async #follow(handler: Handler): Promise<void> {
    const { conversation, opening } = handler
    const { signal, report } = this.#context
    const { name } = conversation.info
    try {
      await opening
      handler.status = await conversation.ended(signal)
      if (conversation.reason !== '') report.warn(`${name}: ${conversation.reason}`)
    } catch (error) {
      if (this.#isAborted || signal.aborted) return
      if (conversation.isOpen) {
        handler.status = FAILED
        report.warn(messageOf(error), { code: 'INCOMPLETE', status: FAILED })
      } else report.warn(`cannot ask ${name}: ${conversation.reason || messageOf(error)}`)
    }
    handler.isSettled = true
    this.#fanOut.delete(handler.outlet)
  }

  /** One that has ended takes no more. If the input fails, no handler is told an end that was none. */
  async #give(source: Source): Promise<void> {
    const { signal, counters } = this.#context
    while (this.#fanOut.size > 0) {
      const piece = await until(signal, source.next())
      if (piece === undefined) break
      counters.give(piece.data.length)
      this.#fanOut.write(piece.data, () => piece.release())
      await until(signal, this.#fanOut.room())
    }
    for (const { conversation, opening, outlet } of this.#handlers) {
      const end = () => outlet.empty().then(() => conversation.end())
      opening.then(end, () => {})
    }
  }

  #nameLate({ info, reason, isOpen }: Conversation): void {
    this.#context.report.warn(
      isOpen ? `no exit status from ${info.name}` : `cannot ask ${info.name}: ${reason || 'no answer yet'}`,
    )
  }

  #nameOf(outlet: Outlet): string {
    return this.#handlers.find((handler) => handler.outlet === outlet)?.conversation.info.name ?? 'a handler'
  }
}
