/**
 * All connections of a swarm, each from its dial or accept until it is closed.
 *
 * A connection begins bound to a signal (that of a topic, or of the swarm) and is destroyed when
 * the signal aborts. Once it is established, only `destroy` ends it from here.
 */
import { now } from '../clock.ts'
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Connection, Reading } from '../protocol/connection.ts'
import { encodeRefusal, type Hello, type Refusal, readHello } from '../protocol/hello.ts'
import type { DialOptions, Presence } from '../transport/transport.ts'

/** So often handshakes are checked. */
const CHECK_MS = 1_000
/** A silent connection of this age may have to make room for a new one. */
const EVICTION_AGE_MS = 200

export class Connections {
  readonly #all = new Set<Connection>()
  /** Those that are not established, by the signal that ends them. */
  readonly #bound = new Map<AbortSignal, Set<Connection>>()
  /** Handshakes that are being read, each with the milliseconds that it has left at the last check. */
  readonly #leftMs = new Map<Connection, number>()
  /** Accepted connections that have not said hello, with the time of their accept: the oldest first. */
  readonly #silent = new Map<Connection, number>()
  #timer: NodeJS.Timeout | undefined
  #checkedAt = 0
  #checkMs = CHECK_MS
  #isDestroyed = false

  /** Owns a connection from here on; destroys it when `signal` aborts before it is established. */
  add(connection: Connection, signal: AbortSignal): Connection {
    if (signal.aborted || this.#isDestroyed) {
      connection.destroy()
      return connection
    }
    this.#all.add(connection)
    this.#boundTo(signal).add(connection)
    connection.stream.once('close', () => {
      this.#all.delete(connection)
      this.#bound.get(signal)?.delete(connection)
    })
    return connection
  }

  /**
   * Dials, and owns the connection.
   * @throws SwarmError as `Presence.dial`
   */
  async dial(presence: Presence, address: string, options: DialOptions): Promise<Connection> {
    return this.add(await presence.dial(address, options), options.signal)
  }

  /** From here on the connection outlives the signal that it was added with. */
  establish(connection: Connection): void {
    for (const connections of this.#bound.values()) connections.delete(connection)
  }

  /**
   * Reads what an accepted connection says first. Of many silent ones the oldest are destroyed.
   * @throws SwarmError TIMEOUT, BUSY, PROTOCOL, VERSION
   */
  async readHello(connection: Connection): Promise<Hello> {
    this.#evict()
    this.#silent.set(connection, now())
    try {
      return await this.read(connection, readHello)
    } finally {
      this.#silent.delete(connection)
    }
  }

  /**
   * Reads a word of the handshake within `limits.helloMs`. The deadline is absolute, since an idle
   * timer is evaded byte by byte, but it counts only time in which this process ran: on a machine
   * that is too busy for its peers nobody gives up a peer that is as busy.
   * @throws SwarmError TIMEOUT, BUSY when the connection ends before, and what `reading` throws
   */
  async read<T>(connection: Connection, reading: Reading<T>): Promise<T> {
    // A part of the running interval is over already, and does not count.
    const overMs =
      this.#timer === undefined ? 0 : Math.min(Math.floor(now() - this.#checkedAt), this.#checkMs)
    this.#timer ??= this.#checkLater(CHECK_MS)
    this.#leftMs.set(connection, limits.helloMs + overMs)
    try {
      return await connection.parse(reading)
    } catch (error) {
      if (this.#leftMs.get(connection) !== 0) throw error
      throw new SwarmError('TIMEOUT', `no hello within ${limits.helloMs / 1000} s`)
    } finally {
      this.#leftMs.delete(connection)
    }
  }

  /** Turns a connection down with a reason, gives the other side time to read it, and closes. */
  refuse({ stream }: Connection, refusal: Refusal, mine?: Hello): void {
    stream.end(encodeRefusal(refusal, mine))
    // Unread input would turn the close into a reset, and the reason would be lost with it.
    stream.resume()
    const timer = setTimeout(() => stream.destroy(), limits.lingerMs)
    stream.once('end', () => stream.destroy()).once('close', () => clearTimeout(timer))
  }

  /** Destroys all of them at once, and whatever is added later. */
  destroy(): void {
    this.#isDestroyed = true
    for (const connection of this.#all) connection.destroy()
  }

  #boundTo(signal: AbortSignal): Set<Connection> {
    const known = this.#bound.get(signal)
    if (known !== undefined) return known
    const connections = new Set<Connection>()
    this.#bound.set(signal, connections)
    signal.addEventListener('abort', () => {
      this.#bound.delete(signal)
      for (const connection of connections) connection.destroy()
    })
    return connections
  }

  #evict(): void {
    for (const [connection, sinceMs] of this.#silent) {
      if (this.#silent.size < limits.helloPendingConnections || now() - sinceMs < EVICTION_AGE_MS) return
      this.#silent.delete(connection)
      connection.destroy()
    }
  }

  #checkLater(ms: number): NodeJS.Timeout {
    this.#checkedAt = now()
    this.#checkMs = ms
    return setTimeout(() => this.#check(), ms).unref()
  }

  /** A timer that fires late means that this process did not run: an interval counts as long as it was planned. */
  #check(): void {
    let nextMs = CHECK_MS
    for (const [connection, before] of this.#leftMs) {
      const leftMs = Math.max(0, before - this.#checkMs)
      this.#leftMs.set(connection, leftMs)
      if (leftMs === 0) connection.destroy()
      else nextMs = Math.min(nextMs, Math.ceil(leftMs))
    }
    this.#timer = this.#leftMs.size === 0 ? undefined : this.#checkLater(nextMs)
  }
}

/** What to tell a peer whose hello could not be read. */
export function refusalFor(error: unknown): Refusal {
  if (!(error instanceof SwarmError)) return { code: 'protocol', reason: 'not a hello' }
  return { code: error.code === 'VERSION' ? 'version' : 'protocol', reason: error.message }
}
