/**
 * Gathering: everything about one joined topic. Dial who is there, accept who comes, on all the ways
 * there are, and keep one link for each pair.
 *
 * A newcomer announces itself first and looks second, so of two newcomers at least one sees the
 * other. When both dial, the connection on the shorter way is kept, and of two on the same way that
 * which the peer with the higher id dialled: both sides know that much by then, and neither sends
 * anything before the go, so nothing is lost.
 */

import type { Duplex } from 'node:stream'
import { now } from '../clock.ts'
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import { type Answer, type Hello, isUseful, type Refusal } from '../protocol/hello.ts'
import type { Topic } from '../topic.ts'
import type { Presence } from '../transport/transport.ts'
import { Links } from './links.ts'
import { OwnHello, type Roles, type Self } from './own-hello.ts'
import { accept, Handshakes, refusalFor, refuse } from './pairing.ts'
import { type IncomingStream, ownWay, type PeerInfo, toPeerInfo } from './peer.ts'
import { type Outcome, type Passage, respite, Way } from './way.ts'

/** What a gathering needs of its swarm. */
export interface Host {
  readonly self: Self
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

type Settled = (outcome: Outcome) => void

/** A connection that we dialled, until it is settled how we stand to whom it leads to. */
interface Dialled {
  readonly way: Way
  readonly address: string
  readonly connection: Connection
  /** What we said. */
  readonly mine: Hello
  readonly settled: Settled
}

/** Connections whose hello is still to come are evicted, the oldest first, but not before this age. */
const EVICTION_AGE_MS = 200

export class Gathering {
  /** Absent for an observer who asks which topic this is. */
  readonly topic: Topic | undefined
  readonly #host: Host
  readonly #ways: readonly Way[]
  #roles: Roles = { server: false, client: false, reads: [], writes: [] }
  #destroyed = false
  readonly #links = new Links()
  /** With those who dialled us, … */
  readonly #arriving = new Handshakes()
  /** … and whom we dialled. */
  readonly #dialled = new Handshakes()
  readonly #observers = new Set<Duplex>()
  /** Connections that were turned away, and streams that nobody has taken yet: they end with us. */
  readonly #unsettled = new Set<Connection>()
  readonly #own: OwnHello

  constructor(host: Host, topic: Topic | undefined, passages: readonly Passage[]) {
    this.#host = host
    this.topic = topic
    const wayHost = {
      accept: (connection: Connection, way: Way) => this.#arrived(connection, way),
      meet: (way: Way, presence: Presence, address: string, settled: Settled) =>
        this.#meet(way, presence, address, settled),
      isLinkedAt: (way: Way, address: string) => this.#links.isAt(way.transport, address),
      // Awake already: a timer of its own would wake two hundred idle peers as often again.
      looked: () => this.#links.sound(),
      warn: (message: string) => this.#host.warn(message),
    }
    this.#ways = passages.map((passage) => new Way(passage, wayHost))
    this.#own = new OwnHello(host.self, topic, this.#ways)
  }

