/**
 * The node of a program in the DHT: one for all its topics. Loaded when the network is asked for, for
 * what it imports is native, and may not be installed.
 *
 * Hyperswarm finds peers by discovery ids and keeps one encrypted connection with each. Who has proved
 * the topic key can be dialled on any topic: that opens a channel in the connection.
 */
import { randomBytes } from 'node:crypto'
import DHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'
import Protomux from 'protomux'
import { SwarmError } from '../../errors.ts'
import type { TopicKey } from '../../key.ts'
import { limits } from '../../limits.ts'
import { type Connection, DuplexConnection } from '../../protocol/connection.ts'
import type { Topic } from '../../topic.ts'
import type { JoinOptions, Presence } from '../transport.ts'
import { ChannelStream } from './channel.ts'
import { type NoiseStream, prove } from './proving.ts'

export interface NetworkOptions {
  readonly key: TopicKey
  /** `HOST:PORT` of the first nodes; none: those of the public DHT. */
  readonly bootstrap: readonly string[] | undefined
  /** Of our key pair. */
  readonly seed: Buffer | undefined
  readonly maxPeers: number
  /** True rejects a peer with this public key. */
  readonly firewall: (publicKey: Buffer) => boolean
}

const PROTOCOL = 'lswarm/1'
const TOPIC_ID_BYTES = 32
/** The first announcement and the first look-up are waited for so long; they go on after that. */
const ANNOUNCE_MS = 1_000
const SETTLE_MS = 5_000
/** No node has answered in this time: something is wrong. */
const SILENCE_MS = 4_000
/** Between two look-ups while peers may still come; each wait is longer than the one before. */
const LOOKUP_MS_MIN = 500
const LOOKUP_MS_MAX = 60_000
const LOOKUP_GROWTH = 1.5
/** What was said last is on its way for so long at most. */
const FAREWELL_MS = 1_000

const FIRST_NODES = 3
/** A network whose first nodes are all on loopback is on loopback. */
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost):/

/** The encrypted connection with a peer, proved. */
interface Pair {
  readonly stream: NoiseStream
  readonly mux: Protomux
  /** Streams open in it. */
  channels: number
}

/**
 * The first nodes of a private network, the first of them at this address. One alone does not do: it is
 * by the others that a newcomer learns how it is seen.
 */
export async function bootstrapNodes(host: string, port: number): Promise<() => Promise<void>> {
  const nodes = [DHT.bootstrapper(port, host, { host })]
  const destroy = async () => {
    await Promise.all(nodes.map((node) => node.destroy({ force: true })))
  }
  try {
    await nodes[0]?.fullyBootstrapped()
    while (nodes.length < FIRST_NODES) {
      const node = new DHT({ bootstrap: [`${host}:${port}`], ephemeral: false, firewalled: false, host })
      nodes.push(node)
      await node.fullyBootstrapped()
    }
    return destroy
  } catch (error) {
    await destroy()
    throw error
  }
}

export class Network {
  readonly #options: NetworkOptions
  readonly #auth: Buffer
  readonly #swarm: Hyperswarm
  /** By the peer's public key. */
  readonly #pairs = new Map<string, Pair>()
  readonly #proving = new Set<Promise<void>>()
  readonly #presences = new Map<string, NetworkPresence>()
  /** Our own address. */
  readonly address: string

  constructor(options: NetworkOptions) {
    this.#options = options
    this.#auth = options.key.auth()
    const keyPair = DHT.keyPair(options.seed)
    this.address = keyPair.publicKey.toString('hex')
    const { bootstrap, maxPeers, firewall } = options
    const onLoopback = bootstrap?.every((node) => LOOPBACK.test(node))
    const dht = new DHT({ ...(bootstrap && { bootstrap }), ...(onLoopback && { host: '127.0.0.1' }) })
    this.#swarm = new Hyperswarm({ dht, keyPair, maxPeers, firewall })
    this.#swarm.on('connection', (stream) => void this.#meet(stream))
  }

