/** A call, seen from who makes it: `connect`, `send` and `join` to a handler. */
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import type { Link } from '../protocol/link.ts'
import type { Message } from '../protocol/message.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { abortOf, Condition, hasCode, until } from './context.ts'
import type { Reply } from './reply.ts'

/** A handler whose caller gives up gets this long to end its command. */
const ABORT_MS = 1_000

export class Call {
  readonly info: PeerInfo
  readonly link: Link
  status: number | undefined
  /** Why the handler refused, left, or had no command to end. */
  reason = ''
  /** The handler has others to serve first. */
  busy = false
  /** The peer has no handler for it, or gave it back. */
  isRefused = false
  readonly #swarm: Swarm
  readonly #heard = (message: Message) => this.#hear(message)
  readonly #replied = (stream: number, bytes: Buffer) => {
    if (stream === this.#stream) this.#reply?.hold(bytes)
  }
  readonly #gone = (_said: string, error?: SwarmError) => this.#lost(error)
  #stream: number
  readonly #changed = new Condition()
  #ready = false
  #reply: Reply | undefined
  #fault: SwarmError | undefined

  constructor(swarm: Swarm, link: Link, info: PeerInfo, stream: number) {
    this.#swarm = swarm
    this.info = info
    this.#stream = stream
    this.link = link
    this.#listen()
    if (link.closed) this.#lost()
    else link.say({ type: 'call', stream })
  }

  /**
   * Dials a stream at once: a peer that has a handler free takes it. Of the others it waits until one is free.
   * @throws SwarmError BUSY when it refuses, INCOMPLETE when the peer is lost, or the signal's reason
   */
  async open(signal: AbortSignal): Promise<Connection> {
    if (this.#fault === undefined) {
      const eager = this.dial()
      try {
        return await until(signal, eager)
      } catch (error) {
        // Should it come late after all, it is nobody's.
        eager.then(({ stream }) => stream.destroy()).catch(() => {})
        signal.throwIfAborted()
        // Lost on its way.
        if (!hasCode(error, 'REFUSED')) this.#callAgain()
      }
    }
    await this.granted(signal)
    return this.dial()
  }

  #callAgain(): void {
    this.withdraw()
    this.#listen()
    this.#stream += 1
    this.#ready = false
    this.link.say({ type: 'call', stream: this.#stream })
  }

  /** The first half of `open`: a handler is kept for us, for some seconds, but not started. */
  async granted(signal: AbortSignal): Promise<void> {
    await this.#changed.when(signal, () => this.#ready || this.#fault !== undefined)
    if (this.#fault !== undefined) throw this.#fault
  }

  /** The second half: starts it. */
  dial(): Promise<Connection> {
    return this.#swarm.openStream(this.info, this.#stream)
  }

  /** True for a record that this peer takes over the link. */
  takes(record: Uint8Array): boolean {
    return this.info.reads.includes('short-records') && record.length <= limits.handedBytes
  }

  /** The second half without a stream: gives a record that it takes, all of the handler's stdin, to be heard by `reply`. */
  hand(record: Uint8Array, reply: Reply): void {
    this.#reply = reply
    this.link.on('reply', this.#replied)
    this.link.giveRecord(this.#stream, record)
  }

  /** Gives back a handler that was granted and is not needed. */
  withdraw(): void {
    this.link.say({ type: 'withdraw', stream: this.#stream, reason: 'not needed' })
    this.#leave()
  }

  /**
   * The handler's exit status.
   * @throws SwarmError INCOMPLETE when the peer is lost before it was told, or the signal's reason
   */
  async ended(signal: AbortSignal): Promise<number> {
    await this.#changed.when(signal, () => this.status !== undefined || this.#fault !== undefined)
    if (this.status !== undefined) return this.status
    throw this.#fault
  }

  /** Tells the handler that its input ended as it should: an end of the stream alone may be our death. */
  sayEnded(): void {
    this.link.say({ type: 'end', stream: this.#stream })
  }

  /**
   * Tells the handler that the rest of its input will not come, so that it ends its command before the stream is
   * closed: the command could not tell that from the true end.
   * @returns resolves when the handler has ended or is lost, after `ABORT_MS` at most; never rejects
   */
  async abort(error: unknown): Promise<void> {
    if (this.status !== undefined || this.#fault !== undefined) return
    const { code, reason } = abortOf(error)
    this.link.say({ type: 'abort', stream: this.#stream, bytes: 0, code, reason })
    await this.ended(AbortSignal.timeout(ABORT_MS)).catch(() => {})
  }

  #hear(message: Message): void {
    if (!('stream' in message) || message.stream !== this.#stream) return
    if (message.type === 'ready') {
      this.#ready = true
      this.#reply?.take(this.dial())
    } else if (message.type === 'busy') {
      this.busy = true
      this.reason = 'busy with others'
    } else if (message.type === 'status') {
      this.status = message.status
      this.reason = message.reason
      this.#leave()
    } else if (message.type === 'abort') {
      this.reason = message.reason
      this.isRefused = true
      this.#fault ??= new SwarmError('BUSY', `${this.info.name} is ${message.reason}`)
      this.#leave()
    }
    this.#changed.changed()
  }

  #listen(): void {
    this.link.on('message', this.#heard).on('close', this.#gone)
  }

  /** A link may see many calls: each listens no longer than it lasts. */
  #leave(): void {
    this.link.off('message', this.#heard).off('reply', this.#replied).off('close', this.#gone)
  }

  #lost(error?: SwarmError): void {
    this.reason = error?.message ?? 'it left'
    this.#fault ??= new SwarmError(
      'INCOMPLETE',
      `the connection to ${this.info.name} was lost before its exit status`,
    )
    this.#changed.changed()
  }
}
