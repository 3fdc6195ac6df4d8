/** The transport of one machine. */
import { checkOptions, isBoolean, isText } from '../../check-options.ts'
import { SwarmError, systemCode } from '../../errors.ts'
import { descriptorLimit } from '../../io/descriptor.ts'
import { Connection } from '../../protocol/connection.ts'
import type { Topic } from '../../topic.ts'
import { dialInMemory } from '../memory/memory.ts'
import type { DialOptions, JoinOptions, Presence, Transport } from '../transport.ts'
import { ExactConnection } from './exact-connection.ts'
import { type Label, Publication } from './publication.ts'
import { assertSocketsAllowed, runtimeDirectory } from './runtime-directory.ts'
import { StaleSockets } from './stale.ts'
import { type Entries, isSocketName, TopicDirectory, topicDirectories } from './topic-directory.ts'
import { connect } from './unix-stream.ts'

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
  checkOptions('local', options, { basedir: isText, shortcircuit: isBoolean, shownAs: isText })
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
  /** Whether each address was published after ours. */
  readonly #later = new Map<string, boolean>()
  #publication: Publication | undefined
  #publishing: Promise<void> | undefined
  #destroyed = false
  #hasWarned = false
  /** What the last look saw: while that is all, our name is there as well. */
  #seen: Entries | undefined

  private constructor(topic: Topic | string, options: LocalOptions, joining: JoinOptions) {
    this.#directory = new TopicDirectory(runtimeDirectory(options.basedir), topic)
    this.#shortcircuit = options.shortcircuit ?? true
    const { shownAs } = options
    this.#label =
      shownAs === undefined
        ? undefined
        : { name: shownAs, topic: typeof topic === 'string' ? '' : topic.name }
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

  /** Publishes us again if the directory or our socket was removed, now or at an earlier look that failed. */
  async #entries(): Promise<Entries> {
    let entries = this.#directory.entries()
    if (entries === this.#seen) return entries
    this.#seen = undefined
    this.#directory.reopen()
    if (this.#options.announce && this.#publication?.isThere() !== true) {
      await this.#publishAgain()
      entries = this.#directory.entries()
    }
    this.#stale.keepOnly(entries)
    const there = new Set(entries.sockets)
    for (const name of this.#later.keys()) if (!there.has(name)) this.#later.delete(name)
    this.#seen = entries
    return entries
  }

  isLater(address: string): boolean {
    const known = this.#later.get(address)
    if (known !== undefined || this.#publication === undefined) return known ?? false
    const isLater = this.#publication.isLater(address)
    this.#later.set(address, isLater)
    return isLater
  }

  /** The signal is not needed: it takes one turn of the event loop. */
  async dial(address: string, { exact }: DialOptions): Promise<Connection> {
    if (!isSocketName(address)) throw new SwarmError('UNREACHABLE', 'not an address of this machine')
    const accept = this.#shortcircuit ? here.get(address) : undefined
    if (accept !== undefined) return dialInMemory(accept)
    try {
      const path = this.#directory.socketPath(address)
      if (exact) return await ExactConnection.to(path)
      const stream = await connect(path)
      return new Connection(stream, { socket: stream })
    } catch (error) {
      throw this.#notDialled(address, error)
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
    const { onconnection } = this.#options
    const publication = await Publication.publish(this.#directory, {
      label: this.#label,
      maxConnections: Math.max(descriptorLimit() - SPARE_DESCRIPTORS, 1),
      onStream: (stream) => onconnection(new Connection(stream, { socket: stream })),
      onDrop: () => this.#warnOfDescriptors(),
    })
    this.#publication = publication
    this.#later.clear()
    if (this.#shortcircuit) here.set(publication.name, onconnection)
    if (this.#destroyed) this.#unpublish()
  }

  /** Takes a new name, in a new directory if need be. */
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
    connect(this.#directory.socketPath(name)).then(
      (stream) => stream.destroy(),
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
    const isTemporary = ['EAGAIN', 'EMFILE', 'ENFILE', 'ECONNRESET', 'EINTR'].includes(code)
    return new SwarmError(isTemporary ? 'BUSY' : 'UNREACHABLE', `cannot connect: ${code}`, error)
  }

  #warnOfDescriptors(): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    this.#options.onwarning('too few file descriptors for all peers: raise the limit (ulimit -n)')
  }
}
