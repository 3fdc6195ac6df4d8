/** The receivers of one stream: who they are, how far each has come, and how far all have. */
import type { Outlet } from '../io/fan-out.ts'
import type { Connection } from '../protocol/connection.ts'
import type { Link } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Call } from './call.ts'
import { laggardOf } from './progress.ts'

/** `asked`: offered; `busy`: it will take it later; `taken`: its stream is open; then `confirmed`, or `failed`. */
export type Stage = 'asked' | 'busy' | 'taken' | 'confirmed' | 'failed'

export class Receiver {
  stage: Stage = 'asked'
  outlet: Outlet | undefined
  connection: Connection | undefined
  /** It can read the loan itself. */
  canBorrow = false
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

export class Receivers {
  readonly #receivers = new Map<string, Receiver>()

  get size(): number {
    return this.#receivers.size
  }

  add(receiver: Receiver): void {
    this.#receivers.set(receiver.info.id, receiver)
  }

  delete({ info }: Receiver): void {
    this.#receivers.delete(info.id)
  }

  get(id: string): Receiver | undefined {
    return this.#receivers.get(id)
  }

  of(outlet: Outlet): Receiver | undefined {
    return this.all().find((receiver) => receiver.outlet === outlet)
  }

  /** Those who are there now. */
  all(): Receiver[] {
    return [...this.#receivers.values()]
  }

  /** Of those who are there, those who are so far. */
  at(stage: Stage): Receiver[] {
    return this.all().filter((receiver) => receiver.stage === stage)
  }

  names(stage: Stage): string[] {
    return this.at(stage).map(({ info }) => info.name)
  }

  /** What the slowest has read of the loan, of those who have not failed. */
  get toldBytes(): number {
    const told = [...this.at('taken'), ...this.at('confirmed')].map(({ toldBytes }) => toldBytes)
    return told.length > 0 ? Math.min(...told) : 0
  }

  /** The name of the one that holds up the others. */
  laggard(isLent: boolean): string | undefined {
    const taken = this.at('taken')
    const most = Math.max(...taken.map(({ toldBytes }) => toldBytes))
    return laggardOf(
      taken.map(({ info, outlet, toldBytes }) => ({
        name: info.name,
        behindBytes: isLent ? most - toldBytes : (outlet?.pendingBytes ?? 0),
        stuckTicks: outlet?.stuckTicks ?? 0,
      })),
    )
  }
}
