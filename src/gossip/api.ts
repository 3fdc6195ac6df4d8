/** What programs give to a gossip, and get from it. */
import { isCount, isFunction, isObject } from '../check-options.ts'
import { limits } from '../limits.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Datagrams } from '../transport/endpoint/datagrams.ts'
import type { Signer } from './key-pair.ts'
import type { GossipMessage } from './message.ts'

export interface GossipOptions {
  /** Who signs. Default: a fresh `KeyPair`. */
  readonly keyPair?: Signer | undefined
  /**
   * Milliseconds in which messages are gathered under one signature. Default 0: those of one turn of
   * the event loop. -1: until `gossip()` is called.
   */
  readonly interval?: number | undefined
  /** Datagrams, beside the swarm: what they bring is taken, and what is published goes out by them, too. */
  readonly datagrams?: Datagrams | undefined
  /** Messages of before we came that are wanted, at most. Default 0. */
  readonly history?: number | undefined
  /** Asked about each author, by public key in hex: false hides its messages here. They are passed on all the same. */
  readonly accept?: ((author: string) => boolean) | undefined
}

/** Numbers of one author's session that never came: `from` to before `to`. */
export interface GossipGap {
  readonly author: string
  readonly session: string
  readonly from: number
  readonly to: number
}

export interface GossipEvents {
  /** A verified message of somebody else: once, and in its author's order. */
  message: [message: GossipMessage]
  /** The first peer is there. Once. */
  connected: [info: PeerInfo]
  /** Messages are missing, nobody has them, and they are given up. */
  gap: [gap: GossipGap]
  /** An author signed two messages with one number; the first was kept. */
  equivocation: [kept: GossipMessage, other: GossipMessage]
  /** A peer sent forged or malformed frames, and is not linked again. */
  ban: [info: PeerInfo, reason: string]
  /** Left: nothing comes any more. */
  close: []
}

/** What a message is called once it is published. */
export interface Published {
  readonly session: string
  readonly seq: number
}

/** The counters of a gossip. */
export const NOTHING_COUNTED = {
  /** Messages given on, each once. */
  delivered: 0,
  /** Frames that brought nothing new. */
  copies: 0,
  /** Frames whose signature is not the author's, … */
  forged: 0,
  /** … or that nobody could have meant. */
  malformed: 0,
  /** Signed messages with numbers too far ahead to be believed. */
  quarantined: 0,
  /** Messages of unknown authors beyond what their link may bring. */
  strangers: 0,
  /** Datagrams that came faster than they are looked at. */
  overrun: 0,
  /** Messages given up. */
  missed: 0,
}
export type GossipStats = typeof NOTHING_COUNTED

/** How each is checked. */
export const GOSSIP_OPTIONS = {
  keyPair: (signer: unknown) =>
    typeof signer === 'object' && signer !== null && 'publicKey' in signer && 'sign' in signer
      ? undefined
      : 'a signer: a public key, and what signs',
  history: isCount(0, limits.gossipHistoryMessages),
  interval: isCount(-1),
  datagrams: isObject,
  accept: isFunction,
}
