/**
 * `--raw`: programs that use Hyperswarm, and know nothing of lswarm. What the verbs share there: meeting
 * peers, and how a connection ended. Nobody names themselves, and nobody confirms.
 */
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import { toTopic } from '../topic.ts'
import type { JoinRaw } from '../transport/dht/raw.ts'
import type { RawPeer, RawTopic } from '../transport/dht/raw-topic.ts'
import { Condition, type Context, delay, until } from './context.ts'

export interface RawOptions {
  /** `hex:` or `key:`, and 32 bytes. */
  readonly topic: string
  readonly join: JoinRaw
}

/** Being found is waited for so long; it goes on after that. */
const ANNOUNCE_MS = 1_000
/** Of a public key, for people. */
const DIGITS = 8

/** A peer, as a verb knows it. */
export class RawCaller {
  readonly id: string
  readonly connection: Connection
  #fault: unknown
  #hasEnded = false

  constructor({ id, connection }: RawPeer) {
    this.id = id
    this.connection = connection
    const { stream } = connection
    stream.once('end', () => {
      this.#hasEnded = true
    })
    stream.once('error', (error) => {
      this.#fault = error
    })
  }

  /** For people. */
  get name(): string {
    return this.id.slice(0, DIGITS)
  }

  /** @throws SwarmError INCOMPLETE when what it says was cut off */
  assertHeard(): void {
    if (this.#hasEnded) return
    throw new SwarmError('INCOMPLETE', `incomplete: the connection with ${this.name} was cut`, this.#fault)
  }

  /** @throws SwarmError INCOMPLETE when what we said did not reach it */
  assertArrived(): void {
    if (this.connection.stream.writableFinished) return
    throw new SwarmError('INCOMPLETE', `${this.name} did not get all that was sent`, this.#fault)
  }

  /** Resolves when all that we said, and its end, has reached the other machine, or was cut. */
  arrived(signal: AbortSignal): Promise<void> {
    const { stream } = this.connection
    if (stream.writableFinished || stream.closed) return Promise.resolve()
    return until(
      signal,
      new Promise((resolve) => stream.once('finish', () => resolve()).once('close', () => resolve())),
    )
  }

  /** Resolves when both sides have ended, or it was cut; or after a while: nobody has to end. */
  closed(signal: AbortSignal): Promise<void> {
    const { stream } = this.connection
    if (stream.closed) return Promise.resolve()
    const closed = new Promise<void>((resolve) => stream.once('close', () => resolve()))
    return until(signal, Promise.race([closed, delay(limits.lingerMs)]))
  }
}

/** Who is on the topic and was not taken yet. */
export class RawMeeting {
  readonly #context: Context
  readonly #waiting: RawCaller[] = []
  readonly #changed = new Condition()
  #topic: RawTopic | undefined

  constructor(context: Context) {
    this.#context = context
  }

  /** Joins the topic; says that we can be met. */
  async open({ topic, join }: RawOptions, roles: { server: boolean; client: boolean }): Promise<void> {
    const { report, signal } = this.#context
    const joined = await join(toTopic(topic).key, {
      ...roles,
      onpeer: (peer) => {
        const caller = new RawCaller(peer)
        report.verbose(`connected with ${caller.name}`, { peer: peer.id })
        caller.connection.stream.once('close', () => {
          report.verbose(`${caller.name} left`, { peer: peer.id })
          this.#forget(caller)
        })
        // Read as far as the buffer goes: who says something first is known then.
        caller.connection.stream.on('readable', this.#look).once('end', this.#look)
        this.#waiting.push(caller)
        this.#changed.changed()
      },
      onwarning: (message) => report.warn(message),
    })
    this.#topic = joined
    await until(signal, Promise.race([joined.announced, delay(ANNOUNCE_MS)]))
    this.#context.ready({ name: joined.id.slice(0, DIGITS), id: joined.id }, topic)
  }

  /** Those who are there and were not taken; it may change. */
  get waiting(): readonly RawCaller[] {
    return this.#waiting
  }

  /** Resolves when so many are there. */
  async when(count: number): Promise<void> {
    await this.#changed.when(this.#context.signal, () => this.#waiting.length >= count)
  }

  /** The next who is there, or comes. */
  async next(): Promise<RawCaller> {
    for (;;) {
      await this.when(1)
      const [caller] = this.#waiting
      if (caller === undefined) continue
      this.#forget(caller)
      return caller
    }
  }

  /** The first of those who are there, or come, that says something or ends. */
  async first(): Promise<RawCaller> {
    const isHeard = ({ connection: { stream } }: RawCaller) => {
      // An end after nothing is only known when it is read.
      if (stream.readableLength === 0) stream.read()
      return stream.readableLength > 0 || stream.readableEnded
    }
    await this.#changed.when(this.#context.signal, () => this.#waiting.some(isHeard))
    const caller = this.#waiting.find(isHeard)
    if (caller === undefined) return this.first()
    this.#forget(caller)
    return caller
  }

  /** Takes one who is there. */
  take(caller: RawCaller): void {
    this.#forget(caller)
  }

  /** @throws SwarmError NOBODY, when so many are not there once the first look-up is done */
  async demand(count: number): Promise<void> {
    await until(this.#context.signal, this.#topic?.settled() ?? Promise.resolve())
    if (this.#waiting.length < count) throw new SwarmError('NOBODY', 'nobody is there')
  }

  async close(): Promise<void> {
    await this.#topic?.destroy()
  }

  readonly #look = () => this.#changed.changed()

  #forget(caller: RawCaller): void {
    caller.connection.stream.off('readable', this.#look)
    const at = this.#waiting.indexOf(caller)
    if (at >= 0) this.#waiting.splice(at, 1)
  }
}
