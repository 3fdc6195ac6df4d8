/** Discovery: the session that `join` returns. */
import { abortable, destroyedError, newController } from '../abort.ts'
import type { Roles } from './own-hello.ts'
import type { TopicSession } from './topic-session.ts'

export class Discovery {
  /** The topic, 32 bytes. */
  readonly topic: Buffer
  /** We are findable through this session. */
  readonly isServer: boolean
  /** We look for others through this session. */
  readonly isClient: boolean
  readonly #session: TopicSession
  readonly #roles: Roles
  readonly #joined: Promise<void>
  readonly #ending = newController()
  #destroying: Promise<void> | undefined

  constructor(topic: Buffer, roles: Roles, session: TopicSession) {
    this.topic = topic
    this.isServer = roles.server
    this.isClient = roles.client
    this.#session = session
    this.#roles = roles
    this.#joined = session.join(roles)
    // A program that never calls `flushed` is told by a warning.
    this.#joined.catch(() => {})
  }

  get destroyed(): boolean {
    return this.#ending.signal.aborted || this.#session.signal.aborted
  }

  /**
   * Resolves when we are announced, and everyone who was there has been dialled and has answered
   * (or has not, for 3 s).
   * @throws SwarmError DESTROYED; RUNTIME_DIRECTORY, PATH_TOO_LONG, NETWORK when the topic could not be joined
   */
  flushed(): Promise<void> {
    return this.#whileThere(() => this.#joined)
  }

  /** Looks again now, and resolves as `flushed` does. */
  refresh(): Promise<void> {
    return this.#whileThere(() => this.#session.refresh())
  }

  /**
   * Ends this session: with the last that is a server we are announced no longer, with the last
   * client we look no longer, and with the last of all the topic is left. Connections stay. Idempotent.
   */
  destroy(): Promise<void> {
    this.#ending.abort()
    this.#destroying ??= this.#session.leave(this.#roles)
    return this.#destroying
  }

  #whileThere(act: () => Promise<void>): Promise<void> {
    if (this.destroyed) return Promise.reject(destroyedError())
    return abortable(this.#ending.signal, act())
  }
}
