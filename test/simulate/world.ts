/**
 * A world of gossip nodes without sockets, clocks or chance: the code of the library, with frames that
 * take rounds instead of time. The same seed gives the same world.
 *
 * A frame takes one round for each hop; the heartbeat of a node comes every ten rounds.
 */
import { createHash } from 'node:crypto'
import { Kind } from '../../src/gossip/envelope.ts'
import { GossipNode } from '../../src/gossip/node.ts'

export const FAULTS = ['none', 'loss', 'reorder', 'partition', 'churn', 'stopped'] as const
export type Fault = (typeof FAULTS)[number]

export interface Scenario {
  readonly peers: number
  readonly fault: Fault
  readonly seed: number
}

export interface Outcome {
  /** Messages given on, of those that were owed; a message is owed to who is there from the beginning to the end. */
  readonly reach: number
  /** Given on twice, or out of their author's order. Must be 0. */
  readonly wrong: number
  /** Rounds from publishing to delivery. */
  readonly median: number
  readonly p99: number
  readonly max: number
  /** Frames of messages received, for each delivery. */
  readonly redundancy: number
  /** Bytes sent for each message and peer, everything counted. */
  readonly bytes: number
}

const LINKS = 20
const TICK_ROUNDS = 10
const AUTHORS = 5
const MESSAGES = 40
const EVERY_ROUNDS = 3
const WARM_ROUNDS = 30
const SETTLE_ROUNDS = 150
const BODY_BYTES = 100
const LOSS = 0.1
const DELAY_ROUNDS_MAX = 6
const FAULT_ROUNDS = { from: WARM_ROUNDS + 20, to: WARM_ROUNDS + 90 }
const TOPIC = Buffer.alloc(32, 1)

/** mulberry32: a small generator with a period long enough. */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** In place of ed25519, which would be all that is measured: a digest that only this world makes. */
function sign(publicKey: Uint8Array, data: Uint8Array): Buffer {
  return createHash('sha512').update(publicKey).update(data).digest()
}

class Peer {
  readonly id: string
  readonly node: GossipNode
  readonly links = new Set<Peer>()
  readonly bornAt: number
  isAlive = true
  isStopped = false
  /** What came while it was stopped. */
  readonly waiting: { readonly from: Peer; readonly frame: Buffer }[] = []
  /** The next number expected of each author. */
  readonly next = new Map<string, number>()
  /** Messages that it has, by author and number. */
  readonly has = new Set<string>()

  constructor(world: World, id: string) {
    this.id = id
    this.bornAt = world.round
    const publicKey = createHash('sha256').update(`${world.seed} ${id}`).digest()
    const signer = { publicKey, sign: (data: Uint8Array) => sign(publicKey, data) }
    this.node = new GossipNode(
      {
        topic: TOPIC,
        signer,
        session: publicKey.subarray(0, 8),
        history: 0,
        verifierOf: (key) => (data, signature) => sign(key, data).equals(signature),
        random: world.random,
      },
      {
        send: (to, frame) => world.send(this, to, frame),
        ban: () => world.fail(),
        deliver: ({ key, item }) => world.delivered(this, key, item.seq),
        gap: () => {},
        equivocation: () => world.fail(),
      },
    )
  }
}

export class World {
  readonly seed: number
  readonly random: () => number
  round = 0
  readonly #fault: Fault
  readonly #peers = new Map<string, Peer>()
  /** Frames by the round in which they arrive. */
  readonly #arriving = new Map<number, { from: Peer; to: Peer; frame: Buffer }[]>()
  readonly #published = new Map<string, number>()
  readonly #latencies: number[] = []
  #names = 0
  #wrong = 0
  #deliveries = 0
  #frames = 0
  #bytes = 0