  /** True once a node has answered; `bootstrapped` only says that one was asked. */
  get isReached(): boolean {
    return this.#swarm.dht.toArray().length > 0
  }

  /** Resolves when we are announced, or soon: peers of this machine do not wait for the network. */
  async join(topic: Topic, joining: JoinOptions): Promise<Presence> {
    const { key } = this.#options
    const presence = new NetworkPresence(this, this.#swarm, key.discovery(topic), key.topicId(topic), joining)
    this.#presences.set(presence.id, presence)
    await within(ANNOUNCE_MS, presence.looked)
    return presence
  }

  leave(presence: NetworkPresence): void {
    if (this.#presences.get(presence.id) === presence) this.#presences.delete(presence.id)
  }

  addresses(): string[] {
    return [...this.#pairs.keys()]
  }

  /** Resolves when those that were found are connected and have proved the key, or have not. */
  async settled(): Promise<void> {
    await this.#swarm.flush()
    await Promise.all(this.#proving)
  }

  /** @throws SwarmError UNREACHABLE */
  async dial(address: string, topicId: string): Promise<Connection> {
    const pair = this.#pairs.get(address)
    if (pair === undefined) throw new SwarmError('UNREACHABLE', 'no connection with this peer')
    const id = Buffer.concat([Buffer.from(topicId, 'hex'), randomBytes(16)])
    const stream = this.#open(pair, id)
    const connection = new DuplexConnection(stream)
    if (await stream.opened()) return connection
    stream.destroy()
    throw new SwarmError('UNREACHABLE', 'the peer is not on this topic')
  }

  async destroy(): Promise<void> {
    const ends = [...this.#pairs.values()].map(
      ({ stream }) =>
        new Promise<void>((resolve) => {
          stream.on('close', resolve)
          stream.end()
        }),
    )
    await within(FAREWELL_MS, Promise.all(ends))
    await this.#swarm.destroy({ force: true })
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
    this.#pairs.set(address, pair)
    stream.on('close', () => {
      if (this.#pairs.get(address) === pair) this.#pairs.delete(address)
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

class NetworkPresence implements Presence {
  readonly id: string
  readonly #network: Network
  readonly #joining: JoinOptions
  readonly #session
  readonly #silence: NodeJS.Timeout
  /** The first announcement and look-up are done. */
  readonly looked: Promise<unknown>
  readonly #first: Promise<void>
  #waitMs = LOOKUP_MS_MIN
  #timer: NodeJS.Timeout | undefined
  #destroyed = false

  constructor(network: Network, swarm: Hyperswarm, discovery: Buffer, topicId: Buffer, joining: JoinOptions) {
    this.id = topicId.toString('hex')
    this.#network = network
    this.#joining = joining
    this.#session = swarm.join(discovery, { server: joining.announce, client: true })
    this.looked = this.#session.flushed()
    this.#first = within(
      SETTLE_MS,
      this.looked.then(() => network.settled()),
    )
    this.#silence = setTimeout(() => {
      if (!network.isReached) joining.onwarning(silence())
    }, SILENCE_MS)
    this.#silence.unref()
    this.#lookLater()
  }

  /** Hyperswarm looks every ten minutes; who has just come is found sooner. */
  #lookLater(): void {
    this.#timer = setTimeout(() => {
      this.#waitMs = Math.min(this.#waitMs * LOOKUP_GROWTH, LOOKUP_MS_MAX)
      this.#session
        .refresh()
        .catch(() => {})
        .finally(() => {
          if (!this.#destroyed) this.#lookLater()
        })
    }, this.#waitMs)
    this.#timer.unref()
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
    return this.#network.dial(address, this.id)
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
    clearTimeout(this.#silence)
    clearTimeout(this.#timer)
    this.#network.leave(this)
    await within(FAREWELL_MS, this.#session.destroy())
  }
}

function silence(): string {
  return 'no answer from the network yet: check --bootstrap, and that UDP is let out; still trying, and peers of this machine are met meanwhile'
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
