/** Order: what came before its turn is held, and given on in it; what never comes is given up. */
import { limits } from '../limits.ts'
import type { Range } from './control.ts'
import type { Held, Session } from './sessions.ts'

/** A message in its turn. */
export interface Delivery extends Held {
  readonly key: string
}

/** Receives the messages in order, and the gaps that are given up. */
export interface Receiver {
  deliver(delivery: Delivery): void
  gap(range: Range): void
}

export class Order {
  readonly #receiver: Receiver
  readonly #stats: { delivered: number; missed: number }
  /** Of all sessions. */
  #heldBytes = 0

  constructor(receiver: Receiver, stats: { delivered: number; missed: number }) {
    this.#receiver = receiver
    this.#stats = stats
  }

  /** More is held, of all sessions, than may be. */
  get isOverfull(): boolean {
    return this.#heldBytes > limits.gossipHeldBytes
  }

  /** Gives it on, or holds it until its turn; gives up what would have to be waited for too long. */
  take(session: Session, held: Held): void {
    if (held.item.seq === session.next) {
      this.#deliver(session, held)
      return this.#drain(session)
    }
    this.hold(session, held)
    const from = held.item.seq + 1 - limits.gossipWindowMessages
    if (from > session.next) this.giveUp(session, from)
    if (this.isOverfull) this.giveUp(session, session.lowestHeld ?? session.next)
  }

  /** Holds it, unless it was given up meanwhile to make room. */
  hold(session: Session, held: Held): void {
    if (session.knows(held.item.seq)) return
    session.held.set(held.item.seq, held)
    this.#heldBytes += held.item.record.length
  }

  /** Gives up what is missing below `to`, and gives on what was held for it. */
  giveUp(session: Session, to: number): void {
    for (const range of session.missing(to)) {
      this.#drain(session)
      this.#stats.missed += range.to - range.from
      this.#receiver.gap(range)
      session.next = range.to
    }
    this.#drain(session)
  }

  /** It is known where a session begins for us: what was held from before is not wanted. */
  begin(session: Session, next: number): void {
    for (const held of session.held.values()) if (held.item.seq < next) this.#release(session, held)
    session.next = next
    this.#drain(session)
  }

  /** A session is remembered no longer. */
  forget(session: Session): void {
    for (const held of session.held.values()) this.#release(session, held)
  }

  #drain(session: Session): void {
    while (session.held.size > 0) {
      const held = session.held.get(session.next)
      if (held === undefined) return
      this.#release(session, held)
      this.#deliver(session, held)
    }
  }

  #deliver(session: Session, held: Held): void {
    session.next += 1
    this.#stats.delivered += 1
    this.#receiver.deliver({ key: session.key, ...held })
  }

  #release(session: Session, { item }: Held): void {
    session.held.delete(item.seq)
    this.#heldBytes -= item.record.length
  }
}
