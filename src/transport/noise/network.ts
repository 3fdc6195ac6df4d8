/**
 * A network: encrypted connections between programs, and the topics in them.
 *
 * A connector finds peers and connects with them. Who has proved the topic key tells who is on a topic
 * there, and can be dialled on it: that opens a channel in the connection.
 */
import { randomBytes } from 'node:crypto'
import Protomux from 'protomux'
import { abortable, NEVER, within } from '../../abort.ts'
import { SwarmError } from '../../errors.ts'
import type { TopicKey } from '../../key.ts'
import { limits } from '../../limits.ts'
import { Connection } from '../../protocol/connection.ts'
import type { Topic } from '../../topic.ts'
import type { DialOptions, JoinOptions, Presence } from '../transport.ts'
import { ChannelStream } from './channel.ts'
import { type NoiseStream, prove } from './proving.ts'
import { type Names, ROSTER_PROTOCOL, Roster } from './roster.ts'

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
  /** Resolves when we can be found, or after a moment; rejects with a SwarmError when we cannot be. */
  readonly announced: Promise<void>
  /** Resolves when those who were there are connected. */
  settled(): Promise<unknown>
  destroy(): Promise<unknown>
}

const PROTOCOL = 'lswarm/1'
const TOPIC_ID_BYTES = 32
/** After the topic's id, so that each channel has its own; after this, who is meant, if not the program itself. */
const NONCE_BYTES = 16
const PEER_ID = /^[0-9a-f]{32}$/
/** The first look-up is waited for so long; it goes on after that. */
const SETTLE_MS = 5_000
/** Leaving a topic is waited for so long. */
const FAREWELL_MS = 1_000

/** The encrypted connection with a peer, proved. */
interface Pair {
  /** The peer's public key, in hex. */
  readonly key: string
  readonly stream: NoiseStream
  readonly mux: Protomux
  /** By topic id. */
  readonly rosters: Map<string, Roster>
  /** Streams open in it. */
  channels: number
}

export class Network {
  readonly #key: TopicKey
  readonly #auth: Buffer
  readonly #connector: Connector
  readonly #pairs = new Set<Pair>()
  readonly #proving = new Set<Promise<void>>()
  /** By topic id. */
  readonly #presences = new Map<string, Set<NetworkPresence>>()

  /** @param connect makes the connector, which gives every connection to `meet` once it is encrypted */
  constructor(key: TopicKey, connect: (meet: (stream: NoiseStream) => void) => Connector) {
    this.#key = key
    this.#auth = key.auth()
    this.#connector = connect((stream) => void this.#meet(stream))
  }

