/**
 * One peer's part in the gossip of a topic: what comes in, what goes out, and nothing else. It has no
 * sockets and no clock, so that the simulator runs the very same code as the library.
 */
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import { type GossipStats, NOTHING_COUNTED } from './api.ts'
import { CatchUp } from './catch-up.ts'
import { type Conflict, conflictsOf } from './conflict.ts'
import { type Control, decodeControl, encodeSummary, Operation, RANGES_MAX, type Range } from './control.ts'
import {
  BATCH,
  type Batch,
  decodeBatch,
  type Entry,
  type Head,
  isGenuine,
  readHead,
  seal,
} from './envelope.ts'
import type { Signer, Verify } from './key-pair.ts'
import { Mesh, Neighbour } from './mesh.ts'
import { namesOf } from './message.ts'
import { Order, type Receiver } from './order.ts'
import { Repair } from './repair.ts'
import { type Held, Session, Sessions } from './sessions.ts'
import { Store } from './store.ts'

/** What a node does to the world. */
export interface Ports extends Receiver {
  /** Sends a frame, or drops it where the link is too slow: what is missed will be asked for. */
  send(peer: string, frame: Buffer): void
  /** Ends a link for good. */
  ban(peer: string, reason: string): void
  equivocation(conflict: Conflict): void
}

export interface NodeOptions {
  readonly topic: Uint8Array
  readonly signer: Signer
  /** 8 random bytes, new for each start. */
  readonly session: Uint8Array
  /** Messages of before we came that are wanted. */
  readonly history: number
  /** What checks an author's signatures; `undefined` for a key that is none. */
  readonly verifierOf: (publicKey: Uint8Array) => Verify | undefined
  /** From 0 to below 1. */
  readonly random: () => number
}

export class GossipNode {
  readonly stats: GossipStats = { ...NOTHING_COUNTED }
  readonly mesh: Mesh
  readonly store = new Store()
  readonly sessions = new Sessions()
  readonly #options: NodeOptions
  readonly #ports: Ports
  readonly #order: Order
  readonly #repair: Repair
  readonly #catchUp: CatchUp
  /** Our own session. */
  readonly #own: Session
  /** Stands for whoever sends datagrams. */
  readonly #air = new Neighbour('datagrams', () => {})

  constructor(options: NodeOptions, ports: Ports) {
    this.#options = options
    this.#ports = ports
    this.mesh = new Mesh((peer, frame) => ports.send(peer, frame), options.random)
    const key = Buffer.concat([options.signer.publicKey, options.session]).toString('hex')
    this.#own = new Session(key, () => false, '', 0)
    this.sessions.add(this.#own)
    this.#order = new Order(ports, this.stats)
    this.#repair = new Repair(this.mesh, this.sessions, this.store, this.#order)
    this.#catchUp = new CatchUp(options.history, this.sessions, this.store, this.#order)
  }

  /** Author and session of what we publish, in hex. */
  get key(): string {
    return this.#own.key
  }

  /** The number that the next message published will have. */
  get seq(): number {
    return this.#own.next
  }

  /** A peer is linked. */
  peerUp(peer: string): void {
    const neighbour = this.mesh.add(peer)
    this.summarize(peer, Operation.summary)
    this.#catchUp.met(neighbour)
  }

  peerDown(peer: string): void {
    const neighbour = this.mesh.all.get(peer)
    if (neighbour === undefined) return
    this.mesh.remove(neighbour)
    this.#catchUp.forget(neighbour)
    this.#repair.lost(neighbour)
  }

  /** All who were there are linked and have said what they hold: from here on nothing is missed unnoticed. */
  settle(): void {
    this.#catchUp.settle()
  }

  /** No longer a newcomer. */
  get isSettled(): boolean {
    return !this.#catchUp.isOn
  }

  /** Everything held, told to one peer: what was dropped on its way to it, it can ask for. */
  summarize(peer: string, operation: number = Operation.have): void {
    for (const frame of encodeSummary(operation, this.sessions.held())) this.#ports.send(peer, frame)
  }

  /** Signs these messages as one batch and pushes it to the mesh. Returns the frame. */
  publish(entries: readonly Entry[], time: number): Buffer {
    const { signer, topic, session } = this.#options
    const batch = seal(entries, signer, { topic, session, first: this.#own.next, time })
    this.#own.next += entries.length
    this.#own.highest = this.#own.next
    this.store.add(batch)
    this.#repair.changed(this.#own)
    this.mesh.push(batch.frame, batch.key)
    return batch.frame
  }

  /** A frame came. Its buffer is not kept. */
  receive(peer: string, frame: Buffer): void {
    const neighbour = this.mesh.all.get(peer)
    if (neighbour !== undefined) this.#take(neighbour, frame)
  }

  /**
   * A datagram brought these messages, and anybody may have sent it, now or once more: nobody is blamed
   * for what it is, and nobody can be asked for what came before it.
   */
  hear(frame: Buffer): void {
    if (frame[0] !== BATCH) this.stats.malformed += 1
    else if (this.#air.verified >= limits.gossipDatagramFrames) this.stats.overrun += 1
    else this.#take(this.#air, frame)
  }

  /** The heartbeat. */
  tick(): void {
    this.#air.renew()
    this.mesh.tick()
    this.#catchUp.tick()
    if (!this.#catchUp.isHolding) this.#repair.tick()
  }

  #take(neighbour: Neighbour, frame: Buffer): void {
    try {
      if (frame[0] === BATCH) this.#takeBatch(neighbour, frame)
      else if ((frame[0] ?? 0) <= Operation.recent) this.#takeControl(neighbour, decodeControl(frame))
    } catch (error) {
      if (!(error instanceof SwarmError)) throw error
      this.stats.malformed += 1
      this.#blame(neighbour, error.message)
    }
  }

  #blame(neighbour: Neighbour, reason: string): void {
    if (neighbour === this.#air) return
    neighbour.invalid += 1
    if (neighbour.invalid >= limits.gossipInvalidFrames) this.#ports.ban(neighbour.id, reason)
  }

  #takeControl(neighbour: Neighbour, { operation, ranges }: Control): void {
    if (operation === Operation.graft) this.mesh.grafted(neighbour)
    else if (operation === Operation.prune) {
      this.mesh.pruned(neighbour)
      this.#repair.lost(neighbour)
    } else if (operation === Operation.want) this.#repair.serve(neighbour, ranges)
    else if (operation === Operation.history) this.#catchUp.serve(neighbour, ranges)
    else if (operation === Operation.recent) this.#catchUp.recent(neighbour, ranges)
    else
      for (const range of ranges) {
        if (operation === Operation.choke) neighbour.choke(range.key)
        else if (operation === Operation.unchoke) neighbour.chokedByIt.delete(range.key)
        else if (operation === Operation.lack) neighbour.claims.delete(range.key)
        else this.#takeClaim(neighbour, operation, range)
      }
    if (operation === Operation.summary && ranges.length < RANGES_MAX) this.#catchUp.summarized(neighbour)
  }

  /** A neighbour says that it holds a session up to a number. */
  #takeClaim(neighbour: Neighbour, operation: number, { key, to }: Range): void {
    const session = this.sessions.all.get(key) ?? this.#meet(neighbour, key, this.#catchUp.isOn ? to : 0, to)
    if (session === undefined) return
    if (session === this.#own) {
      neighbour.hasOfOurs = Math.max(neighbour.hasOfOurs, to)
      return
    }
    if (operation === Operation.summary) this.#catchUp.claimed(session, to)
    if (to > session.next) {
      neighbour.claim(key, to)
      this.#repair.behind(session)
    }
  }

  #verifierOf(key: string): Verify | undefined {
    return this.#options.verifierOf(Buffer.from(namesOf(key).author, 'hex'))
  }

  /** A session that we have not heard of: its numbers count from `next` on. */
  #meet(neighbour: Neighbour, key: string, next: number, to: number): Session | undefined {
    if (neighbour.newSessions <= 0) {
      this.stats.strangers += 1
      return undefined
    }
    const verify = this.#verifierOf(key)
    if (verify === undefined) throw new SwarmError('PROTOCOL', 'an author whose key is none')
    neighbour.newSessions -= 1
    const session = new Session(key, verify, neighbour.id, Math.max(next, to - limits.gossipWindowMessages))
    this.#catchUp.begun(session)
    const evicted = this.sessions.add(session)
    if (evicted !== undefined) {
      this.#order.forget(evicted)
      this.#repair.forget(evicted)
    }
    return session
  }

