/**
 * A network: encrypted connections between programs, and the topics in them.
 *
 * A connector finds peers and connects with them. Who has proved the topic key can be dialled on any
 * topic: that opens a channel in the connection.
 */
import { randomBytes } from 'node:crypto'
import Protomux from 'protomux'
import { SwarmError } from '../../errors.ts'
import type { TopicKey } from '../../key.ts'
import { limits } from '../../limits.ts'
import { type Connection, DuplexConnection } from '../../protocol/connection.ts'
import type { Topic } from '../../topic.ts'
import type { JoinOptions, Presence } from '../transport.ts'
import { ChannelStream } from './channel.ts'
import { type NoiseStream, prove } from './proving.ts'

/** What finds peers, and makes encrypted connections. */
export interface Connector {
  /** Our public key, in hex. */
  readonly address: string
  /**
   * Makes us findable (`announce`) and finds others.
   * @param discovery 32 bytes, all that others on the way learn of the topic
   */
  search(discovery: Buffer, joining: JoinOptions): Search
  destroy(): Promise<void>
}

/** One topic of a connector. */
export interface Search {
  /** Resolves when we can be found; rejects with a SwarmError when we never can be. */
  readonly announced: Promise<unknown>
  /** Resolves when those who were there are connected. */
  settled(): Promise<unknown>
  destroy(): Promise<unknown>
}

const PROTOCOL = 'lswarm/1'
const TOPIC_ID_BYTES = 32
/** The first announcement and the first look-up are waited for so long; they go on after that. */
const ANNOUNCE_MS = 1_000
const SETTLE_MS = 5_000
/** What was said last is on its way for so long at most. */
const FAREWELL_MS = 1_000

/** The encrypted connection with a peer, proved. */
interface Pair {
  readonly stream: NoiseStream
  readonly mux: Protomux
  /** Streams open in it. */
  channels: number
}

export class Network {
  readonly #key: TopicKey
  readonly #auth: Buffer
  readonly #connector: Connector
  /** By the peer's public key; the first that is open serves. */
  readonly #pairs = new Map<string, Pair[]>()
  readonly #proving = new Set<Promise<void>>()
  readonly #presences = new Map<string, NetworkPresence>()

  /** @param connect makes the connector, which gives every connection to `meet` once it is encrypted */
  constructor(key: TopicKey, connect: (meet: (stream: NoiseStream) => void) => Connector) {
    this.#key = key
    this.#auth = key.auth()
    this.#connector = connect((stream) => void this.#meet(stream))
  }

