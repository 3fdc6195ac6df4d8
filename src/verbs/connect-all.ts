/** `connect --all`: the same input to every handler there, their replies merged by whole lines. */
import { messageOf, SwarmError } from '../errors.ts'
import { FanOut } from '../io/fan-out.ts'
import type { Outlet } from '../io/outlet.ts'
import type { Source } from '../io/source.ts'
import { limits } from '../limits.ts'
import type { Separator } from '../protocol/link.ts'
import { FAILED, orFailed } from './connect.ts'
import { type CommonOptions, Condition, type Context, createSwarm, hasCode, until } from './context.ts'
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

/** @returns the highest status of the handlers that were asked; 0 when the reader of stdout went away; 255 when it fails itself */
export function connectAll(context: Context, options: ConnectAllOptions): Promise<number> {
  return orFailed(context, () => attempt(context, options))
}

async function attempt(context: Context, options: ConnectAllOptions): Promise<number> {
  const { signal } = context
  const source = context.openSource('-', BUFFERS)
  const swarm = createSwarm(context, options, { verb: 'connect', reads: [], writes: ['calls'] })
  tellWaiting(context, swarm, options, 'a handler', 'exec')
  const changed = new Condition()
  const there: Conversation[] = []
  let handlers: Handlers | undefined
  let closed: { readonly error: SwarmError | undefined } | undefined
  const output = new LineOutput(context, options.format, options.separator, {
    onpause: () => {},
    onclose: (error) => {
      closed = { error }
      changed.changed()
    },
  })
  const links = linked(swarm, (link, info) => {
    // A handler that comes after the first byte would miss a part of the input.
    if (handlers === undefined && isMeant(options.to, info))
      there.push(new Conversation(swarm, link, info, output))
    changed.changed()
  })
  let looking: NodeJS.Timeout | undefined
  try {
    const discovery = swarm.join(options.topic, { server: false, client: true })
    await until(signal, discovery.flushed())
    if (options.noWait && there.length === 0) throw new SwarmError('NOBODY', 'no handler is there')
    context.ready(swarm, options.topic)
    looking = setInterval(() => void discovery.refresh().catch(() => {}), LOOK_MS)
    await changed.when(signal, () => there.length > 0 || closed !== undefined)
    clearInterval(looking)
    if (closed === undefined) {
      handlers = new Handlers(context, there, source, () => changed.changed())
      await changed.when(signal, () => handlers?.settled === true || closed !== undefined)
      handlers.assertGiven()
    }
  } catch (error) {
    handlers?.close()
    await handlers?.abort(error)
    throw error
  } finally {
    clearInterval(looking)
    source.close()
    handlers?.close()
    // Nothing more is owed to anybody when the output is gone.
    for (const link of links) closed ? link.destroy() : link.end('done')
    await swarm.destroy({ lingerMs: limits.lingerMs })
    if (!signal.aborted) await output.close()
  }
  if (closed?.error) throw closed.error
  return closed || handlers === undefined ? 0 : handlers.status()
}

/** One handler, and what became of it. */
interface Handler {
  readonly conversation: Conversation
  /** Its stream is being opened: resolves when it takes input. */
  readonly opening: Promise<void>
  /** What it is still to be given. */
  readonly outlet: Outlet
  opened: boolean
  settled: boolean
  /** Absent while it is not known, and for a handler that could not be asked. */
  status?: number
}

/** All handlers of one run: the input goes to each, and each has an outcome of its own. */
class Handlers {
  readonly #context: Context
  readonly #handlers: readonly Handler[]
  readonly #onchange: () => void
  readonly #fanOut: FanOut
  #fault: unknown
  #closed = false