  constructor({ peers, fault, seed }: Scenario) {
    this.seed = seed
    this.#fault = fault
    this.random = generator(seed)
    for (let count = 0; count < peers; count++) this.#add()
    const all = [...this.#peers.values()]
    // A ring first, so that everyone can be reached.
    all.forEach((peer, index) => {
      this.#link(peer, all[(index + 1) % all.length])
    })
    for (const peer of all) this.#linkByChance(peer, all)
    for (const { node } of all) node.settle()
  }

  run(): Outcome {
    const authors = [...this.#peers.values()].slice(0, AUTHORS)
    const end = WARM_ROUNDS + MESSAGES * EVERY_ROUNDS + SETTLE_ROUNDS
    for (; this.round < end; this.round++) {
      this.#afflict(authors)
      const sent = (this.round - WARM_ROUNDS) / EVERY_ROUNDS
      if (Number.isInteger(sent) && sent >= 0 && sent < MESSAGES) this.#publish(authors[sent % AUTHORS])
      for (const { from, to, frame } of this.#arriving.get(this.round) ?? []) this.#receive(from, to, frame)
      this.#arriving.delete(this.round)
      let index = 0
      for (const peer of this.#peers.values()) {
        // Heartbeats are not all at once.
        index += 1
        if ((this.round + index) % TICK_ROUNDS === 0 && !peer.isStopped) peer.node.tick()
      }
    }
    return this.#outcome()
  }

  send(from: Peer, id: string, frame: Buffer): void {
    const to = this.#peers.get(id)
    if (to === undefined) return
    this.#bytes += frame.length + 5
    // Links do not lose what they carry; a channel that is too slow does.
    if (this.#fault === 'loss' && this.round >= WARM_ROUNDS && this.random() < LOSS) return
    const delay = this.#fault === 'reorder' ? 1 + Math.floor(this.random() * DELAY_ROUNDS_MAX) : 1
    const at = this.round + delay
    const list = this.#arriving.get(at) ?? []
    this.#arriving.set(at, list)
    list.push({ from, to, frame })
  }

  delivered(peer: Peer, key: string, seq: number): void {
    this.#deliveries += 1
    const published = this.#published.get(`${key} ${seq}`)
    const isInOrder = seq >= (peer.next.get(key) ?? 0)
    if (published === undefined || !isInOrder) return this.fail()
    peer.next.set(key, seq + 1)
    peer.has.add(`${key} ${seq}`)
    this.#latencies.push(this.round - published)
  }

  fail(): void {
    this.#wrong += 1
  }

  #add(): Peer {
    this.#names += 1
    const peer = new Peer(this, `${this.#names}`)
    this.#peers.set(peer.id, peer)
    return peer
  }

  #link(a: Peer, b: Peer | undefined): void {
    if (b === undefined || a === b || a.links.has(b)) return
    a.links.add(b)
    b.links.add(a)
    a.node.peerUp(b.id)
    b.node.peerUp(a.id)
  }

  #unlink(a: Peer, b: Peer): void {
    if (!a.links.delete(b)) return
    b.links.delete(a)
    a.node.peerDown(b.id)
    b.node.peerDown(a.id)
  }

  #linkByChance(peer: Peer, all: readonly Peer[]): void {
    for (let tries = 0; peer.links.size < Math.min(LINKS, all.length - 1) && tries < 10 * LINKS; tries++) {
      const other = all[Math.floor(this.random() * all.length)]
      if (other?.isAlive) this.#link(peer, other)
    }
  }

  #publish(author: Peer | undefined): void {
    if (author === undefined) return
    this.#published.set(`${author.node.key} ${author.node.seq}`, this.round)
    author.node.publish([{ kind: Kind.bytes, body: Buffer.alloc(BODY_BYTES) }], 0)
  }

  #receive(from: Peer, to: Peer, frame: Buffer): void {
    if (!to.isAlive || !to.links.has(from)) return
    if (to.isStopped) return void to.waiting.push({ from, frame })
    if (frame[0] === 1) this.#frames += 1
    to.node.receive(from.id, frame)
  }

  #afflict(authors: readonly Peer[]): void {
    const { from, to } = FAULT_ROUNDS
    if (this.#fault === 'partition') {
      const all = [...this.#peers.values()]
      const isLeft = (peer: Peer) => Number(peer.id) % 2 === 0
      if (this.round === from) {
        for (const peer of all)
          for (const other of peer.links) if (isLeft(peer) !== isLeft(other)) this.#unlink(peer, other)
      } else if (this.round === to) for (const peer of all) this.#linkByChance(peer, all)
    } else if (this.#fault === 'stopped' && (this.round === from || this.round === to)) {
      for (const peer of this.#peers.values()) {
        if (Number(peer.id) % 10 !== 0 || authors.includes(peer)) continue
        peer.isStopped = this.round === from
        if (!peer.isStopped)
          for (const { from: source, frame } of peer.waiting.splice(0)) this.#receive(source, peer, frame)
      }
    } else if (this.#fault === 'churn' && this.round >= from && this.round < to && this.round % 5 === 0) {
      this.#churn(authors)
    }
  }

  /** One peer in fifty dies, and as many others come. */
  #churn(authors: readonly Peer[]): void {
    const all = [...this.#peers.values()]
    const count = Math.ceil(all.length / 50)
    for (let done = 0; done < count; done++) {
      const dead = all[Math.floor(this.random() * all.length)]
      if (dead === undefined || !dead.isAlive || authors.includes(dead)) continue
      dead.isAlive = false
      for (const other of dead.links) this.#unlink(dead, other)
      this.#peers.delete(dead.id)
      const living = [...this.#peers.values()]
      const born = this.#add()
      this.#linkByChance(born, living)
      born.node.settle()
    }
  }

  #outcome(): Outcome {
    let owed = 0
    let had = 0
    for (const peer of this.#peers.values()) {
      for (const name of this.#published.keys()) {
        // Newcomers are owed what comes once they have settled: the tests of delivery see to that.
        if (name.startsWith(peer.node.key) || peer.bornAt > 0) continue
        owed += 1
        if (peer.has.has(name)) had += 1
      }
    }
    const sorted = this.#latencies.sort((a, b) => a - b)
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
    return {
      reach: had / owed,
      wrong: this.#wrong,
      median: at(0.5),
      p99: at(0.99),
      max: at(1),
      redundancy: this.#frames / this.#deliveries,
      bytes: this.#bytes / (this.#published.size * this.#peers.size),
    }
  }
}
