/** A person at a terminal: what `join` gives to a screen, and gets from its keys, in place of stdout and stdin. */
import type { Separator } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'

/** What was typed. */
export interface Utterance {
  readonly text: string
  /** The id of the one it is for; absent: everyone. */
  readonly to?: string
}

/** What a screen asks while it is open. */
export interface RoomFacts {
  readonly topic: string
  readonly name: string
  readonly id: string
  /** Ids of peers that are behind with what we said. */
  slow(): readonly string[]
}

export type OpenRoom = (facts: RoomFacts) => Promise<Room>

export interface Room {
  /** An author's lines. `from` is what ends each of them in `body`, which must not change any more. */
  said(info: PeerInfo, body: Buffer, from: Separator): void
  /** A peer came or went. */
  event(event: 'join' | 'leave', info: PeerInfo, reason: string): void
  /** We were too slow for this author. */
  missed(info: PeerInfo, lines: number): void
  /** An utterance was refused, or reached nobody. */
  notice(text: string): void
  /** The next thing typed; `undefined` when the person leaves. One call at a time. */
  next(): Promise<Utterance | undefined>
  /** Resolves when the person leaves; what was typed before is still to be taken. */
  readonly ended: Promise<void>
  /** Shows what is left, and gives the terminal back as it was. */
  close(): void
}
