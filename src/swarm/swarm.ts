/** The swarm: all topics that one program takes part in, and its connections. */
import { EventEmitter } from 'node:events'
import type { Duplex } from 'node:stream'
import { abortable, destroyedError } from '../abort.ts'
import { checkOptions } from '../check-options.ts'
import { now } from '../clock.ts'
import { messageOf, SwarmError } from '../errors.ts'
import { emitSafely } from '../events.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import { randomBytes } from '../random.ts'
import { type Topic, toTopic } from '../topic.ts'
import { local } from '../transport/local/local.ts'
import type { Transport } from '../transport/transport.ts'
import { Admission } from './admission.ts'
import type { SwarmEvents, SwarmOptions } from './api.ts'
import { Connections } from './connections.ts'
import { Discovery } from './discovery.ts'
import { HalfOpenStreams } from './half-open.ts'
import type { LinkedPeer } from './links.ts'
import { DESTROY_OPTIONS, JOIN_OPTIONS, SWARM_OPTIONS } from './option-checks.ts'
import type { Roles } from './own-hello.ts'
import type { IncomingStream, PeerInfo } from './peer.ts'
import { TopicSession, type TopicSessionOptions } from './topic-session.ts'

/**
 * @example
 * const swarm = new Swarm({ name: 'alice' })
 * swarm.on('connection', (stream, info) => stream.write(`hello ${info.name}\n`))
 * await swarm.join('greetings').flushed()
 */
export class Swarm extends EventEmitter<SwarmEvents> {
  /** Our peer id: 32 hex digits. */
  readonly id = randomBytes(16).toString('hex')
  readonly name: string
  readonly maxPeers: number
  /** The open connections. `infoOf` tells the peer of each. */
  readonly connections = new Set<Duplex>()
  /** The peers that we are connected with, by id. `connectionsOf` gives the connections with each. */
  readonly peers = new Map<string, PeerInfo>()
  /** The same connections, each with its peer. */
  readonly #links = new Map<Duplex, LinkedPeer>()
  readonly #options: SwarmOptions
  readonly #transports: readonly Transport[]
  readonly #topics = new Map<string, TopicSession>()
  readonly #discoveries = new Set<Discovery>()
  readonly #all = new Connections()
  readonly #admission: Admission
  readonly #halfOpen = new HalfOpenStreams()
  #destroying: Promise<void> | undefined

