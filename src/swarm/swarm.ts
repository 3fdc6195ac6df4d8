/** The swarm: all topics that one program takes part in, and its connections. */
import { EventEmitter } from 'node:events'
import process from 'node:process'
import type { Duplex } from 'node:stream'
import { messageOf, SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import { isName, type Refusal } from '../protocol/hello.ts'
import { randomBytes } from '../random.ts'
import { type Topic, toTopic } from '../topic.ts'
import { local } from '../transport/local/local.ts'
import type { JoinOptions, Transport } from '../transport/transport.ts'
import type { SwarmEvents, SwarmOptions } from './api.ts'
import { Discovery } from './discovery.ts'
import { Gathering, type Host } from './gathering.ts'
import type { Roles } from './own-hello.ts'
import type { IncomingStream, PeerInfo } from './peer.ts'

/** One joined topic: what all its sessions share. */
interface Joined {
  readonly topic: Topic
  readonly gathering: Gathering
  /** Each with what it wants the topic joined as. */
  readonly sessions: Map<Discovery, Roles>
  begun: Promise<void>
}

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
  /** The open connections. */
  readonly connections = new Set<Duplex>()
  /** Who we are connected with, by peer id. */
  readonly peers = new Map<string, PeerInfo>()
  /** Who is at the other end of each connection. */
  readonly #infos = new Map<Duplex, PeerInfo>()
  readonly #options: SwarmOptions
  readonly #transports: readonly Transport[]
  readonly #joined = new Map<string, Joined>()
  #destroying: Promise<void> | undefined

  /** @throws SwarmError OPTION_INVALID for a name that cannot be shown, or a `maxPeers` below 1 */
  constructor(options: SwarmOptions = {}) {
    super()
    this.#options = options
    this.name = options.name ?? this.id.slice(0, 8)
    if (!isName(this.name)) {
      throw new SwarmError('OPTION_INVALID', `a name is 1 to ${limits.nameBytes} bytes of printable text`)
    }
    this.maxPeers = options.maxPeers ?? limits.peers
    if (!Number.isInteger(this.maxPeers) || this.maxPeers < 1) {
      throw new SwarmError('OPTION_INVALID', `maxPeers is a whole number from 1, not ${this.maxPeers}`)
    }
    const { basedir, shortcircuit } = options
    this.#transports = options.transports ?? [local({ basedir, shortcircuit })]
  }

  get destroyed(): boolean {
    return this.#destroying !== undefined
  }

  /**
   * Takes part in a topic: announces us on it (`server`) and connects to who is there (`client`).
   * Joining again gives another session of the same.
   *
   * @param topic a string, hashed, or a Buffer of 32 bytes
   * @param roles what it is joined as; `reads` and `writes` where they differ from the swarm's own
   * @throws SwarmError TOPIC_INVALID, DESTROYED, or OPTION_INVALID when both roles are false
   */
  join(topic: string | Buffer, roles: Partial<Roles> = {}): Discovery {
    if (this.destroyed) throw new SwarmError('DESTROYED', 'the swarm is destroyed')
    const wanted = toTopic(topic)
    const { server = this.#options.observer !== true, client = true } = roles
    const { reads = this.#options.reads ?? ['raw'], writes = this.#options.writes ?? ['raw'] } = roles
    if (!server && !client) throw new SwarmError('OPTION_INVALID', 'join as server, as client, or as both')
    const joined = this.#joined.get(wanted.hex) ?? this.#create(wanted)
    const session = new Discovery(wanted.key, { server, client }, this.#sessions(joined))
    joined.sessions.set(session, { server, client, reads, writes })
    joined.begun = joined.gathering.begin(rolesOf([...joined.sessions.values()]))
    // Who never asks for `flushed` still hears of a failure.
    joined.begun.catch((error: unknown) => this.emit('warning', messageOf(error)))
    return session
  }

  /** Leaves a topic, with all its sessions: no longer findable, no longer looking. Connections stay. */
  async leave(topic: string | Buffer): Promise<void> {
    await this.#end(this.#joined.get(toTopic(topic).hex))
  }

  /** A session of a joined topic, or `null`. */
  status(topic: string | Buffer): Discovery | null {
    const joined = this.#joined.get(toTopic(topic).hex)
    return joined?.sessions.keys().next().value ?? null
  }

  /** The topics joined now. */
  topics(): Buffer[] {
    return [...this.#joined.values()].map((joined) => joined.topic.key)
  }

  /** Resolves when every joined topic is flushed: all that were there are connected. */
  async flush(): Promise<void> {
    await Promise.all([...this.#joined.values()].map((joined) => joined.begun))
  }

  /** Resolves when we can be dialled on every topic joined as server. The same as `flush` without its waiting for peers. */
  async listen(): Promise<void> {
    await Promise.all([...this.#joined.values()].map(({ gathering }) => gathering.announced()))
  }

  /**
   * For observers: looks once at every topic that exists here and is not joined, and connects to who is there.
   * @throws SwarmError OPTION_INVALID for one who is no observer, or a transport that has no such list
   */
  async survey(): Promise<void> {
    const known = [...this.#joined.values()].map(({ topic }) => topic)
    const transport = this.#options.observer ? this.#transports.find((one) => one.survey) : undefined
    const ways = transport?.survey?.(known)
    if (transport === undefined || ways === undefined)
      throw new SwarmError('OPTION_INVALID', 'only an observer of local topics can survey them')
    const { name, distance } = transport
    const gatherings = ways.map(
      (join) => new Gathering(this.#host(), undefined, [{ transport: name, distance, join }]),
    )
    await Promise.all(
      gatherings.map((gathering) => gathering.begin({ server: false, client: true, reads: [], writes: [] })),
    )
    await Promise.all(gatherings.map((gathering) => gathering.destroy()))
  }

  /**
   * Opens a raw connection to a linked peer, beside the link: for one stream of bytes.
   * @param stream the number in the peer's offer
   * @throws SwarmError UNREACHABLE, REFUSED, PROTOCOL, TIMEOUT
   */
  async openStream(info: PeerInfo, stream: number): Promise<Connection> {
    const gathering = this.#joined.get(info.topic.toString('hex'))?.gathering
    if (gathering === undefined) throw new SwarmError('DESTROYED', 'the topic was left')
    return gathering.openStream(info, stream)
  }

  /**
   * Leaves all topics and ends all connections: gracefully, and after `lingerMs` (default 1000) at
   * once. Leaves no file, descriptor, timer or listener. Idempotent.
   */
  destroy(options: { readonly lingerMs?: number } = {}): Promise<void> {
    this.#destroying ??= this.#destroy(options.lingerMs ?? 1000)
    return this.#destroying
  }

  async #destroy(lingerMs: number): Promise<void> {
    const left = [...this.#joined.values()].map((joined) => this.#end(joined))
    await Promise.all([...left, ...[...this.connections].map((stream) => closed(stream, lingerMs))])
    await Promise.all(this.#transports.map((transport) => transport.destroy?.()))
    this.removeAllListeners()
  }

  #create(topic: Topic): Joined {
    const passages = this.#transports.map((transport) => ({
      transport: transport.name,
      distance: transport.distance,
      join: (options: JoinOptions) => transport.join(topic, options),
    }))
    const gathering = new Gathering(this.#host(), topic, passages)
    const joined: Joined = { topic, gathering, sessions: new Map(), begun: Promise.resolve() }
    this.#joined.set(topic.hex, joined)
    for (const [stream, info] of this.#infos) if (info.topic.equals(topic.key)) gathering.adopt(stream, info)
    return joined
  }

  #host(): Host {
    const { verb = 'swarm', observer = false, pid } = this.#options
    return {
      self: {
        peer: this.id,
        name: this.name,
        verb,
        observer,
        ...(pid !== undefined && { pid }),
      },
      isFull: () => this.#isFull,
      rejects: (info) => this.#rejects(info),
      linked: (stream, info) => this.#linked(stream, info),
      incoming: (stream) => this.#incoming(stream),
      observed: (stream, info) => {
        if (!this.emit('observer', stream, info)) stream.resume()
      },
      warn: (message) => this.emit('warning', message),
    }
  }

  #sessions(joined: Joined) {
    return {
      flushed: async () => void (await joined.begun),
      refresh: () => joined.gathering.refresh(),
      end: async (session: Discovery) => {
        joined.sessions.delete(session)
        if (joined.sessions.size === 0) await this.#end(joined)
      },
    }
  }

  async #end(joined: Joined | undefined): Promise<void> {
    if (joined === undefined) return
    // Left and joined again already, the topic is another's.
    if (this.#joined.get(joined.topic.hex) === joined) this.#joined.delete(joined.topic.hex)
    const sessions = [...joined.sessions.keys()]
    joined.sessions.clear()
    await joined.gathering.destroy()
    await Promise.all(sessions.map((session) => session.destroy()))
  }

  get #isFull(): boolean {
    return this.connections.size >= this.maxPeers
  }

  #rejects(info: PeerInfo): Refusal | undefined {
    if (this.#isTurnedAway(info)) return { code: 'firewall', reason: 'turned away by the firewall' }
    if (this.#isFull) return { code: 'busy', reason: `${this.maxPeers} peers are there` }
    return undefined
  }

  /** A firewall that fails lets nobody in. */
  #isTurnedAway(info: PeerInfo): boolean {
    try {
      return Boolean(this.#options.firewall?.(info))
    } catch (error) {
      this.emit('warning', `the firewall failed: ${messageOf(error)}`)
      return true
    }
  }

  #linked(stream: Duplex, info: PeerInfo): void {
    if (this.destroyed) return void stream.destroy()
    this.connections.add(stream)
    this.#infos.set(stream, info)
    this.peers.set(info.id, info)
    stream.on('close', () => {
      this.connections.delete(stream)
      this.#infos.delete(stream)
      // The peer may be there on another topic still.
      const other = [...this.#infos.values()].find(({ id }) => id === info.id)
      if (other) this.peers.set(info.id, other)
      else this.peers.delete(info.id)
    })
    try {
      this.emit('connection', stream, info)
    } catch (error) {
      // What a listener throws is the program's error, and not one of this connection.
      process.nextTick(() => {
        throw error
      })
    }
  }

  #incoming(stream: IncomingStream): void {
    if (!this.emit('stream', stream)) stream.refuse({ code: 'useless', reason: 'no streams here' })
  }
}

/** What all sessions of a topic want together. */
function rolesOf(all: readonly Roles[]): Roles {
  return {
    server: all.some((one) => one.server),
    client: all.some((one) => one.client),
    reads: [...new Set(all.flatMap((one) => one.reads))],
    writes: [...new Set(all.flatMap((one) => one.writes))],
  }
}

/** Ends a stream and resolves when it is closed, by force after `lingerMs`. */
function closed(stream: Duplex, lingerMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) return resolve()
    const timer = setTimeout(() => stream.destroy(), lingerMs)
    stream.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    stream.end(() => {
      if (stream.readableEnded) stream.destroy()
    })
    stream.once('end', () => {
      if (stream.writableFinished) stream.destroy()
    })
    stream.resume()
  })
}
