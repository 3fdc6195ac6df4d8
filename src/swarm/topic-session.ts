/**
 * Our part in one topic: who is there is dialled, who dials us is accepted, on all transports, and
 * one link is kept for each pair.
 *
 * A newcomer announces itself first and looks second, so of two newcomers at least one sees the
 * other. When both dial, the connection on the shorter transport is kept, and of two on the same
 * transport that which the peer with the higher id dialled.
 */
import { EventEmitter } from 'node:events'
import process from 'node:process'
import type { Duplex } from 'node:stream'
import { newController } from '../abort.ts'
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import {
  encodeGo,
  encodeHello,
  GO,
  type Hello,
  type Refusal,
  readAnswer,
  readConfirmation,
} from '../protocol/hello.ts'
import type { Topic } from '../topic.ts'
import type { JoinOptions, Presence } from '../transport/transport.ts'
import type { Admission } from './admission.ts'
import { type Connections, refusalFor } from './connections.ts'
import { type LinkedPeer, Links } from './links.ts'
import { afterError, afterObjection, afterRefusal, objectionTo } from './objection.ts'
import { mergeRoles, OwnHello, type Roles, type Self } from './own-hello.ts'
import { type IncomingStream, type PeerInfo, toPeerInfo } from './peer.ts'
import { Streams } from './streams.ts'
import { type Outcome, TransportSession } from './transport-session.ts'

export interface TopicSessionEvents {
  link: [link: LinkedPeer]
  stream: [incoming: IncomingStream]
  /** An observer is connected. Its listener reads the stream. */
  observer: [stream: Duplex, info: PeerInfo]
  warning: [message: string]
}

export interface TopicSessionOptions {
  /** Absent for an observer who asks which topic this is. */
  readonly topic: Topic | undefined
  readonly self: Self
  readonly transports: readonly {
    readonly name: string
    readonly distance: number
    readonly join: (options: JoinOptions) => Promise<Presence>
  }[]
  readonly connections: Connections
  readonly admission: Admission
}

export class TopicSession extends EventEmitter<TopicSessionEvents> {
  readonly topic: Topic | undefined
  readonly #connections: Connections
  readonly #admission: Admission
  readonly #transports: readonly TransportSession[]
  readonly #own: OwnHello
  readonly #links = new Links()
  readonly #streams: Streams
  readonly #observers = new Set<Duplex>()
  /** On which transport each peer was met. */
  readonly #origins = new WeakMap<PeerInfo, string>()
  /** What each session joined the topic as. */
  readonly #sessions = new Set<Roles>()
  #roles = mergeRoles([])
  readonly #ending = newController()
  #destroying: Promise<void> | undefined

