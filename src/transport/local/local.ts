import type { Socket } from 'node:net'
import process from 'node:process'
import { SwarmError, systemCode } from '../../errors.ts'
import { descriptorLimit } from '../../io/descriptor.ts'
import { type Connection, DuplexConnection } from '../../protocol/connection.ts'
import type { Topic } from '../../topic.ts'
import { dialInMemory } from '../memory/memory.ts'
import type { JoinOptions, Presence, Transport } from '../transport.ts'
import { connectBare } from './bare-socket.ts'
import { ExactSocket } from './exact-socket.ts'
import { pipeBinding } from './pipe-binding.ts'
import { type Label, Publication } from './publication.ts'
import { assertSocketsAllowed, runtimeDirectory } from './runtime-directory.ts'
import { StaleSockets } from './stale.ts'
import { type Entries, isSocketName, TopicDirectory, topicDirectories } from './topic-directory.ts'

export interface LocalOptions {
  /** The runtime directory; by default `$LSWARM_DIR`, `$XDG_RUNTIME_DIR/lswarm` or `<tmp>/lswarm-<uid>`. */
  readonly basedir?: string | undefined
  /** Swarms of one process meet in memory, without a socket between them. Default true. */
  readonly shortcircuit?: boolean | undefined
  /** Our name, for shells that complete to read, with the topic's (see labels.ts). Default: nothing is shown. */
  readonly shownAs?: string | undefined
}

/** Descriptors kept free for files, pipes and the dials of our own. */
const SPARE_DESCRIPTORS = 24

/** Who accepts in this process, by socket name: names are unique, so the directory does not matter. */
const here = new Map<string, (connection: Connection) => void>()

/** Peers of one machine, over unix-domain sockets in a private directory. */
export function local(options: LocalOptions = {}): Transport {
  return {
    name: 'local',
    distance: 0,
    join: (topic, joining) => LocalPresence.join(topic, options, joining),
    survey: (known) => {
      const isNew = (name: string) => !known.some(({ hex }) => hex.startsWith(name))
      return topicDirectories(runtimeDirectory(options.basedir))
        .filter(isNew)
        .map((name) => (joining) => LocalPresence.join(name, options, joining))
    },
  }
}

class LocalPresence implements Presence {
  readonly #directory: TopicDirectory
  readonly #shortcircuit: boolean
  readonly #label: Label | undefined
  readonly #options: JoinOptions
  readonly #stale: StaleSockets
  #publication: Publication | undefined
  #publishing: Promise<void> | undefined
  #destroyed = false
  #warned = false
  /** What the last look saw: while that is all, our name is there as well. */
  #seen: Entries | undefined

  private constructor(topic: Topic | string, options: LocalOptions, joining: JoinOptions) {
    this.#directory = new TopicDirectory(runtimeDirectory(options.basedir), topic)
    this.#shortcircuit = options.shortcircuit ?? true
    this.#label = options.shownAs === undefined ? undefined : { name: options.shownAs, topic: wordOf(topic) }
    this.#options = joining
    this.#stale = new StaleSockets(this.#directory)
  }

  static async join(
    topic: Topic | string,
    options: LocalOptions,
    joining: JoinOptions,
  ): Promise<LocalPresence> {
    assertSocketsAllowed()
    const presence = new LocalPresence(topic, options, joining)
    if (joining.announce) await presence.#publish()
    return presence
  }

  get address(): string | undefined {
    return this.#publication?.name
  }

