/** The channels of a gossip, one for each linked peer, and what makes some of them wait for others. */
import { limits } from '../limits.ts'
import type { Link } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import { Channel } from './channel.ts'

/** What the channels ask of whoever looks at what they bring. */
export interface Reading {
  receive(peer: string, frame: Buffer): void
  /** Whether it has had its share of this tick. */
  isSated(peer: string): boolean
  /** The peers that everything is pushed to. */
  members(): Iterable<{ readonly id: string }>
}

export class Channels {
  readonly #all = new Map<string, Channel>()
  readonly #banned = new Set<string>()
  readonly #reading: Reading
  /** None is read on, because those we pass on to are slow. */
  #isHoldingBack = false
  #isPaused = false

  constructor(reading: Reading) {
    this.#reading = reading
  }

  get size(): number {
    return this.#all.size
  }

  ids(): string[] {
    return [...this.#all.keys()]
  }

  values(): IterableIterator<Channel> {
    return this.#all.values()
  }

  get(peer: string): Channel | undefined {
    return this.#all.get(peer)
  }

  isBanned(peer: string): boolean {
    return this.#banned.has(peer)
  }

  /** @returns the channel with a peer that had none */
  open(link: Link, info: PeerInfo): Channel {
    const channel = new Channel(
      link,
      info,
      (frame) => this.#reading.receive(info.id, frame),
      () => this.#mayReceive(info.id),
    )
    this.#all.set(info.id, channel)
    return channel
  }

  /** @returns whether there was one */
  remove(peer: string): boolean {
    return this.#all.delete(peer)
  }

  /** This peer is not to be linked again; of too many the first is forgiven. */
  ban(peer: string): void {
    this.#banned.add(peer)
    for (const oldest of this.#banned) {
      if (this.#banned.size <= limits.gossipBannedPeers) break
      this.#banned.delete(oldest)
    }
  }

  /** Reads no more until `resume`. */
  pause(): void {
    this.#isPaused = true
    this.read()
  }

  resume(): void {
    this.#isPaused = false
    this.read()
  }

  /** Reads on wherever that may be. */
  read(): void {
    for (const channel of this.#all.values()) channel.read()
  }

  /** Reads on when those we pass on to are slow no longer. */
  release(): void {
    if (!this.#isHoldingBack || this.#isFull) return
    this.#isHoldingBack = false
    this.read()
  }

  /** What we publish is to wait. */
  get isHeldBack(): boolean {
    return this.#someMember(({ isSlow }) => isSlow)
  }

  /** What we would pass on waits, unread. */
  get #isFull(): boolean {
    return this.#someMember(({ isFull }) => isFull)
  }

  /** A link waits while we are told to, has had its share of a tick, or those we pass on to are slow. */
  #mayReceive(peer: string): boolean {
    if (this.#isFull) this.#isHoldingBack = true
    return !this.#isPaused && !this.#isHoldingBack && !this.#reading.isSated(peer)
  }

  #someMember(holds: (channel: Channel) => boolean): boolean {
    for (const { id } of this.#reading.members()) {
      const channel = this.#all.get(id)
      if (channel !== undefined && holds(channel)) return true
    }
    return false
  }
}