  /** @throws SwarmError OPTION_INVALID naming an option that is unknown, or whose value cannot be used */
  constructor(options: SwarmOptions = {}) {
    super()
    checkOptions('a swarm', options, SWARM_OPTIONS)
    const { basedir, shortcircuit, name, maxPeers, firewall, transports } = options
    this.#options = options
    this.name = name ?? this.id.slice(0, 8)
    this.maxPeers = maxPeers ?? limits.peers
    this.#transports = transports ?? [local({ basedir, shortcircuit })]
    this.#admission = new Admission({
      maxPeers: this.maxPeers,
      firewall: firewall ?? (() => false),
      links: () => this.connections.size,
      onWarning: (message) => this.#warn(message),
    })
  }

  get destroyed(): boolean {
    return this.#destroying !== undefined
  }

  /**
   * Takes part in a topic: announces us on it (`server`) and connects to who is there (`client`).
   * Joining again gives another session of the same.
   *
   * @param topic a string, hashed, or 32 bytes
   * @param roles what it is joined as; `reads` and `writes` where they differ from the swarm's own
   * @throws SwarmError TOPIC_INVALID, DESTROYED, or OPTION_INVALID naming what is wrong with the roles
   */
  join(topic: string | Uint8Array, roles: Partial<Roles> = {}): Discovery {
    if (this.destroyed) throw destroyedError('the swarm is destroyed')
    const wanted = toTopic(topic)
    checkOptions('join', roles, JOIN_OPTIONS)
    const { observer, reads: ownReads = ['raw'], writes: ownWrites = ['raw'] } = this.#options
    const { server = observer !== true, client = true, reads = ownReads, writes = ownWrites } = roles
    if (!server && !client) throw new SwarmError('OPTION_INVALID', 'join as server, as client, or as both')
    const session = this.#topics.get(wanted.hex) ?? this.#create(wanted)
    const discovery = new Discovery(wanted.key, { server, client, reads, writes }, session)
    this.#forgetDestroyed()
    this.#discoveries.add(discovery)
    discovery.flushed().catch((error: unknown) => {
      if (!(error instanceof SwarmError && error.code === 'DESTROYED')) this.#warn(messageOf(error))
    })
    return discovery
  }

  /** Leaves a topic, with all its sessions: no longer findable, no longer looking. Connections stay. */
  async leave(topic: string | Uint8Array): Promise<void> {
    await this.#topics.get(toTopic(topic).hex)?.destroy()
  }

  /** A session of a joined topic, or `null`. */
  status(topic: string | Uint8Array): Discovery | null {
    const { key } = toTopic(topic)
    return this.#sessions().find((discovery) => discovery.topic.equals(key)) ?? null
  }

  /** The topics joined now. */
  topics(): Buffer[] {
    return [...this.#topics.keys()].map((hex) => Buffer.from(hex, 'hex'))
  }

  /** The peer at the other end of a connection; `undefined` for one that has closed. */
  infoOf(connection: Duplex): PeerInfo | undefined {
    return this.#links.get(connection)?.info
  }

  /** The connections with a peer, one for each topic. */
  connectionsOf(id: string): Duplex[] {
    return [...this.#links.values()].filter(({ info }) => info.id === id).map(({ stream }) => stream)
  }

  /**
   * Resolves when every joined topic is flushed: all that were there are connected.
   * @throws SwarmError DESTROYED, and as `Discovery.flushed`
   */
  async flush(): Promise<void> {
    if (this.destroyed) throw destroyedError('the swarm is destroyed')
    await Promise.all(this.#sessions().map((discovery) => discovery.flushed()))
  }

  /**
   * Resolves when we can be dialled on every topic joined as server: as `flush`, without its waiting for peers.
   * @throws SwarmError DESTROYED, and as `Discovery.flushed`
   */
  async listen(): Promise<void> {
    if (this.destroyed) throw destroyedError('the swarm is destroyed')
    await Promise.all([...this.#topics.values()].map((session) => session.announced()))
  }

  /**
   * For observers: looks once at every topic that exists here and is not joined, and connects to who is there.
   * @throws SwarmError OPTION_INVALID for one who is no observer, or a transport that has no such list
   */
  async survey(): Promise<void> {
    const known = [...this.#topics.keys()].map((hex) => toTopic(`hex:${hex}`))
    const transport = this.#options.observer ? this.#transports.find((one) => one.survey) : undefined
    const ways = transport?.survey?.(known)
    if (transport === undefined || ways === undefined)
      throw new SwarmError('OPTION_INVALID', 'only an observer of local topics can survey them')
    const { name, distance } = transport
    const roles = { server: false, client: true, reads: [], writes: [] }
    const sessions = ways.map((join) => this.#session(undefined, [{ name, distance, join }]))
    await Promise.all(sessions.map((session) => session.join(roles)))
    await Promise.all(sessions.map((session) => session.destroy()))
  }

  /**
   * Opens a raw connection to a linked peer, beside the link: for one stream of bytes.
   * @param stream the number in the peer's offer
   * @throws SwarmError UNREACHABLE, REFUSED, PROTOCOL, TIMEOUT; DESTROYED when the topic was left
   */
  async openStream(info: PeerInfo, stream: number): Promise<Connection> {
    const session = this.#topics.get(info.topic.toString('hex'))
    if (session === undefined) throw destroyedError('the topic was left')
    return abortable(session.signal, session.openStream(info, stream))
  }

  /**
   * Leaves all topics and ends all connections: gracefully, and after `lingerMs` (default 1000) at
   * once. Leaves no file, descriptor, timer or listener. Idempotent.
   */
  destroy(options: { readonly lingerMs?: number } = {}): Promise<void> {
    checkOptions('destroy', options, DESTROY_OPTIONS)
    this.#destroying ??= this.#destroy(options.lingerMs ?? 1000)
    return this.#destroying
  }

  async #destroy(lingerMs: number): Promise<void> {
    const deadline = now() + lingerMs
    const sessions = [...this.#topics.values()]
    const left = Promise.all(sessions.map((session) => session.destroy()))
    await this.#closeConnections(lingerMs)
    this.#all.destroy()
    this.#halfOpen.destroy()
    const graceMs = Math.max(0, deadline - now())
    await Promise.all([left, ...this.#transports.map((transport) => transport.destroy?.(graceMs))])
    this.removeAllListeners()
  }

  /** Ends all connections and resolves when they are closed, by force after `lingerMs`. */
  async #closeConnections(lingerMs: number): Promise<void> {
    const timer = setTimeout(() => {
      for (const stream of this.connections) stream.destroy()
    }, lingerMs)
    await Promise.all([...this.connections].map(ended))
    clearTimeout(timer)
  }

  #forgetDestroyed(): void {
    for (const discovery of this.#discoveries) if (discovery.destroyed) this.#discoveries.delete(discovery)
  }

  #sessions(): Discovery[] {
    this.#forgetDestroyed()
    return [...this.#discoveries]
  }

  #create(topic: Topic): TopicSession {
    const session = this.#session(
      topic,
      this.#transports.map((transport) => ({
        name: transport.name,
        distance: transport.distance,
        join: (options) => transport.join(topic, options),
      })),
    )
    this.#topics.set(topic.hex, session)
    // Left and joined again, the topic is another session's.
    session.signal.addEventListener('abort', () => {
      if (this.#topics.get(topic.hex) === session) this.#topics.delete(topic.hex)
    })
    for (const link of this.#links.values()) if (link.info.topic.equals(topic.key)) session.adopt(link)
    return session
  }

  #session(topic: Topic | undefined, transports: TopicSessionOptions['transports']): TopicSession {
    const { verb = 'swarm', observer = false, pid } = this.#options
    const self = { peer: this.id, name: this.name, verb, observer, ...(pid !== undefined && { pid }) }
    const session = new TopicSession({
      topic,
      self,
      transports,
      connections: this.#all,
      admission: this.#admission,
    })
    return session
      .on('link', (link) => this.#linked(link))
      .on('stream', (incoming) => this.#incoming(incoming))
      .on('observer', (stream, info) => this.#observed(stream, info))
      .on('warning', (message) => this.#warn(message))
  }

  #linked(link: LinkedPeer): void {
    const { stream, info } = link
    this.connections.add(stream)
    this.#links.set(stream, link)
    this.peers.set(info.id, info)
    stream.once('close', () => {
      this.connections.delete(stream)
      this.#links.delete(stream)
      // The peer may be there on another topic still.
      const other = [...this.#links.values()].find((one) => one.info.id === info.id)
      if (other) this.peers.set(info.id, other.info)
      else this.peers.delete(info.id)
    })
    // A link that was made of it tells so what its own listeners have thrown.
    stream.on('error', (error) => {
      if (error instanceof SwarmError && error.code === 'CALLBACK') this.#warn(error.message)
    })
    this.#halfOpen.watch(stream)
    emitSafely(this, 'connection', [stream, info], (fault) => stream.destroy(fault))
  }

  #incoming(incoming: IncomingStream): void {
    const isHeard = emitSafely(this, 'stream', [incoming], (fault) => {
      this.#warn(fault.message)
      incoming.refuse({ code: 'useless', reason: 'the program failed' })
    })
    if (!isHeard) incoming.refuse({ code: 'useless', reason: 'no streams here' })
  }

  #observed(stream: Duplex, info: PeerInfo): void {
    const isHeard = emitSafely(this, 'observer', [stream, info], (fault) => {
      this.#warn(fault.message)
      stream.destroy()
    })
    if (!isHeard) stream.resume()
  }

  #warn(message: string): void {
    // What a listener of warnings throws, nobody is left to tell.
    if (!this.destroyed) emitSafely(this, 'warning', [message], () => {})
  }
}

/** Ends a stream, and resolves when it is closed: with both directions at their end it closes by itself. */
function ended(stream: Duplex): Promise<void> {
  return new Promise((resolve) => {
    // Its 'close' may be heard by another listener in this moment.
    if (stream.closed) return resolve()
    stream.once('close', resolve)
    stream.end()
    stream.resume()
  })
}