  /** @param onchange called when a handler has its outcome, and when the input fails */
  constructor(
    context: Context,
    conversations: readonly Conversation[],
    source: Source,
    onchange: () => void,
  ) {
    this.#context = context
    this.#onchange = onchange
    this.#fanOut = new FanOut({
      policy: 'wait',
      cutMs: Number.POSITIVE_INFINITY,
      onslow: (outlet) => context.report.info(`waiting for ${this.#nameOf(outlet)}, which takes no input`),
      ondrop: () => {},
      oncut: () => {},
    })
    this.#handlers = conversations.map((conversation) => this.#ask(conversation))
    void this.#give(source)
  }

  /** Every handler has an outcome, or the input has failed. */
  get settled(): boolean {
    return this.#fault !== undefined || this.#handlers.every(({ settled }) => settled)
  }

  /** @throws SwarmError INPUT when the input failed */
  assertGiven(): void {
    if (this.#fault !== undefined) throw this.#fault
  }

  /** The rest of the input will not come: ends the commands that still have a part of it. Never rejects. */
  async abort(error: unknown): Promise<void> {
    const left = this.#handlers.filter(({ settled }) => !settled)
    await Promise.all(left.map(({ conversation }) => conversation.abort(error)))
  }

  /**
   * @returns the highest status
   * @throws SwarmError NOBODY when no handler could be asked
   */
  status(): number {
    const statuses = this.#handlers.flatMap(({ status }) => status ?? [])
    if (statuses.length === 0) throw new SwarmError('NOBODY', 'no handler could be asked')
    return Math.max(...statuses)
  }

  /** Names the handlers without an outcome if the time is up. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#fanOut.close()
    const { signal, report } = this.#context
    if (!hasCode(signal.reason, 'TIMEOUT')) return
    for (const { settled, opened, conversation } of this.#handlers) {
      const { info, reason } = conversation
      if (settled) continue
      report.warn(
        opened ? `no exit status from ${info.name}` : `cannot ask ${info.name}: ${reason || 'no answer yet'}`,
      )
    }
  }

  /**
   * Asks one handler. Until its stream is open, the input waits in its own queue: no handler waits for a busy one before
   * that queue is full.
   */
  #ask(conversation: Conversation): Handler {
    const opening = conversation.open(this.#context.signal)
    const outlet = this.#fanOut.add({
      write: (bytes, done) => void opening.then(() => conversation.write(bytes, done), done),
    })
    const handler: Handler = { conversation, opening, outlet, opened: false, settled: false }
    const settle = () => {
      handler.settled = true
      this.#fanOut.delete(outlet)
      this.#onchange()
    }
    this.#follow(handler).then(settle, settle)
    return handler
  }

  /** Waits for the outcome of one handler, and says what went wrong with it. */
  async #follow(handler: Handler): Promise<void> {
    const { conversation, opening } = handler
    const { signal, report } = this.#context
    const { name } = conversation.info
    try {
      await opening
      handler.opened = true
      handler.status = await conversation.ended(signal)
      if (conversation.reason !== '') report.warn(`${name}: ${conversation.reason}`)
    } catch (error) {
      if (this.#closed || signal.aborted) return
      if (!handler.opened)
        return report.warn(`cannot ask ${name}: ${conversation.reason || messageOf(error)}`)
      handler.status = FAILED
      report.warn(messageOf(error), { code: 'INCOMPLETE', status: FAILED })
    }
  }

  /** Gives the input to every handler; one that has ended takes no more. */
  async #give(source: Source): Promise<void> {
    const { signal, counters } = this.#context
    try {
      while (this.#fanOut.size > 0) {
        const piece = await until(signal, source.next())
        if (piece === undefined) break
        counters.give(piece.data.length)
        this.#fanOut.write(piece.data, () => piece.release())
        await until(signal, this.#fanOut.room())
      }
    } catch (error) {
      // No handler is told an end of input that was none.
      this.#fault = error
      return this.#onchange()
    }
    for (const { conversation, opening, outlet } of this.#handlers) {
      const end = () => outlet.empty().then(() => conversation.end())
      opening.then(end, () => {})
    }
  }

  #nameOf(outlet: Outlet): string {
    return this.#handlers.find((handler) => handler.outlet === outlet)?.conversation.info.name ?? 'a handler'
  }
}