  async lookup(): Promise<string[]> {
    const { sockets, hidden } = await this.#entries()
    for (const name of hidden) this.#probeHidden(name)
    return sockets.filter((name) => name !== this.#publication?.name && !this.#stale.isQuiet(name))
  }

  async #entries(): Promise<Entries> {
    let entries = this.#directory.entries()
    if (entries === this.#seen) return entries
    if (this.#publication?.isThere() === false) {
      await this.#publishAgain()
      entries = this.#directory.entries()
    }
    this.#stale.keepOnly(entries)
    this.#seen = entries
    return entries
  }

  dial(address: string, { exact }: { readonly exact: boolean }): Promise<Connection> {
    if (!isSocketName(address))
      return Promise.reject(new SwarmError('UNREACHABLE', 'not an address of this machine'))
    const accept = this.#shortcircuit ? here.get(address) : undefined
    if (accept !== undefined) return Promise.resolve(dialInMemory(accept))
    return this.#connect(address, exact).catch((error: unknown) => {
      throw this.#notDialled(address, error)
    })
  }

  #connect(address: string, exact: boolean): Promise<Connection> {
    try {
      const path = this.#directory.socketPath(address)
      return exact ? connectExact(path) : connectPlain(path)
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async destroy(): Promise<void> {
    if (this.#destroyed) return
    this.#destroyed = true
    await this.#publishing?.catch(() => {})
    this.#unpublish()
    this.#directory.removeIfEmpty()
    this.#directory.close()
  }

  async #publish(): Promise<void> {
    this.#publishing = this.#doPublish()
    await this.#publishing
  }

  async #doPublish(): Promise<void> {
    const publication = await Publication.publish(
      this.#directory,
      this.#label,
      this.#options.onconnection,
      () => this.#warnOfDescriptors(),
    )
    const room = descriptorLimit() - SPARE_DESCRIPTORS
    publication.maxConnections = Math.max(room, 1)
    this.#publication = publication
    if (this.#shortcircuit) here.set(publication.name, this.#options.onconnection)
    if (this.#destroyed) this.#unpublish()
  }

  /** The directory or our socket was removed under us: take a new name, in a new directory if need be. */
  async #publishAgain(): Promise<void> {
    this.#unpublish()
    this.#directory.close()
    await this.#publish()
  }

  #unpublish(): void {
    if (this.#publication === undefined) return
    here.delete(this.#publication.name)
    this.#publication.close()
    this.#publication = undefined
  }

  /** A hidden name is dialled only to learn whether its process died before it could publish. */
  #probeHidden(name: string): void {
    if (this.#stale.isQuiet(name)) return
    connectPlain(this.#directory.socketPath(name)).then(
      (connection) => connection.destroy(),
      (error: unknown) => {
        if (systemCode(error) === 'ECONNREFUSED') this.#stale.refused(name)
      },
    )
  }

  #notDialled(address: string, error: unknown): SwarmError {
    if (error instanceof SwarmError) return error
    const code = systemCode(error)
    if (code === 'ECONNREFUSED') this.#stale.refused(address)
    if (code === 'EMFILE' || code === 'ENFILE') this.#warnOfDescriptors()
    const again = ['EAGAIN', 'EMFILE', 'ENFILE', 'ECONNRESET', 'EINTR'].includes(code)
    return new SwarmError(again ? 'BUSY' : 'UNREACHABLE', `cannot connect: ${code}`, error)
  }

  #warnOfDescriptors(): void {
    if (this.#warned) return
    this.#warned = true
    this.#options.onwarning('too few file descriptors for all peers: raise the limit (ulimit -n)')
  }
}

function wordOf(topic: Topic | string): string {
  return typeof topic === 'string' ? '' : topic.name
}

function connectPlain(path: string): Promise<Connection> {
  const binding = pipeBinding()
  return binding === undefined ? connectByNet(path) : connectBare(path, binding)
}

async function connectByNet(path: string): Promise<Connection> {
  const socket = process.getBuiltinModule('node:net').connect({ path, allowHalfOpen: true })
  socket.pause()
  await connected(socket)
  return new DuplexConnection(socket, socket)
}

async function connectExact(path: string): Promise<Connection> {
  const connection = new ExactSocket(path)
  await connected(connection.socket)
  return connection
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve()
    })
  })
}
