/** The channels of a gossip, one for each linked peer, and what makes some of them wait for others. */
import type { Duplex } from 'node:stream'
import { limits } from '../limits.ts'
import { Link } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import { Channel } from './channel.ts'
import { bound } from './mesh.ts'
import type { GossipNode } from './node.ts'

export class Channels {
  readonly #all = new Map<string, Channel>()
  readonly #banned = new Set<string>()
  /** How far our own messages had come to those who have left, the last to leave last. */
  readonly #departed = new Map<string, number>()
  readonly #node: GossipNode
  readonly #onframe: () => void
  readonly #onlost: () => void
  /** None is read on, because those we pass on to are slow. */
  #isHoldingBack = false
  #isPaused = false

  /**
   * @param onframe called when a frame was looked at
   * @param onlost called when a channel has ended
   */
  constructor(node: GossipNode, onframe: () => void, onlost: () => void) {
    this.#node = node
    this.#onframe = onframe
    this.#onlost = onlost
  }

  /** By peer. */
  get all(): ReadonlyMap<string, Channel> {
    return this.#all
  }

  /**
   * Opens the channel with a peer. The one that it had ends.
   * @returns whether it was opened: not with a peer that is banned
   */
  open(stream: Duplex, info: PeerInfo): boolean {
    const peer = info.id
    const link = new Link(stream)
    if (this.#banned.has(peer)) {
      link.destroy()
      return false
    }
    this.close(peer)
    const receive = (frame: Buffer) => {
      this.#node.receive(peer, frame)
      this.#onframe()
    }
    const channel = new Channel(link, info, receive, () => this.#mayReceive(peer))
    this.#all.set(peer, channel)
    link.once('close', () => {
      if (this.#all.get(peer) === channel) this.close(peer)
    })
    this.#node.peerUp(peer)
    return true
  }

  /** Ends the channel with a peer, where there is one. */
  close(peer: string): void {
    const channel = this.#all.get(peer)
    if (channel === undefined) return
    channel.link.destroy()
    this.#all.delete(peer)
    this.#departed.delete(peer)
    this.#departed.set(peer, this.#reachOf(channel))
    bound(this.#departed, limits.peers)
    this.#node.peerDown(peer)
    this.#onlost()
  }

  /** This peer is not to be linked again; of too many the first is forgiven. */
  ban(peer: string): void {
    this.#banned.add(peer)
    bound(this.#banned, limits.gossipBannedPeers)
    this.close(peer)
  }

  /** How many peers have our own messages up to `end`, those included who have left with them. */
  reached(end: number): number {
    let count = 0
    for (const channel of this.#all.values()) if (this.#reachOf(channel) >= end) count += 1
    for (const [peer, reach] of this.#departed) if (reach >= end && !this.#all.has(peer)) count += 1
    return count
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

  /** A link waits while we are told to, when it has had its share of a tick, or those we pass on to are slow. */
  #mayReceive(peer: string): boolean {
    if (this.#isFull) this.#isHoldingBack = true
    const isSated = (this.#node.mesh.all.get(peer)?.verified ?? 0) >= limits.gossipVerifiedFrames
    return !this.#isPaused && !this.#isHoldingBack && !isSated
  }

  /** How far our own messages have come to a peer: by what was handed to it, or by what it says. */
  #reachOf({ info, handed }: Channel): number {
    return Math.max(handed, this.#node.mesh.all.get(info.id)?.hasOfOurs ?? 0)
  }

  #someMember(holds: (channel: Channel) => boolean): boolean {
    for (const { id } of this.#node.mesh.members) {
      const channel = this.#all.get(id)
      if (channel !== undefined && holds(channel)) return true
    }
    return false
  }
}