  /**
   * Resolves when we are announced.
   * @throws SwarmError NETWORK when we cannot be announced
   */
  async join(topic: Topic, joining: JoinOptions): Promise<Presence> {
    const id = this.#key.topicId(topic).toString('hex')
    // Who stands for others is found as itself already.
    const search =
      joining.as === undefined ? this.#connector.search(this.#key.discovery(topic), joining) : undefined
    const presence = new NetworkPresence(this, id, this.#connector.address, joining, search)
    const presences = this.#presences.get(id) ?? new Set()
    this.#presences.set(id, presences.add(presence))
    for (const pair of this.#pairs) this.#enrol(pair, id)
    this.#tell(id)
    if (search === undefined) return presence
    try {
      await abortable(joining.signal, search.announced)
      return presence
    } catch (error) {
      await presence.destroy()
      throw error
    }
  }

  /** @param graceMs what was written last has so long to arrive */
  async destroy(graceMs: number): Promise<void> {
    const ends = [...this.#pairs].map(
      ({ stream }) =>
        new Promise<void>((resolve) => {
          stream.on('close', resolve)
          stream.end()
        }),
    )
    await within(NEVER, graceMs, Promise.all(ends))
    for (const { stream } of this.#pairs) stream.destroy()
    await this.#connector.destroy()
  }

  leave(id: string, presence: NetworkPresence): void {
    const presences = this.#presences.get(id)
    presences?.delete(presence)
    if (presences?.size !== 0) return this.#tell(id)
    this.#presences.delete(id)
    for (const { rosters } of this.#pairs) rosters.get(id)?.close()
  }

  /** Who is on a topic: public keys, and after a slash who is beyond their owners. */
  lookup(id: string): string[] {
    const all = [...this.#pairs].flatMap(({ key, rosters }) =>
      (rosters.get(id)?.names ?? []).map((name) => (name === '' ? key : `${key}/${name}`)),
    )
    return [...new Set(all)]
  }

  /** Resolves when those who are connected have proved the key, and told who is there. */
  async settled(id: string): Promise<void> {
    await Promise.all(this.#proving)
    await Promise.all([...this.#pairs].map(({ rosters }) => rosters.get(id)?.heard))
  }

  /** @throws SwarmError UNREACHABLE */
  async dial(address: string, topicId: string, signal: AbortSignal): Promise<Connection> {
    const [key, name = ''] = address.split('/')
    const pair = [...this.#pairs].find((one) => one.key === key)
    if (pair === undefined || (name !== '' && !PEER_ID.test(name)))
      throw new SwarmError('UNREACHABLE', 'no connection with this peer')
    const id = Buffer.concat([
      Buffer.from(topicId, 'hex'),
      randomBytes(NONCE_BYTES),
      Buffer.from(name, 'hex'),
    ])
    const stream = this.#open(pair, id)
    const connection = new Connection(stream)
    const abort = () => stream.destroy()
    signal.addEventListener('abort', abort)
    const isOpen = await stream.opened().finally(() => signal.removeEventListener('abort', abort))
    if (isOpen && !stream.destroyed) return connection
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
    const key = Buffer.from(stream.remotePublicKey).toString('hex')
    const pair: Pair = { key, stream, mux: new Protomux(stream), rosters: new Map(), channels: 0 }
    this.#pairs.add(pair)
    stream.on('close', () => this.#pairs.delete(pair))
    pair.mux.pair({ protocol: PROTOCOL }, (id) => this.#accept(pair, id))
    pair.mux.pair({ protocol: ROSTER_PROTOCOL }, (id) => this.#enrol(pair, Buffer.from(id).toString('hex')))
    for (const id of this.#presences.keys()) this.#enrol(pair, id)
    stream.resume()
  }

  /** Asks who is on a topic of ours, and tells. */
  #enrol(pair: Pair, id: string): void {
    if (!this.#presences.has(id) || pair.rosters.get(id)?.closed === false) return
    const tell = () => this.#names(id)
    const onchange = () => {
      for (const presence of this.#presences.get(id) ?? []) presence.found()
    }
    pair.rosters.set(id, new Roster(pair.mux, Buffer.from(id, 'hex'), tell, onchange))
  }

  #tell(id: string): void {
    const names = this.#names(id)
    for (const { rosters } of this.#pairs) rosters.get(id)?.tell(names)
  }

  #names(id: string): Names {
    return [...(this.#presences.get(id) ?? [])].filter(({ accepts }) => accepts).map(({ as }) => as)
  }

  /** A channel that the peer opened; left alone, it is refused. */
  #accept(pair: Pair, id: Buffer): void {
    const name = id.toString('hex', TOPIC_ID_BYTES + NONCE_BYTES)
    const presences = this.#presences.get(id.toString('hex', 0, TOPIC_ID_BYTES)) ?? []
    const presence = [...presences].find(({ as, accepts }) => accepts && as === name)
    if (presence === undefined || pair.channels >= limits.pairConnections) return
    presence.accept(new Connection(this.#open(pair, id)))
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

class NetworkPresence implements Presence {
  /** For whom we stand; `''` for ourselves. */
  readonly as: string
  readonly #network: Network
  readonly #topicId: string
  readonly #key: string
  readonly #joining: JoinOptions
  readonly #search: Search | undefined
  readonly #first: Promise<void>
  #destroyed = false

  constructor(
    network: Network,
    topicId: string,
    key: string,
    joining: JoinOptions,
    search: Search | undefined,
  ) {
    this.as = joining.as ?? ''
    this.#network = network
    this.#topicId = topicId
    this.#key = key
    this.#joining = joining
    this.#search = search
    const settled = search?.announced.then(() => search.settled()).then(() => network.settled(topicId))
    this.#first = settled === undefined ? Promise.resolve() : within(joining.signal, SETTLE_MS, settled)
  }

  get accepts(): boolean {
    return this.#joining.announce && !this.#destroyed
  }

  get address(): string | undefined {
    if (!this.#joining.announce) return undefined
    return this.as === '' ? this.#key : `${this.#key}/${this.as}`
  }

  async lookup(): Promise<string[]> {
    return this.#network.lookup(this.#topicId)
  }

  settled(): Promise<void> {
    return this.#first
  }

  dial(address: string, { signal }: DialOptions): Promise<Connection> {
    return this.#network.dial(address, this.#topicId, signal)
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
    this.#network.leave(this.#topicId, this)
    if (this.#search !== undefined) await within(NEVER, FAREWELL_MS, this.#search.destroy())
  }
}
