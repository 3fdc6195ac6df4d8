/** Discovery: the session that `join` returns. */

/** What a session steers; several sessions of one topic share it. */
export interface Sessions {
  flushed(): Promise<void>
  refresh(): Promise<void>
  end(discovery: Discovery): Promise<void>
}

export class Discovery {
  /** The topic, 32 bytes. */
  readonly topic: Buffer
  /** We are findable through this session. */
  readonly isServer: boolean
  /** We look for others through this session. */
  readonly isClient: boolean
  readonly #sessions: Sessions
  #destroyed = false

  constructor(topic: Buffer, roles: { server: boolean; client: boolean }, sessions: Sessions) {
    this.topic = topic
    this.isServer = roles.server
    this.isClient = roles.client
    this.#sessions = sessions
  }

  get destroyed(): boolean {
    return this.#destroyed
  }

  /**
   * Resolves when we are announced, and everyone who was there has been dialled and has answered
   * (or has not, for 3 s).
   * @throws SwarmError RUNTIME_DIRECTORY, PATH_TOO_LONG when the topic could not be joined
   */
  flushed(): Promise<void> {
    return this.#sessions.flushed()
  }

  /** Looks again now, and resolves as `flushed` does. */
  refresh(): Promise<void> {
    return this.#sessions.refresh()
  }

  /** Ends this session; the topic is left with its last one. Connections stay. Idempotent. */
  async destroy(): Promise<void> {
    if (this.#destroyed) return
    this.#destroyed = true
    await this.#sessions.end(this)
  }
}
