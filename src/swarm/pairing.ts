/**
 * Pairing: from a fresh connection to "this is that peer", or to a reason why not.
 *
 * Both halves of the handshake are here, with its one deadline. What to answer is decided by
 * `Gathering`, which knows who is linked already.
 */
import { now } from '../clock.ts'
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Connection, Reading } from '../protocol/connection.ts'
import {
  type Answer,
  encodeGo,
  encodeHello,
  encodeRefusal,
  type Hello,
  type Refusal,
  readAnswer,
  readHello,
} from '../protocol/hello.ts'

/**
 * Handshakes under way. Each has an absolute deadline, for an idle timer is evaded byte by byte; all have the same, so
 * that one timer does, for whoever began first.
 *
 * Nothing here is a promise: for who has just started and meets two hundred peers, promises, generators and timers were a
 * third of what each costs (measured).
 */
export class Handshakes {
  /** When each began, on the monotonic clock, in milliseconds: the oldest first. */
  readonly #since = new Map<Connection, number>()
  #timer: NodeJS.Timeout | undefined

  /**
   * The initiator's half: says hello, and waits for the answer.
   * @param told called once: SwarmError TIMEOUT, BUSY, PROTOCOL or VERSION when there was none
   */
  introduce(connection: Connection, hello: Hello, told: (answer: Answer | Error) => void): void {
    connection.say(encodeHello(hello))
    this.#read(connection, readAnswer, told)
  }

  /**
   * The acceptor's half as far as it may go without a decision: reads the hello.
   * @param told called once: SwarmError TIMEOUT, BUSY, PROTOCOL or VERSION when there was none
   */
  receive(connection: Connection, told: (hello: Hello | Error) => void): void {
    this.#read(connection, readHello, told)
  }

  /** Destroys the oldest while there are more than `most` and it is at least `ageMs` old. */
  evict(most: number, ageMs: number): void {
    for (const [connection, since] of this.#since) {
      if (this.#since.size <= most || now() - since < ageMs) return
      this.#since.delete(connection)
      connection.destroy()
    }
  }

  /** Destroys them all. */
  destroy(): void {
    for (const connection of this.#since.keys()) connection.destroy()
  }

  #read<T>(connection: Connection, reading: Reading<T>, told: (said: T | Error) => void): void {
    this.#since.set(connection, now())
    this.#timer ??= setTimeout(() => this.#expire(), limits.helloMs).unref()
    connection.parse(reading, (said) => {
      const isLate = !this.#since.delete(connection)
      told(isLate ? new SwarmError('TIMEOUT', `no hello within ${limits.helloMs / 1000} s`) : said)
    })
  }

  #expire(): void {
    this.#timer = undefined
    for (const [connection, since] of this.#since) {
      const leftMs = since + limits.helloMs - now()
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.#expire(), leftMs).unref()
        return
      }
      this.#since.delete(connection)
      connection.destroy()
    }
  }
}

/** Takes a connection whose hello was received. */
export function accept(connection: Connection, mine: Hello): Connection {
  connection.say(encodeGo(mine))
  return connection
}

/** Turns it down with a reason, lets the other side read it, and closes. */
export function refuse({ stream }: Connection, refusal: Refusal, mine?: Hello): void {
  stream.end(encodeRefusal(refusal, mine))
  // Unread input would turn the close into a reset, and the reason would be lost with it.
  stream.resume()
  const timer = setTimeout(() => stream.destroy(), limits.lingerMs)
  stream.once('end', () => stream.destroy()).once('close', () => clearTimeout(timer))
}

/** What to tell someone whose hello could not be read. */
export function refusalFor(error: Error): Refusal {
  if (error instanceof SwarmError && error.code === 'VERSION') {
    return { code: 'version', reason: error.message }
  }
  return { code: 'protocol', reason: error instanceof SwarmError ? error.message : 'not a hello' }
}
