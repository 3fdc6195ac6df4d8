/** A call, seen from who makes it: `connect`, `send` and `join` to a handler. */
import { SwarmError } from '../errors.ts'
import type { Connection } from '../protocol/connection.ts'
import type { Link } from '../protocol/link.ts'
import type { Message } from '../protocol/message.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { Condition } from './context.ts'

export class Call {
  readonly info: PeerInfo
  /** The handler's exit status, once it is told. */
  status: number | undefined
  /** Why there was no command to end, where that was so. */
  reason = ''
  /** The handler has others to serve first. */
  busy = false
  readonly #swarm: Swarm
  readonly #stream: number
  readonly #changed = new Condition()
  #ready = false
  #fault: SwarmError | undefined

  constructor(swarm: Swarm, link: Link, info: PeerInfo, stream: number) {
    this.#swarm = swarm
    this.info = info
    this.#stream = stream
    link.on('message', (message) => this.#hear(message))
    link.on('close', () => this.#lost())
    if (link.closed) this.#lost()
    else link.say({ type: 'call', stream })
  }

  /**
   * Waits for a free handler, and dials its stream.
   * @throws SwarmError BUSY when it refuses, INCOMPLETE when the peer is lost, or the signal's reason
   */
  async open(signal: AbortSignal): Promise<Connection> {
    await this.#changed.when(signal, () => this.#ready || this.#fault !== undefined)
    if (this.#fault !== undefined) throw this.#fault
    return this.#swarm.openStream(this.info, this.#stream)
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

  #hear(message: Message): void {
    if (!('stream' in message) || message.stream !== this.#stream) return
    if (message.type === 'ready') this.#ready = true
    else if (message.type === 'busy') this.busy = true
    else if (message.type === 'status') {
      this.status = message.status
      this.reason = message.reason
    } else if (message.type === 'abort') {
      this.#fault ??= new SwarmError('BUSY', `${this.info.name} is ${message.reason}`)
    }
    this.#changed.changed()
  }

  #lost(): void {
    this.#fault ??= new SwarmError(
      'INCOMPLETE',
      `the connection to ${this.info.name} was lost before its exit status`,
    )
    this.#changed.changed()
  }
}
