/**
 * Catching up: a newcomer is owed what comes from now on, and the last so many messages of before, if
 * it wants them. Until all who were there have answered nothing is given on, for then it is known where
 * each session begins for us.
 */
import { limits } from '../limits.ts'
import { NOBODY, Operation, type Range } from './control.ts'
import type { Neighbour } from './mesh.ts'
import type { Order } from './order.ts'
import type { Session, Sessions } from './sessions.ts'
import type { Store } from './store.ts'

/** Neighbours that are asked for history. */
const ASKED_MAX = 3
const PATIENCE_TICKS = Math.ceil(limits.gossipGapMs / limits.gossipTickMs)

/** What a neighbour has said of the messages that it gives. */
interface Reply {
  ranges: readonly Range[]
  isComplete: boolean
}

export class CatchUp {
  readonly #wanted: number
  readonly #sessions: Sessions
  readonly #store: Store
  readonly #order: Order
  readonly #replies = new Map<Neighbour, Reply>()
  /** Neighbours that have not yet said all that they hold. */
  readonly #expected = new Set<Neighbour>()
  /** True while we are a newcomer. */
  isOn = true
  #isSettled = false
  #ticks = 0

  /** @param wanted messages of before, at most */
  constructor(wanted: number, sessions: Sessions, store: Store, order: Order) {
    this.#wanted = wanted
    this.#sessions = sessions
    this.#store = store
    this.#order = order
  }

  /** True while what comes is held until it is known where its session begins. */
  get isHolding(): boolean {
    return this.isOn && this.#wanted > 0
  }

  /** Somebody is linked: it will say what it holds, and may be asked for more. */
  met(neighbour: Neighbour): void {
    if (this.isOn) this.#expected.add(neighbour)
    if (!this.isOn || this.#wanted === 0 || this.#replies.size >= ASKED_MAX) return
    this.#replies.set(neighbour, { ranges: [], isComplete: false })
    neighbour.say(Operation.history, [{ key: NOBODY, from: 0, to: this.#wanted }])
  }

  /** It has said what it holds. */
  summarized(neighbour: Neighbour): void {
    if (this.#expected.delete(neighbour)) this.#check()
  }

  forget(neighbour: Neighbour): void {
    this.#expected.delete(neighbour)
    const reply = this.#replies.get(neighbour)
    if (reply !== undefined) reply.isComplete = true
    this.#check()
  }

  /** A session was heard of; while we catch up, all of it may still come. */
  begun(session: Session): void {
    if (!this.isHolding) return
    session.begin = session.next
    session.next = 0
  }

  /** A neighbour had come so far in this session when we were linked. */
  claimed(session: Session, to: number): void {
    if (this.isHolding) session.begin = Math.min(session.begin ?? to, to)
  }

  /** Gives the last messages to a newcomer. */
  serve(neighbour: Neighbour, [range]: readonly Range[]): void {
    if (range === undefined || neighbour.servedBytes > 0) return
    const batches = this.#store.last(range.to, limits.gossipServedBytes)
    const ranges = new Map<string, Range>()
    for (const { batch, from } of batches) {
      const known = ranges.get(batch.key)
      ranges.set(batch.key, {
        key: batch.key,
        from: Math.min(known?.from ?? from, from),
        to: Math.max(known?.to ?? 0, batch.first + batch.count),
      })
    }
    neighbour.say(Operation.recent, [...ranges.values()])
    for (const { batch } of batches) {
      neighbour.servedBytes += batch.frame.length
      neighbour.send(batch.frame)
    }
    neighbour.say(Operation.recent, [{ key: NOBODY, from: 0, to: 0 }])
  }

  /** The ranges of the messages that follow, or, with nobody's, that all have come. */
  recent(neighbour: Neighbour, ranges: readonly Range[]): void {
    const reply = this.#replies.get(neighbour)
    if (reply === undefined) return
    if (ranges[0]?.key === NOBODY) reply.isComplete = true
    else reply.ranges = [...reply.ranges, ...ranges].slice(0, limits.gossipSessions)
    this.#check()
  }

  /** All who were there are linked. */
  settle(): void {
    this.#isSettled = true
    this.#check()
  }

  tick(): void {
    if (!this.isOn || !this.#isSettled) return
    this.#ticks += 1
    if (this.#ticks >= PATIENCE_TICKS) this.finish()
  }

  #check(): void {
    const isComplete = [...this.#replies.values()].every((reply) => reply.isComplete)
    if (this.#isSettled && isComplete && this.#expected.size === 0) this.finish()
  }

  /** Decides where each session begins, and gives on what is there. */
  finish(): void {
    if (!this.isOn) return
    this.isOn = false
    const best = this.#best()
    this.#replies.clear()
    this.#expected.clear()
    for (const session of this.#sessions.all.values()) {
      if (session.begin === undefined) continue
      this.#order.begin(session, best.get(session.key) ?? session.begin)
      session.begin = undefined
    }
  }

  /** Where each session begins, by the neighbour that really gave most. */
  #best(): Map<string, number> {
    let best: readonly Range[] = []
    let most = 0
    for (const { ranges } of this.#replies.values()) {
      let count = 0
      for (const { key, from, to } of ranges) {
        for (const seq of this.#sessions.all.get(key)?.held.keys() ?? [])
          if (seq >= from && seq < to) count += 1
      }
      if (count > most) [best, most] = [ranges, count]
    }
    return new Map(best.map(({ key, from }) => [key, from]))
  }
}
