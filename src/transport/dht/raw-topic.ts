/**
 * A topic of Hyperswarm's as any program uses it: its 32 bytes are what is looked up, and of a peer
 * nothing is known but its public key. No hello of ours, no proof, and no word that anything has arrived.
 */
import type { Connection } from '../../protocol/connection.ts'

/** Somebody on the topic. */
export interface RawPeer {
  /** Its public key, in hex. */
  readonly id: string
  readonly connection: Connection
}

export interface RawJoining {
  /** Announce the topic, … */
  readonly server: boolean
  /** … and look for who has. */
  readonly client: boolean
  readonly onpeer: (peer: RawPeer) => void
  /** Something a person should know, and can do something about. */
  readonly onwarning: (message: string) => void
}

/** Our part in it. */
export interface RawTopic {
  /** Our own public key, in hex. */
  readonly id: string
  /** Resolves when we can be found. */
  readonly announced: Promise<unknown>
  /** Resolves when those who were there are connected. */
  settled(): Promise<unknown>
  /** Ends all connections, too. */
  destroy(): Promise<void>
}
