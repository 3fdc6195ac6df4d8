/**
 * Gathering: everything about one joined topic. Announce, look up, dial who is there, accept who
 * comes, and keep one link for each pair.
 *
 * A newcomer announces itself first and looks second, so of two newcomers at least one sees the
 * other. When both dial, the connection that the peer with the higher id dialled is kept: both sides
 * know both ids by then, and neither sends anything before the go, so nothing is lost.
 */

import type { Duplex } from 'node:stream'
import { now } from '../clock.ts'
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import { type Hello, isUseful, type Kind, type Refusal } from '../protocol/hello.ts'
import type { Topic } from '../topic.ts'
import type { JoinOptions, Presence } from '../transport/transport.ts'
import { Links } from './links.ts'
import { Arrival, introduce, refusalFor } from './pairing.ts'
import { type IncomingStream, type PeerInfo, toPeerInfo } from './peer.ts'
import { Slots } from './slots.ts'

export interface Roles {
  /** Be findable, and accept. */
  readonly server: boolean
  /** Look for others, and dial. */
  readonly client: boolean
  /** Kinds of content that we take on this topic, … */
  readonly reads: readonly string[]
  /** … and give. */
  readonly writes: readonly string[]
}

/** What a gathering needs of its swarm. */
export interface Host {
  /** Our own hello, without what the topic and the transport add. */
  readonly self: Omit<Hello, 'kind' | 'server' | 'client' | 'reads' | 'writes'>
  /** Where we are, when we meet those who are there another way (see `Transport.place`). */
  readonly place: string | undefined
  /** There is no room for another peer: nobody need be dialled. */
  isFull(): boolean
  /** A reason to turn a peer away, from the firewall or for want of room; called for both directions. */
  rejects(info: PeerInfo): Refusal | undefined
  linked(stream: Duplex, info: PeerInfo): void
  incoming(stream: IncomingStream): void
  /** Somebody looks, and may ask; whoever it is given to reads it. */
  observed(stream: Duplex, info: PeerInfo): void
  warn(message: string): void
}

/** How a dialled address turned out: `retry` is worth another try soon, `later` at the next look-up. */
type Outcome = 'linked' | 'retry' | 'later' | 'never'

/** Connections whose hello is still to come are evicted, the oldest first, but not before this age. */
const EVICTION_AGE_MS = 200
/** `flushed` waits no longer than this for peers that do not answer. */
const FLUSH_MS = 3_000
const RETRY_MS = 25

export class Gathering {
  /** Absent for an observer who asks which topic this is. */
  readonly topic: Topic | undefined
  readonly #host: Host
  readonly #transport: string
  readonly #join: (options: JoinOptions) => Promise<Presence>
  #presence: Presence | undefined
  #roles: Roles = { server: false, client: false, reads: [], writes: [] }
  #announcing: Promise<void> = Promise.resolve()
  #destroyed = false
  #timer: NodeJS.Timeout | undefined
  #round: Promise<void> | undefined
  readonly #links = new Links()
  /** Addresses that are being dialled, and how that goes on. */
  readonly #dials = new Map<string, Promise<void>>()
  /** Addresses that said no for good. Names are never reused. */
  readonly #never = new Set<string>()
  readonly #arrivals = new Set<Arrival>()
  readonly #observers = new Set<Duplex>()
  /** Connections that are not anybody's yet, or were turned away: they end with us. */
  readonly #unsettled = new Set<Duplex>()
  readonly #slots = new Slots(limits.dialsPending)

  /**
   * @param transport the name of the transport that `join` joins
   */
  constructor(
    host: Host,
    transport: string,
    topic: Topic | undefined,
    join: (options: JoinOptions) => Promise<Presence>,
  ) {
    this.#host = host
    this.#transport = transport
    this.topic = topic
    this.#join = join
  }

  /** Resolves when the roles that were asked for last are taken up. */
  announced(): Promise<void> {
    return this.#announcing
  }

  /** Takes up roles, once more if they changed, and looks. */
  async begin(roles: Roles): Promise<void> {
    this.#announcing = this.#announcing.catch(() => {}).then(() => this.#announce(roles))
    await this.#announcing
    if (!this.#destroyed) await this.refresh()
  }

  async #announce(roles: Roles): Promise<void> {
    if (this.#destroyed) return
    if (this.#presence === undefined || (roles.server && !this.#roles.server)) {
      await this.#presence?.destroy()
      this.#roles = roles
      this.#presence = await this.#join({
        announce: roles.server,
        onconnection: (connection) => void this.#accept(connection),
        onwarning: (message) => this.#host.warn(message),
        onfound: () => void this.#look().catch((error: unknown) => this.#host.warn(String(error))),
      })
    }
    this.#roles = roles
    if (this.#destroyed) await this.#presence.destroy()
  }