  /**
   * Resolves when we are announced, or soon: peers of this machine do not wait for the network.
   * @throws SwarmError NETWORK when we cannot be announced
   */
  async join(topic: Topic, joining: JoinOptions): Promise<Presence> {
    const id = this.#key.topicId(topic).toString('hex')
    const search = this.#connector.search(this.#key.discovery(topic), joining)
    const presence = new NetworkPresence(id, search, joining, {
      address: this.#connector.address,
      addresses: () => [...this.#pairs.keys()],
      proved: () => Promise.all(this.#proving),
      dial: (address) => this.#dial(address, id),
      leave: () => {
        if (this.#presences.get(id) === presence) this.#presences.delete(id)
      },
    })
    this.#presences.set(id, presence)
    await Promise.race([search.announced, within(ANNOUNCE_MS, search.announced)])
    return presence
  }

  async destroy(): Promise<void> {
    const ends = [...this.#pairs.values()].flat().map(
      ({ stream }) =>
        new Promise<void>((resolve) => {
          stream.on('close', resolve)
          stream.end()
        }),
    )
    await within(FAREWELL_MS, Promise.all(ends))
    await this.#connector.destroy()
  }

  /** @throws SwarmError UNREACHABLE */
  async #dial(address: string, topicId: string): Promise<Connection> {
    const [pair] = this.#pairs.get(address) ?? []
    if (pair === undefined) throw new SwarmError('UNREACHABLE', 'no connection with this peer')
    const id = Buffer.concat([Buffer.from(topicId, 'hex'), randomBytes(16)])
    const stream = this.#open(pair, id)
    const connection = new DuplexConnection(stream)
    if (await stream.opened()) return connection
    stream.destroy()
    throw new SwarmError('UNREACHABLE', 'the peer is not on this topic')
  }

  async #meet(stream: NoiseStream): Promise<void> {
    stream.on('error', () => {})
    if (this.#proving.size >= limits.unprovenConnections) return void stream.destroy()
    const proving = prove(stream, this.#auth).then((proved) => {
      if (proved) this.#take(stream)
    })
    this.#proving.add(proving)
    await proving.finally(() => this.#proving.delete(proving))
  }

  #take(stream: NoiseStream): void {
    const address = Buffer.from(stream.remotePublicKey).toString('hex')
    const pair: Pair = { stream, mux: new Protomux(stream), channels: 0 }
    const pairs = this.#pairs.get(address) ?? []
    this.#pairs.set(address, pairs)
    pairs.push(pair)
    stream.on('close', () => {
      pairs.splice(pairs.indexOf(pair), 1)
      if (pairs.length === 0 && this.#pairs.get(address) === pairs) this.#pairs.delete(address)
    })
    pair.mux.pair({ protocol: PROTOCOL }, (id) => this.#accept(pair, id))
    stream.resume()
    for (const presence of this.#presences.values()) presence.found()
  }

  /** A channel that the peer opened; left alone, it is refused. */
  #accept(pair: Pair, id: Buffer): void {
    const presence = this.#presences.get(id.subarray(0, TOPIC_ID_BYTES).toString('hex'))
    if (presence === undefined || !presence.accepts || pair.channels >= limits.pairConnections) return
    presence.accept(new DuplexConnection(this.#open(pair, id)))
  }

  #open(pair: Pair, id: Buffer): ChannelStream {
    const stream = new ChannelStream(
      (handlers) => pair.mux.createChannel({ protocol: PROTOCOL, id, ...handlers }) ?? undefined,
    )
    pair.channels += 1
    stream.once('close', () => {
      pair.channels -= 1
    })
    return stream
  }
}

/** What a presence needs of its network. */
interface Surroundings {
  readonly address: string
  addresses(): string[]
  /** Resolves when those who are connected have proved the key, or have not. */
  proved(): Promise<unknown>
  dial(address: string): Promise<Connection>
  leave(): void
}

class NetworkPresence implements Presence {
  readonly id: string
  readonly #search: Search
  readonly #joining: JoinOptions
  readonly #network: Surroundings
  readonly #first: Promise<void>
  #destroyed = false

  constructor(id: string, search: Search, joining: JoinOptions, network: Surroundings) {
    this.id = id
    this.#search = search
    this.#joining = joining
    this.#network = network
    const settled = search.announced.then(() => search.settled()).then(() => network.proved())
    this.#first = within(SETTLE_MS, settled)
  }

  get accepts(): boolean {
    return this.#joining.announce && !this.#destroyed
  }

  get address(): string | undefined {
    return this.#joining.announce ? this.#network.address : undefined
  }

  async lookup(): Promise<string[]> {
    return this.#network.addresses()
  }

  settled(): Promise<void> {
    return this.#first
  }

  dial(address: string): Promise<Connection> {
    return this.#network.dial(address)
  }

  found(): void {
    if (!this.#destroyed) this.#joining.onfound?.()
  }

  accept(connection: Connection): void {
    this.#joining.onconnection(connection)
  }

  async destroy(): Promise<void> {
    if (this.#destroyed) return
    this.#destroyed = true
    this.#network.leave()
    await within(FAREWELL_MS, this.#search.destroy())
  }
}

/** Resolves when `promise` has settled, or after `ms`. */
function within(ms: number, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    promise.then(done, done)
  })
}
