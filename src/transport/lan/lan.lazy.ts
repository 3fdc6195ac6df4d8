/** The local network: peers that multicast DNS hints at, or that were named, over TCP. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { pause } from '../../abort.ts'
import { reasonOf, SwarmError, systemCode } from '../../errors.ts'
import type { TopicKey } from '../../key.ts'
import { limits } from '../../limits.ts'
import { Slots } from '../../slots.ts'
import { connected } from '../noise/connected.ts'
import type { NodeOptions } from '../noise/keyed.ts'
import { type Connector, Network, type Search } from '../noise/network.ts'
import type { Place } from '../noise/place.ts'
import type { NoiseStream } from '../noise/proving.ts'
import { Sockets } from '../noise/sockets.ts'
import type { Target } from '../noise/target.ts'
import type { JoinOptions } from '../transport.ts'
import { Adverts, type Hint, type Publication } from './adverts.ts'

export interface LanNodeOptions extends NodeOptions {
  /** TCP port to listen at; 0 for any that is free. */
  readonly port: number
  /** `HOST:PORT` of peers that need not be found. */
  readonly peers: readonly Place[]
}

/** Where one may say to be: on some interfaces, by IPv4 and IPv6. */
const PLACES_MAX = 4
/** One who is not there any more is tried again after these waits, then only when it is heard of again. */
const HINT_WAITS_MS = [250, 1_000, 5_000, 15_000]
const HINT_RETRIES = 6
/** One who was named is never given up. */
const PEER_WAITS_MS = [250, 500, 1_000, 2_000, 5_000, 15_000, 30_000]
const CONNECT_MS = 4_000
/** Of two that hear of each other, one dials, and the other so much later if nothing came. */
const YIELD_MS = 400
/** Those who are there answer within this. */
const ANSWER_MS = 300

/** The network of peers nearby. */
export function openNetwork(key: TopicKey, options: LanNodeOptions): Network {
  return new Network(key, (meet) => new LanNode(options, meet))
}

class LanNode implements Connector {
  readonly address: string
  readonly #sockets: Sockets
  readonly #named: readonly Target[]
  readonly #port: number
  #listening: Promise<number> | undefined
  #adverts: Adverts | undefined

  constructor(options: LanNodeOptions, meet: (stream: NoiseStream) => void) {
    this.#sockets = new Sockets(options, meet)
    this.address = this.#sockets.address
    this.#port = options.port
    this.#named = options.peers.map((place) =>
      this.#sockets.target((signal) => open(place, signal), { waitsMs: PEER_WAITS_MS }),
    )
  }

  search(discovery: Buffer, joining: JoinOptions): Search {
    this.#adverts ??= new Adverts(joining.onwarning)
    this.#listening ??= this.#listen().catch((error: unknown) => {
      // The next look tries again.
      this.#listening = undefined
      throw error
    })
    return new Watch(this.#sockets, this.#adverts, this.#listening, this.#named, discovery, joining)
  }

  async #listen(): Promise<number> {
    const server = await listen(this.#port, (socket) => this.#sockets.accept(socket))
    this.#sockets.serve(server)
    const at = server.address()
    return typeof at === 'object' && at !== null ? at.port : 0
  }

  async destroy(): Promise<void> {
    await this.#listening?.catch(() => {})
    await this.#sockets.destroy()
    await this.#adverts?.destroy()
  }
}

/** One topic: our advert, and the hints of others. */
class Watch implements Search {
  readonly announced: Promise<void>
  readonly #signal: AbortSignal
  readonly #sockets: Sockets
  readonly #named: readonly Target[]
  readonly #discovery: Buffer
  readonly #instance: string
  /** By instance; its places, the last that was heard of first. */
  readonly #hints = new Map<string, Hint[]>()
  readonly #targets = new Map<string, Target>()
  readonly #slots = new Slots(limits.hintDialsPending)
  #publication: Publication | undefined
  readonly #hurry = () => this.#publication?.hurry()
  #destroyed = false

