/** Repair: what is missing is asked for from neighbours, and given to those who ask. */
import { limits } from '../limits.ts'
import { Operation, type Range } from './control.ts'
import type { Mesh, Neighbour } from './mesh.ts'
import type { Order } from './order.ts'
import type { Session, Sessions } from './sessions.ts'
import type { Store } from './store.ts'

const GAP_TICKS = Math.ceil(limits.gossipGapMs / limits.gossipTickMs)
/** What is new is announced for so many ticks: an announcement may be dropped too. */
const NEWS_TICKS = 4
const RANGES_ASKED_MAX = 64

/** How a session gets on of which something is missing. */
interface Lag {
  /** Its `next` at the last tick, … */
  nextAtTick: number
  /** … ticks in which that did not move, … */
  stuckTicks: number
  /** … and whether what is missing has been asked for. */
  isAsking: boolean
}

export class Repair {
  readonly #mesh: Mesh
  readonly #store: Store
  readonly #sessions: Sessions
  readonly #order: Order
  /** Sessions of which something is missing, or said to be. */
  readonly #behind = new Map<Session, Lag>()
  /** Sessions with news, and for how many ticks they are news still. */
  readonly #news = new Map<Session, number>()

  constructor(mesh: Mesh, sessions: Sessions, store: Store, order: Order) {
    this.#mesh = mesh
    this.#sessions = sessions
    this.#store = store
    this.#order = order
  }

  /** Something came, or was published. */
  changed(session: Session): void {
    this.#news.set(session, NEWS_TICKS)
  }

  /** Something is missing, or a neighbour says so. */
  behind(session: Session): void {
    if (!this.#behind.has(session))
      this.#behind.set(session, { nextAtTick: -1, stuckTicks: 0, isAsking: false })
  }

  /** A session was forgotten. */
  forget(session: Session): void {
    this.#behind.delete(session)
    this.#news.delete(session)
  }

  /** A neighbour pushes no more: those that it was the supplier of are to come another way. */
  lost(neighbour: Neighbour): void {
    for (const session of this.#sessions.all.values()) {
      if (session.supplier !== neighbour.id) continue
      session.supplier = ''
      for (const other of this.#mesh.members) other.unchoke(session.key)
    }
  }

  tick(): void {
    for (const [session, lag] of this.#behind) this.#look(session, lag)
    this.#announce()
  }

  #look(session: Session, lag: Lag): void {
    const claimed = this.#claimed(session)
    if (session.held.size === 0 && claimed <= session.next) return void this.#behind.delete(session)
    lag.stuckTicks = session.next === lag.nextAtTick ? lag.stuckTicks + 1 : 0
    lag.nextAtTick = session.next
    if (lag.stuckTicks < GAP_TICKS) {
      // A message that is missing for less than a tick may still arrive.
      lag.isAsking ||= lag.stuckTicks >= 1
      if (lag.isAsking) this.#ask(session, claimed)
    } else {
      lag.stuckTicks = 0
      lag.isAsking = false
      this.#despair(session)
    }
  }

  /** How far the neighbours say they have come. */
  #claimed({ key }: Session): number {
    let claimed = 0
    for (const { claims } of this.#mesh.all.values()) claimed = Math.max(claimed, claims.get(key) ?? 0)
    return claimed
  }

  /** What a later message proves to be missing is a gap; what was only claimed was perhaps never there. */
  #despair(session: Session): void {
    const { lowestHeld } = session
    if (lowestHeld !== undefined) this.#order.giveUp(session, lowestHeld)
    else for (const { claims } of this.#mesh.all.values()) claims.delete(session.key)
  }

  #ask(session: Session, claimed: number): void {
    const { key, next, lowestHeld } = session
    const missing = session.missing(Math.max(claimed, lowestHeld ?? 0)).slice(0, RANGES_ASKED_MAX)
    const claimants = this.#mesh.pick(1, ({ claims }) => (claims.get(key) ?? 0) > next)
    const [neighbour] = claimants.length > 0 ? claimants : this.#mesh.pick(1, () => true)
    if (neighbour === undefined || missing.length === 0) return
    neighbour.unchoke(key)
    neighbour.say(Operation.want, missing)
  }

  /** Gives a neighbour what it asks for, up to its share of a tick; it will ask for the rest. */
  serve(neighbour: Neighbour, wanted: readonly Range[]): void {
    const lacking: Range[] = []
    for (const { key, from, to } of wanted.slice(0, RANGES_ASKED_MAX)) {
      const { frames, found } = this.#store.range(key, from, Math.min(to, from + limits.gossipWindowMessages))
      for (const frame of frames) {
        if (neighbour.servedBytes > limits.gossipServedBytes) return
        neighbour.servedBytes += frame.length
        neighbour.send(frame)
      }
      if (!found.has(from)) lacking.push({ key, from, to })
    }
    if (lacking.length > 0) neighbour.say(Operation.lack, lacking)
  }

  /** Tells what there is to those to whom it was not pushed, and at last to all of the mesh. */
  #announce(): void {
    if (this.#news.size === 0) return
    const beyond = this.#mesh.pick(limits.gossipLazyLinks, ({ isInMesh }) => !isInMesh)
    for (const neighbour of [...this.#mesh.members, ...beyond]) {
      const ranges: Range[] = []
      for (const [{ key, next }, ticks] of this.#news) {
        if (ticks > 1 && neighbour.isInMesh && !neighbour.chokedByIt.has(key)) continue
        ranges.push({ key, from: 0, to: next })
      }
      if (ranges.length > 0) neighbour.say(Operation.have, ranges)
    }
    for (const [session, ticks] of this.#news) {
      if (ticks > 1) this.#news.set(session, ticks - 1)
      else this.#news.delete(session)
    }
  }
}