  /** Resolves when the roles that were asked for last are taken up. */
  async announced(): Promise<void> {
    await Promise.all(this.#ways.map((way) => way.announced()))
  }

  /** Takes up roles, once more if they changed, and looks. */
  async begin(roles: Roles): Promise<void> {
    this.#roles = roles
    await Promise.all(this.#ways.map((way) => way.begin(roles.server, roles.client)))
  }

  /** Looks once, and resolves when everyone who was there is linked, has refused, or does not answer. */
  async refresh(): Promise<void> {
    await Promise.all(this.#ways.map((way) => way.refresh()))
  }

  /** Stops announcing and looking. Connections stay. */
  async destroy(): Promise<void> {
    this.#destroyed = true
    this.#links.close()
    this.#arriving.destroy()
    this.#dialled.destroy()
    for (const one of [...this.#unsettled, ...this.#observers]) one.destroy()
    await Promise.all(this.#ways.map((way) => way.destroy()))
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
      const way = this.#ways.find(({ transport }) => transport === ownWay(info))
      const address = this.#links.addressOf(info) ?? info.address
      if (address === undefined || way?.presence === undefined) {
        throw new SwarmError('UNREACHABLE', `${info.name} cannot be dialled`)
      }
      try {
        const connection = await way.presence.dial(address, { exact: true })
        if (this.#destroyed) connection.destroy()
        const mine = this.#own.ofStream(stream)
        const answer = await new Promise<Answer | Error>((resolve) =>
          this.#dialled.introduce(connection, mine, resolve),
        )
        const isPeer = !(answer instanceof Error) && answer.hello?.peer === info.id
        if (isPeer && answer.refusal === undefined) return connection
        connection.destroy()
        if (answer instanceof Error) throw answer
        throw new SwarmError('REFUSED', answer.refusal?.reason ?? 'another peer answered')
      } catch (error) {
        const busy = error instanceof SwarmError && error.code === 'BUSY'
        if (!busy || now() > deadline) throw error
        await respite()
      }
    }
  }

  #hello(way: Way): Hello {
    return this.#own.on(way, this.#roles)
  }

  #meet(way: Way, presence: Presence, address: string, settled: Settled): void {
    if (this.#host.isFull()) return settled('later')
    presence.dial(address, { exact: false }).then(
      (connection) => {
        if (this.#destroyed) connection.destroy()
        const dialled = { way, address, connection, mine: this.#hello(way), settled }
        this.#dialled.introduce(connection, dialled.mine, (answer) => {
          if (!(answer instanceof Error)) return this.#answered(dialled, answer)
          connection.destroy()
          settled(this.#failed(answer))
        })
      },
      (error: unknown) => settled(this.#failed(error)),
    )
  }

  #answered(dialled: Dialled, { hello, refusal }: Answer): void {
    const { way, address, connection, mine, settled } = dialled
    if (hello !== undefined) this.#links.seenAt(hello.peer, way.transport, address)
    if (refusal !== undefined) {
      connection.destroy()
      return this.#refused(dialled, hello, refusal)
    }
    const info = toPeerInfo(hello, this.topic, way.transport, true)
    const wrong = this.#objection(way, hello, mine, info)
    if (wrong === undefined && !this.#destroyed) {
      this.#link(connection, info)
      return settled('linked')
    }
    connection.destroy()
    settled(wrong?.code === 'duplicate' || wrong?.code === 'busy' ? 'later' : 'never')
  }

  #refused({ way, address, mine, settled }: Dialled, hello: Hello | undefined, refusal: Refusal): void {
    // Observers come and go by the second; peers do not.
    if (refusal.code === 'busy') return settled(mine.observer ? 'retry' : 'later')
    if (refusal.code === 'version') this.#host.warn(`a peer refused: ${refusal.reason}`)
    if (refusal.code !== 'duplicate') return settled('never')
    if (hello === undefined || this.#destroyed) return settled('later')
    // The peer is dialling us: its connection is kept, and is there in a moment.
    void this.#links.soon(hello.peer).then(() => {
      this.#links.seenAt(hello.peer, way.transport, address)
      settled('later')
    })
  }

  #failed(error: unknown): Outcome {
    const code = error instanceof SwarmError ? error.code : ''
    if (code === 'VERSION')
      this.#host.warn(`a peer speaks ${error instanceof SwarmError ? error.message : ''}`)
    if (code === 'BUSY') return 'retry'
    return code === 'PROTOCOL' || code === 'VERSION' ? 'never' : 'later'
  }

  /** Somebody has dialled us. Who has not said hello is many only in a flood: the oldest make room. */
  #arrived(connection: Connection, way: Way): void {
    if (this.#destroyed) return connection.destroy()
    this.#arriving.evict(limits.helloPendingConnections - 1, EVICTION_AGE_MS)
    this.#arriving.receive(connection, (hello) => {
      if (this.#destroyed || connection.destroyed) connection.destroy()
      else if (hello instanceof Error) this.#refuse(connection, refusalFor(hello))
      else this.#decide(way, connection, hello)
    })
  }

  #decide(way: Way, connection: Connection, hello: Hello): void {
    if (hello.kind === 'stream') return this.#decideStream(connection, hello, this.#own.ofStream())
    const mine = this.#hello(way)
    const info = toPeerInfo(hello, this.topic, way.transport, false)
    const wrong = this.#objection(way, hello, mine, info)
    if (wrong !== undefined) return this.#refuse(connection, wrong, mine)
    const { stream } = connection
    // What is said at once goes out with the go: one write for us, one awakening for the peer.
    stream.cork()
    accept(connection, mine)
    if (hello.observer) this.#observe(stream, info)
    else this.#link(connection, info)
    stream.uncork()
  }

  #decideStream(connection: Connection, hello: Hello, mine: Hello): void {
    const info = this.#links.infoOf(hello.peer)
    if (info === undefined || hello.stream === undefined || hello.topic !== mine.topic) {
      return this.#refuse(connection, { code: 'useless', reason: 'a stream without a link' }, mine)
    }
    this.#unsettled.add(connection)
    this.#host.incoming({
      info,
      stream: hello.stream,
      accept: () => {
        this.#unsettled.delete(connection)
        return accept(connection, mine)
      },
      refuse: (refusal) => this.#refuse(connection, refusal, mine),
    })
  }

  /** Why a link with this peer is not to be, seen from here. */
  #objection(way: Way, theirs: Hello, mine: Hello, info: PeerInfo): Refusal | undefined {
    if (theirs.peer === mine.peer) return { code: 'self', reason: 'this is myself' }
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
    if (this.#isDuplicate(way, theirs, mine, info.client))
      return { code: 'duplicate', reason: 'already linked' }
    return this.#host.rejects(info)
  }

  #isDuplicate(way: Way, theirs: Hello, mine: Hello, isDialled: boolean): boolean {
    if (this.#links.isOpen(theirs.peer)) return true
    if (isDialled) return false
    if (way.isDialling(theirs.address) && mine.peer > theirs.peer) return true
    const shorter = this.#ways.filter(({ distance }) => distance < way.distance)
    return shorter.some((other) => other.isDiallingMarked(theirs.elsewhere ?? []))
  }

  #link({ stream }: Connection, info: PeerInfo): void {
    this.#links.add(stream, info)
    this.#host.linked(stream, info)
    // A program that does nothing with it hears that the peer has gone all the same.
    if (stream.readableFlowing === null) stream.read(0)
  }

  /** Whoever is turned away has a while to read why. */
  #refuse(connection: Connection, refusal: Refusal, mine?: Hello): void {
    this.#unsettled.add(connection)
    refuse(connection, refusal, mine)
    connection.stream.once('close', () => this.#unsettled.delete(connection))
  }

  /** An observer is told by the hello, and by our going. */
  #observe(stream: Duplex, info: PeerInfo): void {
    this.#observers.add(stream)
    stream.once('end', () => stream.destroy())
    stream.once('close', () => this.#observers.delete(stream))
    this.#host.observed(stream, info)
  }
}