  constructor({ topic, self, transports, connections, admission }: TopicSessionOptions) {
    super()
    this.topic = topic
    this.#connections = connections
    this.#admission = admission
    const hooks = {
      onConnection: (connection: Connection, on: TransportSession) => void this.#accept(connection, on),
      dial: (address: string, on: TransportSession) => this.#dial(address, on),
      isLinkedAt: (address: string, on: TransportSession) => this.#links.isAt(on.key, address),
      onWarning: (message: string) => void this.emit('warning', message),
    }
    this.#transports = transports.map(
      (transport, index) =>
        new TransportSession({ ...transport, key: String(index), signal: this.signal }, hooks),
    )
    this.#own = new OwnHello(self, topic, this.#transports)
    this.#streams = new Streams({
      own: this.#own,
      links: this.#links,
      connections,
      transportOf: (info) => this.#transportOf(info),
      signal: this.signal,
    })
  }

  /** Aborts when the topic is left. */
  get signal(): AbortSignal {
    return this.#ending.signal
  }

  /**
   * Adds a session. Resolves when we are announced, and everyone who was there is linked, has
   * refused, or does not answer.
   */
  async join(roles: Roles): Promise<void> {
    this.#sessions.add(roles)
    this.#setRoles()
    await this.refresh()
  }

  /** Ends a session; with the last one the topic is left. */
  async leave(roles: Roles): Promise<void> {
    this.#sessions.delete(roles)
    if (this.#sessions.size === 0) return this.destroy()
    this.#setRoles()
    // What cannot be taken up now is tried again, and told, by each look.
    await this.announced().catch(() => {})
    if (this.signal.aborted) await this.destroy()
  }

  /** Resolves when we are announced on every transport, if any session wants that. */
  async announced(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.announced()))
  }

  /** Looks again, and resolves as `join` does. */
  async refresh(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.refresh()))
  }

  /** Stops announcing, looking, dialling and accepting. Links stay. Idempotent. */
  destroy(): Promise<void> {
    this.#ending.abort()
    this.#links.destroy()
    this.#destroying ??= Promise.all(this.#transports.map((transport) => transport.destroy())).then(() => {})
    return this.#destroying
  }

  /** Takes over a link from before the topic was left and joined again. */
  adopt(link: LinkedPeer): void {
    this.#links.add(link)
  }

  /**
   * Dials a linked peer once more, for a stream.
   * @throws SwarmError UNREACHABLE, REFUSED, PROTOCOL, TIMEOUT, DESTROYED
   */
  openStream(info: PeerInfo, stream: number): Promise<Connection> {
    return this.#streams.open(info, stream)
  }

  /** From a dial to a link. */
  async #dial(address: string, on: TransportSession): Promise<Outcome> {
    if (this.#admission.isFull || on.presence === undefined) return 'later'
    let connection: Connection | undefined
    try {
      connection = await this.#connections.dial(on.presence, address, { exact: false, signal: this.signal })
      const mine = this.#own.on(on, this.#roles)
      connection.stream.write(encodeHello(mine))
      const { hello: theirs, refusal } = await this.#connections.read(connection, readAnswer)
      if (theirs !== undefined) this.#links.seenAt(theirs.peer, on.key, address)
      if (refusal !== undefined) {
        connection.destroy()
        if (refusal.code === 'version') this.emit('warning', `a peer refused: ${refusal.reason}`)
        if (refusal.code !== 'duplicate' || theirs === undefined) return afterRefusal(refusal, mine)
        // The peer is dialling us: its connection is kept, and is there in a moment.
        await this.#links.soon(theirs.peer, this.signal)
        this.#links.seenAt(theirs.peer, on.key, address)
        return 'later'
      }
      const info = this.#infoOf(theirs, connection, on, true)
      const objection = this.#objectionTo(theirs, mine, info, on)
      if (objection !== undefined) {
        connection.destroy()
        return afterObjection(objection)
      }
      // One write with what the program says at once.
      connection.stream.cork()
      if (mine.confirms && theirs.confirms) connection.stream.write(GO)
      this.#link(connection, info, on)
      connection.stream.uncork()
      return 'linked'
    } catch (error) {
      connection?.destroy()
      if (this.signal.aborted) return 'later'
      if (error instanceof SwarmError && error.code === 'VERSION')
        this.emit('warning', `a peer speaks ${error.message}`)
      return afterError(error)
    }
  }

  /** From an accepted connection to a link, a stream or an observer. */
  async #accept(connection: Connection, on: TransportSession): Promise<void> {
    this.#connections.add(connection, this.signal)
    try {
      const theirs = await this.#connections.readHello(connection)
      if (theirs.kind === 'stream') {
        const incoming = await this.#streams.incoming(connection, theirs)
        if (incoming !== undefined && !this.signal.aborted) this.emit('stream', incoming)
        return
      }
      const mine = this.#own.on(on, this.#roles)
      const info = this.#infoOf(theirs, connection, on, false)
      const objection = this.#objectionTo(theirs, mine, info, on)
      if (objection !== undefined) return this.#connections.refuse(connection, objection, mine)
      connection.stream.write(encodeGo(mine))
      if (theirs.observer) return this.#observe(connection, info)
      if (mine.confirms && theirs.confirms && !(await this.#isConfirmed(connection, info))) return
      this.#link(connection, info, on)
    } catch (error) {
      if (!connection.destroyed) this.#connections.refuse(connection, refusalFor(error))
    }
  }

  /** The peer that was accepted may still turn us away; it counts as linked meanwhile. */
  async #isConfirmed(connection: Connection, info: PeerInfo): Promise<boolean> {
    const place = this.#admission.reserve()
    const accepted = this.#links.accept(info.id)
    try {
      return await this.#connections.read(connection, readConfirmation)
    } catch {
      connection.destroy()
      return false
    } finally {
      place.release()
      accepted.done()
    }
  }

  /** Why a link with this peer is not to be, seen from here. */
  #objectionTo(theirs: Hello, mine: Hello, info: PeerInfo, on: TransportSession): Refusal | undefined {
    const objection = objectionTo(theirs, mine)
    if (objection !== undefined) return objection
    if (theirs.observer) {
      const isFull = this.#observers.size >= limits.observers
      return isFull ? { code: 'busy', reason: 'too many observers' } : undefined
    }
    if (this.#isDuplicate(theirs, mine, info.client, on))
      return { code: 'duplicate', reason: 'already linked' }
    return this.#admission.reject(info)
  }

  #isDuplicate(theirs: Hello, mine: Hello, isDialled: boolean, on: TransportSession): boolean {
    if (this.#links.isOpen(theirs.peer)) return true
    if (isDialled) return false
    if (on.isDialling(theirs.address) && mine.peer > theirs.peer) return true
    const shorter = this.#transports.filter(({ distance }) => distance < on.distance)
    return shorter.some((other) => other.isDiallingMarked(theirs.elsewhere ?? []))
  }

  #link(connection: Connection, info: PeerInfo, on: TransportSession): void {
    const { stream } = connection
    if (this.signal.aborted) return connection.destroy()
    this.#connections.establish(connection)
    const link = { stream, info, transport: on.key }
    this.#links.add(link)
    this.emit('link', link)
    // An end that came with the handshake was told before anybody could listen.
    if (stream.readableEnded) process.nextTick(() => stream.emit('end'))
    // A program that does nothing with it hears that the peer has gone all the same.
    else if (stream.readableFlowing === null) stream.read(0)
  }

  /** An observer is told by the hello, and by our going. */
  #observe({ stream }: Connection, info: PeerInfo): void {
    this.#observers.add(stream)
    stream.once('end', () => stream.destroy())
    stream.once('close', () => this.#observers.delete(stream))
    this.emit('observer', stream, info)
  }

  #infoOf(hello: Hello, connection: Connection, on: TransportSession, isDialled: boolean): PeerInfo {
    const info = toPeerInfo(hello, this.topic, connection.isInMemory ? 'memory' : on.name, isDialled)
    this.#origins.set(info, on.key)
    return info
  }

  #transportOf(info: PeerInfo): TransportSession | undefined {
    const met = this.#links.get(info.id)?.transport ?? this.#origins.get(info)
    return this.#transports.find(({ key }) => key === met)
  }

  #setRoles(): void {
    this.#roles = mergeRoles([...this.#sessions])
    const { server, client } = this.#roles
    for (const transport of this.#transports) transport.setRoles(server, client)
  }
}
