/** One receiver of a stream, as its sender knows it. */
import type { Outlet } from '../io/outlet.ts'
import type { Extent, Seat } from '../io/spool.ts'
import type { Connection } from '../protocol/connection.ts'
import type { Link } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Call } from './call.ts'

/** The number of the one stream of a `send`. */
export const STREAM = 1

/** `asked`: offered; `busy`: it will take it later; `taken`: its stream is open; then `confirmed`, or `failed`. */
export type Stage = 'asked' | 'busy' | 'taken' | 'confirmed' | 'failed'

export class Receiver {
  stage: Stage = 'asked'
  outlet: Outlet<Buffer | Extent> | undefined
  /** It reads the spool. */
  seat: Seat | undefined
  connection: Connection | undefined
  /** It can read the loan itself. */
  canBorrow = false
  /** A command has its end of the stream. */
  isHanded = false
  /** What it says that it has read of the loan. */
  toldBytes = 0
  reason = ''
  readonly link: Link
  readonly info: PeerInfo
  /** Set for a handler: it is called, and its exit status is its word. Others are made an offer, and confirm. */
  readonly call: Call | undefined

  constructor(link: Link, info: PeerInfo, call: Call | undefined) {
    this.link = link
    this.info = info
    this.call = call
  }

  /** It has said its last word on the stream. */
  get isSettled(): boolean {
    return this.stage === 'confirmed' || this.stage === 'failed'
  }
}