  /** Looks once, and resolves when everyone who was there is linked, has refused, or does not answer. */
  async refresh(): Promise<void> {
    // A look that began before this call may have missed what its caller knows of.
    await this.#round?.catch(() => {})
    await this.#look()
    if (this.#presence?.settled !== undefined) {
      await this.#presence.settled()
      await this.#look()
    }
    await Promise.race([Promise.all(this.#dials.values()), patience(FLUSH_MS)])
  }

  /** Stops announcing and looking. Connections stay. */
  async destroy(): Promise<void> {
    this.#destroyed = true
    clearTimeout(this.#timer)
    this.#links.close()
    for (const stream of [...this.#unsettled, ...this.#observers]) stream.destroy()
    await this.#announcing.catch(() => {})
    await this.#presence?.destroy()
  }

  /** Takes over a link from before the topic was left and joined again. */
  adopt(stream: Duplex, info: PeerInfo): void {
    this.#links.add(stream, info)
  }

  /**
   * Dials a linked peer once more, for a stream.
   * @throws SwarmError UNREACHABLE, REFUSED, PROTOCOL, TIMEOUT
   */
  async openStream(info: PeerInfo, stream: number): Promise<Connection> {
    const deadline = now() + limits.helloMs
    for (;;) {
      const address = this.#links.addressOf(info.id) ?? info.address
      const presence = this.#presence
      if (address === undefined || presence === undefined) {
        throw new SwarmError('UNREACHABLE', `${info.name} cannot be dialled`)
      }
      try {
        const connection = await presence.dial(address, { exact: true })
        this.#unsettle(connection)
        const answer = await introduce(connection, { ...this.#hello('stream'), stream })
        if (answer.refusal === undefined && answer.hello.peer === info.id) return this.#settle(connection)
        connection.stream.destroy()
        throw new SwarmError('REFUSED', answer.refusal?.reason ?? 'another peer answered')
      } catch (error) {
        const busy = error instanceof SwarmError && error.code === 'BUSY'
        if (!busy || now() > deadline) throw error
        await respite()
      }
    }
  }

  #hello(kind: Kind): Hello {
    const address = this.#presence?.address
    return {
      kind,
      ...this.#host.self,
      ...(this.topic !== undefined && { topic: this.topic.hex }),
      ...(this.topic !== undefined && nameToTell(this.topic) && { topicName: this.topic.name }),
      ...(address !== undefined && { address }),
      ...(this.#host.place !== undefined && { place: this.#host.place }),
      server: this.#roles.server,
      client: this.#roles.client,
      reads: this.#roles.reads,
      writes: this.#roles.writes,
    }
  }

  #look(): Promise<void> {
    clearTimeout(this.#timer)
    this.#round = this.#lookOnce().finally(() => {
      this.#round = undefined
      if (this.#destroyed) return
      const wait = limits.rescanMsMin + Math.random() * (limits.rescanMsMax - limits.rescanMsMin)
      this.#timer = setTimeout(() => {
        this.#links.sound()
        this.#look().catch((error: unknown) => this.#host.warn(String(error)))
      }, wait)
      this.#timer.unref()
    })
    return this.#round
  }

  async #lookOnce(): Promise<void> {
    const presence = this.#presence
    if (presence === undefined) return
    const addresses = await presence.lookup()
    if (!this.#roles.client) return
    const linked = this.#links.addresses()
    for (const address of addresses) {
      if (linked.has(address) || this.#dials.has(address) || this.#never.has(address)) continue
      const dial = this.#slots.run(() => this.#meet(presence, address))
      this.#dials.set(
        address,
        dial.finally(() => this.#dials.delete(address)),
      )
    }
    const there = new Set(addresses)
    for (const address of this.#never) if (!there.has(address)) this.#never.delete(address)
  }

  /** Dials an address until it is settled how we stand to it. */
  async #meet(presence: Presence, address: string): Promise<void> {
    const deadline = now() + limits.helloMs
    while (!this.#destroyed) {
      const outcome = await this.#meetOnce(presence, address)
      if (outcome === 'never') this.#never.add(address)
      if (outcome !== 'retry' || now() > deadline) return
      await respite()
    }
  }

  async #meetOnce(presence: Presence, address: string): Promise<Outcome> {
    if (this.#host.isFull()) return 'later'
    let connection: Connection | undefined
    try {
      connection = await presence.dial(address, { exact: false })
      this.#unsettle(connection)
      const mine = this.#hello('link')
      const { hello, refusal } = await introduce(connection, mine)
      if (hello !== undefined) this.#links.seenAt(hello.peer, address)
      if (refusal !== undefined) {
        connection.stream.destroy()
        // Observers come and go by the second; peers do not.
        if (refusal.code === 'busy') return mine.observer ? 'retry' : 'later'
        if (refusal.code === 'version') this.#host.warn(`a peer refused: ${refusal.reason}`)
        if (refusal.code !== 'duplicate') return 'never'
        // The peer is dialling us: its connection is kept, and is there in a moment.
        if (hello !== undefined && !this.#destroyed) await this.#links.soon(hello.peer)
        return 'later'
      }
      const wrong = this.#objection(hello, mine, true)
      if (wrong === undefined && !this.#destroyed) {
        this.#link(connection, this.#infoOf(hello, true))
        return 'linked'
      }
      connection.stream.destroy()
      return wrong?.code === 'duplicate' || wrong?.code === 'busy' ? 'later' : 'never'
    } catch (error) {
      connection?.stream.destroy()
      const code = error instanceof SwarmError ? error.code : ''
      if (code === 'VERSION')
        this.#host.warn(`a peer speaks ${error instanceof SwarmError ? error.message : ''}`)
      if (code === 'BUSY') return 'retry'
      return code === 'PROTOCOL' || code === 'VERSION' ? 'never' : 'later'
    }
  }

  async #accept(connection: Connection): Promise<void> {
    if (this.#destroyed) return void connection.stream.destroy()
    const arrival = new Arrival(connection)
    this.#unsettle(connection)
    this.#arrivals.add(arrival)
    this.#evict()
    try {
      const hello = await arrival.hello()
      this.#arrivals.delete(arrival)
      if (this.#destroyed) connection.stream.destroy()
      else this.#decide(arrival, hello)
    } catch (error) {
      this.#arrivals.delete(arrival)
      if (connection.stream.destroyed) return
      arrival.refuse(refusalFor(error))
    }
  }

  /** Who has not said hello is many only in a flood: the oldest make room. */
  #evict(): void {
    for (const arrival of this.#arrivals) {
      if (this.#arrivals.size <= limits.helloPendingConnections) return
      if (now() - arrival.since < EVICTION_AGE_MS) return
      this.#arrivals.delete(arrival)
      arrival.connection.stream.destroy()
    }
  }

  #decide(arrival: Arrival, hello: Hello): void {
    const mine = this.#hello(hello.kind)
    if (hello.kind === 'stream') return this.#decideStream(arrival, hello, mine)
    const wrong = this.#objection(hello, mine, false)
    if (wrong !== undefined) return arrival.refuse(wrong, mine)
    const connection = this.#settle(arrival.go(mine))
    if (hello.observer) return this.#observe(connection.stream, this.#infoOf(hello, false))
    this.#link(connection, this.#infoOf(hello, false))
  }

  #decideStream(arrival: Arrival, hello: Hello, mine: Hello): void {
    const info = this.#links.infoOf(hello.peer)
    if (info === undefined || hello.stream === undefined || hello.topic !== mine.topic) {
      return arrival.refuse({ code: 'useless', reason: 'a stream without a link' }, mine)
    }
    this.#host.incoming({
      info,
      stream: hello.stream,
      accept: () => this.#settle(arrival.go(mine)),
      refuse: (refusal) => arrival.refuse(refusal, mine),
    })
  }

  /** Why a link with this peer is not to be, seen from here; `dialled`: by us. */
  #objection(theirs: Hello, mine: Hello, dialled: boolean): Refusal | undefined {
    if (theirs.peer === mine.peer) return { code: 'self', reason: 'this is myself' }
    if (theirs.place !== undefined && theirs.place === mine.place)
      return { code: 'useless', reason: 'met on this machine' }
    const asked = theirs.topic === undefined || mine.topic === undefined
    if (theirs.topic !== mine.topic && !(asked && (mine.observer || theirs.observer)))
      return { code: 'topic', reason: 'another topic' }
    if (!isUseful(mine, theirs)) {
      return { code: 'useless', reason: `${mine.verb} has nothing to say to ${theirs.verb}` }
    }
    if (theirs.observer) {
      const full = this.#observers.size >= limits.observers
      return full ? { code: 'busy', reason: 'too many observers' } : undefined
    }
    if (this.#isDuplicate(theirs, mine, dialled)) return { code: 'duplicate', reason: 'already linked' }
    return this.#host.rejects(this.#infoOf(theirs, dialled))
  }

  #isDuplicate(theirs: Hello, mine: Hello, dialled: boolean): boolean {
    if (this.#links.isOpen(theirs.peer)) return true
    const bothDialled = !dialled && theirs.address !== undefined && this.#dials.has(theirs.address)
    return bothDialled && mine.peer > theirs.peer
  }

  #infoOf(hello: Hello, dialled: boolean): PeerInfo {
    return toPeerInfo(hello, this.#transport, dialled)
  }

  #link(connection: Connection, info: PeerInfo): void {
    const { stream } = this.#settle(connection)
    this.#links.add(stream, info)
    this.#host.linked(stream, info)
  }

  #unsettle({ stream }: Connection): void {
    if (this.#destroyed) stream.destroy()
    this.#unsettled.add(stream)
    stream.once('close', () => this.#unsettled.delete(stream))
  }

  #settle(connection: Connection): Connection {
    this.#unsettled.delete(connection.stream)
    return connection
  }

  /** An observer is told by the hello, and by our going. */
  #observe(stream: Duplex, info: PeerInfo): void {
    this.#observers.add(stream)
    stream.once('end', () => stream.destroy())
    stream.once('close', () => this.#observers.delete(stream))
    this.#host.observed(stream, info)
  }
}

function nameToTell(topic: Topic): boolean {
  return topic.name !== '' && Buffer.byteLength(topic.name) <= limits.topicNameBytes
}

function patience(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}

/** A moment between two tries. It keeps the program alive: nothing else may do so while we are told to wait. */
function respite(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, RETRY_MS * (1 + Math.random() * 4)))
}
