/**
 * `--raw`: programs that use Hyperswarm, and know nothing of lswarm. What the verbs share there: meeting
 * peers, and how a connection ended. Nobody names themselves, and nobody confirms.
 */
import { finished } from 'node:stream/promises'
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

export interface RawMeetingOptions extends RawOptions {
  /** Fails with NOBODY when too few peers are there, instead of waiting for them. */
  readonly noWait: boolean
}

/** Being found is waited for so long; it goes on after that. */
const ANNOUNCE_MS = 1_000
/** Of a public key, for people. */
const DIGITS = 8

export class RawCaller {
  readonly id: string
  /** For people. */
  readonly name: string
  readonly connection: Connection

  constructor({ id, connection }: RawPeer) {
    this.id = id
    this.name = id.slice(0, DIGITS)
    this.connection = connection
  }

  /** It has said something, or ended. */
  get isHeard(): boolean {
    const { stream } = this.connection
    // An end after nothing is only known when it is read.
    if (stream.readableLength === 0) stream.read()
    return stream.readableLength > 0 || stream.readableEnded
  }

  /** @throws SwarmError INCOMPLETE when what it says was cut off */
  assertHeard(): void {
    const { readableEnded, errored } = this.connection.stream
    if (readableEnded) return
    throw new SwarmError('INCOMPLETE', `incomplete: the connection with ${this.name} was cut`, errored)
  }

  /** @throws SwarmError INCOMPLETE when what we said did not reach it */
  assertArrived(): void {
    const { writableFinished, errored } = this.connection.stream
    if (writableFinished) return
    throw new SwarmError('INCOMPLETE', `${this.name} did not get all that was sent`, errored)
  }

  /** Resolves when all that we said, and its end, has reached the other machine, or was cut. */
  arrived(signal: AbortSignal): Promise<void> {
    const { stream } = this.connection
    return until(
      signal,
      finished(stream, { readable: false }).catch(() => {}),
    )
  }

  /** Resolves when both sides have ended, or it was cut; or after a while: nobody has to end. */
  closed(signal: AbortSignal): Promise<void> {
    const closed = finished(this.connection.stream).catch(() => {})
    return until(signal, Promise.race([closed, delay(limits.lingerMs)]))
  }
}

/** Meets the peers of a topic, and keeps those whom nobody has taken yet. */
export class RawMeeting {
  readonly #context: Context
  readonly #waiting: RawCaller[] = []
  readonly #changed = new Condition()
  readonly #look = () => this.#changed.changed()
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

  /**
   * Waits until so many are there.
   * @param noWait no longer than until the first look-up is done
   * @throws SwarmError NOBODY when there are fewer then
   */
  async gather(count: number, noWait: boolean): Promise<void> {
    const { signal } = this.#context
    if (!noWait) return await this.#changed.when(signal, () => this.#waiting.length >= count)
    await until(signal, this.#topic?.settled() ?? Promise.resolve())
    if (this.#waiting.length < count) throw new SwarmError('NOBODY', 'nobody is there')
  }

  /** Takes the first who is there, or comes, and is ready. */
  async take(isReady: (caller: RawCaller) => boolean = () => true): Promise<RawCaller> {
    for (;;) {
      await this.#changed.when(this.#context.signal, () => this.#waiting.some(isReady))
      const caller = this.#waiting.find(isReady)
      if (caller === undefined) continue
      this.#forget(caller)
      return caller
    }
  }

  /** Takes all who are there. */
  takeAll(): RawCaller[] {
    const callers = [...this.#waiting]
    for (const caller of callers) this.#forget(caller)
    return callers
  }

  async close(): Promise<void> {
    await this.#topic?.destroy()
  }

  #forget(caller: RawCaller): void {
    caller.connection.stream.off('readable', this.#look)
    const at = this.#waiting.indexOf(caller)
    if (at >= 0) this.#waiting.splice(at, 1)
  }
}
