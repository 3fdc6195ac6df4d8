/**
 * The mesh: the neighbours to whom messages are pushed, 6 to 12 of all. In it, a neighbour that hears an
 * author another way already chokes that author's messages here, and is told only what there is; so what
 * is pushed becomes a tree for each author, and the mesh is what it heals from.
 */
import { limits } from '../limits.ts'
import { encodeControl, Operation, type Range } from './control.ts'
import type { Session } from './sessions.ts'

/** Copies in a row that came too late before they are choked. */
const COPIES_MAX = 2
const TARGET = (limits.gossipMeshLinksMin + limits.gossipMeshLinksMax) >> 1
/** A neighbour that left the mesh is not asked again for so many ticks. */
const PATIENCE_TICKS = 8
const NEW_SESSIONS_EACH_TICK = 4

/** Another peer, linked with this one. */
export class Neighbour {
  readonly id: string
  readonly send: (frame: Buffer) => void
  isInMesh = false
  /** Sessions that it does not want pushed, … */
  readonly chokedByIt = new Set<string>()
  /** … and those that we told it not to push. */
  readonly chokedByUs = new Set<string>()
  /** Copies in a row that it pushed too late. */
  readonly copies = new Map<string, number>()
  /** How far it says it has come in each session; not believed before it is seen. */
  readonly claims = new Map<string, number>()
  /** How far it has our own messages, as it says. */
  hasOfOurs = 0
  /** Forged or malformed frames it sent. */
  invalid = 0
  /** Signatures checked for it in this tick. */
  verified = 0
  servedBytes = 0
  newSessions: number = limits.gossipNewSessions
  graftAfterTick = 0

  /** @param send sends it a frame */
  constructor(id: string, send: (frame: Buffer) => void) {
    this.id = id
    this.send = send
  }

  say(operation: number, ranges: readonly Range[] = []): void {
    for (const frame of encodeControl(operation, ranges)) this.send(frame)
  }

  /** It pushed what was here already, and is told to stop when it does so again and again. */
  copied(key: string): void {
    const copies = (this.copies.get(key) ?? 0) + 1
    if (copies < COPIES_MAX) return void this.copies.set(key, copies)
    this.copies.delete(key)
    this.chokedByUs.add(key)
    bound(this.chokedByUs, limits.gossipSessions)
    this.say(Operation.choke, [{ key, from: 0, to: 0 }])
  }

  unchoke(key: string): void {
    this.copies.delete(key)
    if (this.chokedByUs.delete(key)) this.say(Operation.unchoke, [{ key, from: 0, to: 0 }])
  }

  claim(key: string, to: number): void {
    this.claims.delete(key)
    this.claims.set(key, to)
    bound(this.claims, limits.gossipSessions)
  }

  /** It does not want this session pushed. */
  choke(key: string): void {
    this.chokedByIt.add(key)
    bound(this.chokedByIt, limits.gossipSessions)
  }

  renew(): void {
    this.verified = 0
    this.servedBytes = 0
    this.newSessions = Math.min(limits.gossipNewSessions, this.newSessions + NEW_SESSIONS_EACH_TICK)
  }
}

/** Keeps a set or a map within its bound: the first makes room. */
export function bound(collection: Set<string> | Map<string, unknown>, most: number): void {
  for (const first of collection.keys()) {
    if (collection.size <= most) return
    collection.delete(first)
  }
}

export class Mesh {
  readonly #send: (peer: string, frame: Buffer) => void
  readonly #random: () => number
  readonly #all = new Map<string, Neighbour>()
  readonly #members = new Set<Neighbour>()
  #tick = 0

  /** @param random from 0 to below 1 */
  constructor(send: (peer: string, frame: Buffer) => void, random: () => number) {
    this.#send = send
    this.#random = random
  }

  /** All neighbours, by id. */
  get all(): ReadonlyMap<string, Neighbour> {
    return this.#all
  }

  get members(): ReadonlySet<Neighbour> {
    return this.#members
  }

  add(id: string): Neighbour {
    const neighbour = new Neighbour(id, (frame) => this.#send(id, frame))
    this.#all.set(id, neighbour)
    if (this.#members.size < TARGET) this.#graft(neighbour)
    return neighbour
  }

  remove(neighbour: Neighbour): void {
    this.#all.delete(neighbour.id)
    this.#members.delete(neighbour)
  }

  /** Pushes a frame of this session to the mesh, but not back to where it came from. */
  push(frame: Buffer, key: string, source?: Neighbour): void {
    for (const neighbour of this.#members) {
      if (neighbour !== source && !neighbour.chokedByIt.has(key)) neighbour.send(frame)
    }
  }

  /** It asked us into its mesh. */
  grafted(neighbour: Neighbour): void {
    if (neighbour.isInMesh) return
    if (this.#members.size >= limits.gossipMeshLinksMax) return neighbour.say(Operation.prune)
    this.#join(neighbour)
  }

  /** It put us out of its mesh. */
  pruned(neighbour: Neighbour): void {
    neighbour.isInMesh = false
    neighbour.graftAfterTick = this.#tick + PATIENCE_TICKS
    this.#members.delete(neighbour)
  }

  /** Whether another neighbour brings a session: never all are told to stop, for what they had sent may have come first. */
  isSupplied({ supplier, key }: Session, neighbour: Neighbour): boolean {
    const other = this.#all.get(supplier)
    return other !== undefined && other !== neighbour && other.isInMesh && !other.chokedByUs.has(key)
  }

  /** Keeps the mesh within its bounds. */
  tick(): void {
    this.#tick += 1
    for (const neighbour of this.#all.values()) neighbour.renew()
    if (this.#members.size < limits.gossipMeshLinksMin && this.#members.size < this.#all.size) {
      const isWilling = (one: Neighbour) => !one.isInMesh && one.graftAfterTick <= this.#tick
      for (const neighbour of this.pick(TARGET - this.#members.size, isWilling)) this.#graft(neighbour)
    }
  }

  /** So many neighbours that are suitable, by chance. */
  pick(count: number, isSuitable: (neighbour: Neighbour) => boolean): Neighbour[] {
    const suitable = [...this.#all.values()].filter(isSuitable)
    const picked: Neighbour[] = []
    while (picked.length < count && suitable.length > 0)
      picked.push(...suitable.splice(Math.floor(this.#random() * suitable.length), 1))
    return picked
  }

  #graft(neighbour: Neighbour): void {
    this.#join(neighbour)
    neighbour.say(Operation.graft)
  }

  #join(neighbour: Neighbour): void {
    neighbour.isInMesh = true
    neighbour.chokedByIt.clear()
    neighbour.chokedByUs.clear()
    this.#members.add(neighbour)
  }
}