  #takeBatch(neighbour: Neighbour, frame: Buffer): void {
    const head = readHead(frame)
    const known = this.sessions.all.get(head.key)
    if (known !== undefined && this.#isCopy(known, head)) return this.#copied(neighbour, known)
    if (known === undefined && neighbour.newSessions <= 0) {
      this.stats.strangers += 1
      return
    }
    // What is kept must not hold on to all that was read with it.
    const batch = decodeBatch(Buffer.from(frame))
    const verify = known?.verify ?? this.#verifierOf(batch.key)
    neighbour.verified += 1
    if (verify === undefined || !isGenuine(batch, this.#options.topic, verify)) {
      this.stats.forged += 1
      return this.#blame(neighbour, 'a signature that is not its author’s')
    }
    const last = batch.first + batch.count
    const isFromHere = this.#catchUp.isOn || neighbour === this.#air
    const session = known ?? this.#meet(neighbour, batch.key, isFromHere ? batch.first : 0, last)
    if (session === undefined) return
    if (batch.first > session.highest + limits.gossipJumpMessages && known !== undefined) {
      this.stats.quarantined += batch.items.length
      return
    }
    this.#takeItems(neighbour, session, batch)
  }

  /** Whether all of it is here, with the same signature or with one that can no longer be compared. */
  #isCopy(session: Session, head: Head): boolean {
    const last = head.first + head.count
    for (let seq = Math.max(head.first, session.next); seq < last; seq++)
      if (!session.held.has(seq)) return false
    return session === this.#own || this.store.has(head) || !this.store.overlaps(head)
  }

  #copied(neighbour: Neighbour, session: Session): void {
    this.stats.copies += 1
    if (neighbour === this.#air) return
    if (session === this.#own || this.mesh.isSupplied(session, neighbour)) neighbour.copied(session.key)
  }

  #takeItems(neighbour: Neighbour, session: Session, batch: Batch): void {
    const fresh = batch.items.filter(({ seq }) => !session.knows(seq))
    if (fresh.length < batch.items.length) {
      for (const conflict of conflictsOf(session, batch, this.store, neighbour.id))
        this.#ports.equivocation(conflict)
    }
    if (fresh.length === 0) return this.#copied(neighbour, session)
    this.sessions.touch(session)
    if (!neighbour.chokedByUs.has(session.key)) session.supplier = neighbour.id
    neighbour.copies.delete(session.key)
    session.highest = Math.max(session.highest, batch.first + batch.count)
    this.store.add(batch)
    this.#repair.changed(session)
    this.mesh.push(batch.frame, batch.key, neighbour)
    for (const item of fresh) this.#takeItem(session, { item, time: batch.time, from: neighbour.id })
    if (session.held.size > 0) this.#repair.behind(session)
  }

  #takeItem(session: Session, held: Held): void {
    if (!this.#catchUp.isHolding) return this.#order.take(session, held)
    this.#order.hold(session, held)
    if (this.#order.isOverfull) this.#catchUp.finish()
  }
}