  constructor(
    sockets: Sockets,
    adverts: Adverts,
    listening: Promise<number>,
    named: readonly Target[],
    discovery: Buffer,
    { announce, signal }: JoinOptions,
  ) {
    this.#signal = signal
    this.#sockets = sockets
    this.#named = named
    this.#discovery = discovery
    this.#instance = this.#instanceOf(sockets.address)
    this.announced = listening.then((port) => {
      if (this.#destroyed) return
      sockets.onlost.add(this.#hurry)
      this.#publication = adverts.publish({
        label: discovery.toString('hex', 0, 16),
        own: announce ? { instance: this.#instance, port } : undefined,
        onhint: (hint) => this.#follow(hint),
      })
    })
  }

  async settled(): Promise<void> {
    await pause(this.#signal, ANSWER_MS)
    await Promise.all([...this.#named, ...this.#targets.values()].map(({ tried }) => tried))
  }

  async destroy(): Promise<void> {
    this.#destroyed = true
    this.#sockets.onlost.delete(this.#hurry)
    this.#publication?.end()
    for (const target of this.#targets.values()) target.destroy()
  }

  /** What the owner of a public key calls itself on this topic: nobody else can tell two topics' as one. */
  #instanceOf(publicKey: string): string {
    return createHash('sha256').update(this.#discovery).update(publicKey).digest('hex').slice(0, 32)
  }

  #isConnected(instance: string): boolean {
    return [...this.#sockets.connected.keys()].some((key) => this.#instanceOf(key) === instance)
  }

  #follow(hint: Hint): void {
    const { instance } = hint
    const known = this.#hints.get(instance) ?? []
    const others = known.filter(({ host, port }) => host !== hint.host || port !== hint.port)
    if (known.length === 0 && this.#hints.size >= limits.hintedPeers && !this.#evict()) return
    this.#hints.set(instance, [hint, ...others].slice(0, PLACES_MAX))
    const there = this.#targets.get(instance)
    if (there !== undefined) return there.nudge()
    const retrying = { waitsMs: HINT_WAITS_MS, maxRetries: HINT_RETRIES }
    const target = this.#sockets.target(this.#dialler(instance), retrying, this.#slots)
    this.#targets.set(instance, target)
    target.ended.finally(() => {
      if (this.#targets.get(instance) !== target) return
      this.#targets.delete(instance)
      this.#hints.delete(instance)
    })
  }

  /** Dials an instance at one of its places after the other. */
  #dialler(instance: string): (signal: AbortSignal) => Promise<Duplex> {
    let tries = 0
    return async (signal) => {
      if (tries === 0 && instance < this.#instance) await pause(signal, YIELD_MS)
      const places = this.#hints.get(instance) ?? []
      const place = places[tries++ % Math.max(places.length, 1)]
      if (place === undefined || this.#isConnected(instance))
        throw new SwarmError('UNREACHABLE', 'there is nothing to dial')
      return open(place, signal)
    }
  }

  /** Makes room among the hints, where one has led to nobody. */
  #evict(): boolean {
    const idle = [...this.#targets].find(([, target]) => !target.isConnected)
    if (idle === undefined) return false
    const [instance, target] = idle
    target.destroy()
    this.#targets.delete(instance)
    this.#hints.delete(instance)
    return true
  }
}

function open({ host, port }: Place, signal: AbortSignal): Promise<Duplex> {
  return connected(connect({ host, port, noDelay: true }), 'connect', CONNECT_MS, signal)
}

/**
 * Listens on all addresses, of IPv6 and IPv4, or of IPv4 where there is nothing else.
 * @throws SwarmError NETWORK
 */
async function listen(port: number, onsocket: (socket: Duplex) => void): Promise<Server> {
  try {
    return await listenAt('::', port, onsocket).catch((error: unknown) => {
      if (!['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes(systemCode(error))) throw error
      return listenAt('0.0.0.0', port, onsocket)
    })
  } catch (error) {
    throw new SwarmError('NETWORK', `cannot listen at TCP port ${port}: ${reasonOf(error)}`, error)
  }
}

async function listenAt(host: string, port: number, onsocket: (socket: Duplex) => void): Promise<Server> {
  const server = createServer({ noDelay: true }, onsocket).listen({ host, port })
  await once(server, 'listening')
  return server
}
