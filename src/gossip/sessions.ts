/**
 * Sessions: one for each start of each author, with numbers of its own. Each remembers what has come,
 * and gives it on once, in the order of the numbers.
 */
import { limits } from '../limits.ts'
import type { Range } from './control.ts'
import type { Item } from './envelope.ts'
import type { Verify } from './key-pair.ts'

/** A message that came before its turn. */
export interface Held {
  readonly item: Item
  readonly time: number
  readonly from: string
}

export class Session {
  /** Author and session, in hex. */
  readonly key: string
  readonly verify: Verify
  /** The link that brought it. */
  readonly broughtBy: string
  /** The number whose turn it is; all below it have been given on, or given up. */
  next: number
  /** One past the highest number that has come. */
  highest: number
  /** What came before its turn, by number. */
  readonly held = new Map<number, Held>()
  /** Who pushed the last that was new. */
  supplier = ''
  /** Numbers with which the author signed two messages; only the first few are looked at. */
  readonly equivocations = new Set<number>()
  /** Where to begin when we have caught up, as neighbours say. */
  begin: number | undefined

  constructor(key: string, verify: Verify, broughtBy: string, next: number) {
    this.key = key
    this.verify = verify
    this.broughtBy = broughtBy
    this.next = next
    this.highest = next
  }

  knows(seq: number): boolean {
    return seq < this.next || this.held.has(seq)
  }

  /** The lowest number that is held; `undefined` where nothing is. */
  get lowestHeld(): number | undefined {
    let lowest: number | undefined
    for (const seq of this.held.keys()) if (lowest === undefined || seq < lowest) lowest = seq
    return lowest
  }

  /** The missing numbers below `to`, as ranges. */
  missing(to: number): Range[] {
    const ranges: Range[] = []
    let from = this.next
    for (const seq of [...this.held.keys()].filter((seq) => seq < to).sort((a, b) => a - b)) {
      if (seq > from) ranges.push({ key: this.key, from, to: seq })
      from = seq + 1
    }
    if (to > from) ranges.push({ key: this.key, from, to })
    return ranges
  }
}

/** The sessions that are remembered, the least recent first. */
export class Sessions {
  readonly #all = new Map<string, Session>()
  readonly #broughtBy = new Map<string, number>()

  /** By key, the least recent first. */
  get all(): ReadonlyMap<string, Session> {
    return this.#all
  }

  /** What is held of each, as far as all before it came, too. */
  held(): Range[] {
    return [...this.#all.values()]
      .filter(({ next }) => next > 0)
      .map(({ key, next }) => ({ key, from: 0, to: next }))
  }

  /**
   * Keeps a session. Where there is no room, the least recent that came from the same link as most
   * others makes it: who invents authors pushes out its own.
   * @returns the one that was forgotten
   */
  add(session: Session): Session | undefined {
    this.#all.set(session.key, session)
    this.#broughtBy.set(session.broughtBy, (this.#broughtBy.get(session.broughtBy) ?? 0) + 1)
    if (this.#all.size <= limits.gossipSessions) return undefined
    let most = ''
    for (const [peer, count] of this.#broughtBy) if (count > (this.#broughtBy.get(most) ?? 0)) most = peer
    for (const old of this.#all.values()) {
      if (old.broughtBy === most && old !== session) return this.#remove(old)
    }
    return this.#remove(session)
  }

  /** This one was heard of just now. */
  touch(session: Session): void {
    if (!this.#all.delete(session.key)) return
    this.#all.set(session.key, session)
  }

  #remove(session: Session): Session {
    this.#all.delete(session.key)
    const count = (this.#broughtBy.get(session.broughtBy) ?? 1) - 1
    if (count === 0) this.#broughtBy.delete(session.broughtBy)
    else this.#broughtBy.set(session.broughtBy, count)
    return session
  }
}
