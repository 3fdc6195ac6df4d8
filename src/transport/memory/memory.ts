/**
 * Peers of one program meet in its memory: for tests, and the proof that a transport is no more
 * than its contract. Give the same `Hub` to each swarm that should meet.
 */
import { Duplex } from 'node:stream'
import { SwarmError } from '../../errors.ts'
import { Connection } from '../../protocol/connection.ts'
import type { Topic } from '../../topic.ts'
import type { JoinOptions, Presence, Transport } from '../transport.ts'

/** Where the swarms of one program find each other: topic, address, who accepts there. */
export class Hub {
  readonly topics = new Map<string, Map<string, (connection: Connection) => void>>()
  #addresses = 0

  nextAddress(): string {
    this.#addresses += 1
    return `m-${this.#addresses}`
  }
}

/** A transport over `hub`. */
export function memory(hub: Hub): Transport {
  if (!(hub instanceof Hub)) throw new SwarmError('OPTION_INVALID', 'memory needs a hub: memory(new Hub())')
  return {
    name: 'memory',
    distance: 0,
    join: async (topic, options) => new MemoryPresence(hub, topic, options),
  }
}

class MemoryPresence implements Presence {
  readonly address: string | undefined
  readonly #hub: Hub
  readonly #topic: string

  constructor(hub: Hub, topic: Topic, options: JoinOptions) {
    this.#hub = hub
    this.#topic = topic.hex
    if (!options.announce) return
    this.address = hub.nextAddress()
    const there = hub.topics.get(topic.hex) ?? new Map<string, (connection: Connection) => void>()
    hub.topics.set(topic.hex, there.set(this.address, options.onconnection))
  }

  async lookup(): Promise<string[]> {
    return [...(this.#hub.topics.get(this.#topic)?.keys() ?? [])].filter(
      (address) => address !== this.address,
    )
  }

  async dial(address: string): Promise<Connection> {
    const accept = this.#hub.topics.get(this.#topic)?.get(address)
    if (!accept) throw new SwarmError('UNREACHABLE', `nobody at ${address}`)
    return dialInMemory(accept)
  }

  async destroy(): Promise<void> {
    if (this.address === undefined) return
    const there = this.#hub.topics.get(this.#topic)
    there?.delete(this.address)
    if (there?.size === 0) this.#hub.topics.delete(this.#topic)
  }
}

/** Connects to `accept` through memory; the other end reaches it in a later turn, as a socket would. */
export function dialInMemory(accept: (connection: Connection) => void): Connection {
  const [near, far] = duplexPair()
  setImmediate(() => accept(new Connection(far, { isInMemory: true })))
  return new Connection(near, { isInMemory: true })
}

/** Two Duplexes, each reading what the other writes, with backpressure and half-close. */
function duplexPair(): [Duplex, Duplex] {
  const near = new MemoryDuplex()
  const far = new MemoryDuplex()
  near.other = far
  far.other = near
  return [near, far]
}

class MemoryDuplex extends Duplex {
  other: MemoryDuplex | undefined
  #release: (() => void) | undefined

  constructor() {
    super({ allowHalfOpen: true })
  }

  /** An end that nobody asks for is told all the same, as by a socket. */
  hearEnd(): void {
    this.push(null)
    this.read(0)
  }

  override _read(): void {
    const release = this.#release
    this.#release = undefined
    release?.()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    const { other } = this
    if (other === undefined || other.destroyed) return done(new Error('the other end is closed'))
    if (other.push(Buffer.from(chunk))) setImmediate(done)
    else other.#release = done
  }

  override _final(done: () => void): void {
    this.other?.hearEnd()
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const { other } = this
    this.other = undefined
    this.#release?.()
    this.#release = undefined
    // As with a socket: what was written before is still read, then comes the end.
    if (other !== undefined && !other.readableEnded && !other.destroyed) other.hearEnd()
    // And as with a socket it closes a turn later: who is piped into it has ended by then.
    setImmediate(() => done(error))
  }
}
