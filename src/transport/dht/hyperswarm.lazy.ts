/**
 * The node of a program in the DHT: one for all its topics. Loaded when the network is asked for, for
 * what it imports is native, and may not be installed.
 *
 * Hyperswarm finds peers by discovery ids and keeps one encrypted connection with each.
 */
import type { Duplex } from 'node:stream'
import DHT from 'hyperdht'
import Hyperswarm from 'hyperswarm'
import { NEVER, within } from '../../abort.ts'
import { now } from '../../clock.ts'
import type { TopicKey } from '../../key.ts'
import { Connection } from '../../protocol/connection.ts'
import type { NodeOptions } from '../noise/keyed.ts'
import { type Connector, Network, type Search } from '../noise/network.ts'
import { NoiseDuplex } from '../noise/noise-duplex.ts'
import type { NoiseStream } from '../noise/proving.ts'
import type { JoinOptions } from '../transport.ts'
import type { RawJoining, RawTopic } from './raw-topic.ts'

export interface DhtNodeOptions extends NodeOptions {
  /** `HOST:PORT` of the first nodes; none: those of the public DHT. */
  readonly bootstrap: readonly string[] | undefined
}

/** Nobody was met in this time: if no node answers, or a peer does not, that is why. Before, an attempt may fail where all is well. */
const PATIENCE_MS = 4_000
/** Between two look-ups while peers may still come; each wait is longer than the one before. */
const LOOKUP_MS_MIN = 500
const LOOKUP_MS_MAX = 60_000
const LOOKUP_GROWTH = 1.5
/** However many are lost: look-ups do not begin anew more often than this. */
const HURRY_MS = 10_000
/** Two that dial each other do so within this. */
const NEW_MS = 300
/** The first announcement is waited for so long; it goes on after that. */
const ANNOUNCE_MS = 1_000

/** How a topic is looked for. */
type Looking = Pick<RawJoining, 'server' | 'client' | 'onwarning'>

const FIRST_NODES = 3
/** A network whose first nodes are all on loopback is on loopback. */
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|localhost):/

/** The network of peers anywhere. */
export function openNetwork(key: TopicKey, options: DhtNodeOptions): Network {
  return new Network(key, (meet) => new Node(options, meet))
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

/** A topic of Hyperswarm's as it is: whoever is on it, and the bytes that they say. */
export function openRaw(discovery: Buffer, joining: RawJoining, options: DhtNodeOptions): RawTopic {
  const node = new Node(options, async (stream) => {
    const id = Buffer.from(stream.remotePublicKey).toString('hex')
    const connection = new Connection(new NoiseDuplex(stream))
    if (joining.server && joining.client) await heardOrOld(connection.stream)
    if (!connection.destroyed) joining.onpeer({ id, connection })
  })
  const search = node.look(discovery, joining)
  return {
    id: node.address,
    announced: search.announced,
    settled: () => search.announced.then(() => search.settled()),
    destroy: () => node.destroy(),
  }
}

/**
 * Of two peers that dial each other Hyperswarm may end the connection that was there first, and what was said on it: a
 * new one is left alone until its peer speaks, or for a moment.
 */
async function heardOrOld(stream: Duplex): Promise<void> {
  let heard = () => {}
  const spoken = new Promise<void>((resolve) => {
    heard = resolve
    stream.once('readable', heard).once('close', heard)
  })
  await within(NEVER, NEW_MS, spoken)
  stream.off('readable', heard).off('close', heard)
}

class Node implements Connector {
  readonly address: string
  readonly #swarm: Hyperswarm

  constructor(
    { bootstrap, seed, maxPeers, firewall }: DhtNodeOptions,
    meet: (stream: NoiseStream) => unknown,
  ) {
    const keyPair = DHT.keyPair(seed)
    this.address = keyPair.publicKey.toString('hex')
    const onLoopback = bootstrap?.every((node) => LOOPBACK.test(node))
    const dht = new DHT({ ...(bootstrap && { bootstrap }), ...(onLoopback && { host: '127.0.0.1' }) })
    this.#swarm = new Hyperswarm({ dht, keyPair, maxPeers, firewall })
    this.#swarm.on('connection', meet)
  }

  look(discovery: Buffer, looking: Looking): LookUp {
    return new LookUp(this.#swarm, discovery, looking)
  }

  search(discovery: Buffer, { announce, onwarning, signal }: JoinOptions): Search {
    const look = this.look(discovery, { server: announce, client: true, onwarning })
    return {
      // Peers of this machine do not wait for the network.
      announced: within(signal, ANNOUNCE_MS, look.announced),
      settled: () => look.settled(),
      destroy: () => look.destroy(),
    }
  }

  async destroy(): Promise<void> {
    await this.#swarm.destroy({ force: true })
  }
}

class LookUp {
  readonly announced: Promise<unknown>
  readonly #swarm: Hyperswarm
  readonly #session
  readonly #patience: NodeJS.Timeout
  #waitMs = LOOKUP_MS_MIN
  #timer: NodeJS.Timeout | undefined
  #destroyed = false
  #hurriedAt = now()
  readonly #seeks: boolean
  /** Said once, to who has met nobody yet: somebody is there, and cannot be reached. Hyperswarm goes on trying, more and more seldom. */
  readonly #unreached: () => void

  constructor(swarm: Hyperswarm, discovery: Buffer, { server, client, onwarning }: Looking) {
    this.#swarm = swarm
    this.#session = swarm.join(discovery, { server, client })
    this.announced = this.#session.flushed().catch(() => {})
    this.#seeks = client
    if (client) this.#lookLater()
    swarm.on('connection', this.#attend)
    this.#patience = setTimeout(() => {
      // `bootstrapped` would only say that a node was asked.
      if (swarm.dht.toArray().length === 0) onwarning(SILENCE)
      swarm.on('update', this.#unreached)
      this.#unreached()
    }, PATIENCE_MS)
    this.#patience.unref()
    this.#unreached = () => {
      const failed = [...swarm.peers.values()].some(({ attempts, proven }) => attempts > 0 && !proven)
      if (!failed) return
      swarm.off('update', this.#unreached)
      onwarning(UNREACHED)
    }
  }

  settled(): Promise<unknown> {
    return this.#swarm.flush()
  }

  async destroy(): Promise<void> {
    this.#destroyed = true
    this.#swarm.off('connection', this.#attend)
    this.#swarm.off('update', this.#unreached)
    clearTimeout(this.#patience)
    clearTimeout(this.#timer)
    await this.#session.destroy()
  }

  readonly #attend = (stream: NoiseStream) => {
    clearTimeout(this.#patience)
    this.#swarm.off('update', this.#unreached)
    stream.on('close', () => this.#hurry())
  }

  /** Somebody was lost: Hyperswarm tries again after about 1, 5 and 15 s; if they are elsewhere, they are found. */
  #hurry(): void {
    if (this.#destroyed || !this.#seeks || now() - this.#hurriedAt < HURRY_MS) return
    this.#hurriedAt = now()
    this.#waitMs = LOOKUP_MS_MIN
    // Otherwise it looks at this moment, and waits as short afterwards.
    if (this.#timer !== undefined) this.#lookLater()
  }

  /** Hyperswarm looks every ten minutes; who has just come is found sooner. */
  #lookLater(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#timer = undefined
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
}

const SILENCE =
  'no answer from the network yet: check --bootstrap, and that UDP is let out; still trying, and peers of this machine are met meanwhile'
const UNREACHED =
  'somebody is on the topic, and refuses us or cannot be reached: check --allow and --deny at both ends; still trying'
