/**
 * Pairing: from a fresh connection to "this is that peer", or to a reason why not.
 *
 * Both halves of the handshake are here, with its one deadline. What to answer is decided by
 * `Gathering`, which knows who is linked already.
 */
import { now } from '../clock.ts'
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
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
 * The initiator's half: says hello, and waits for the answer.
 * @throws SwarmError TIMEOUT, BUSY, PROTOCOL, VERSION; the connection is destroyed then
 */
export async function introduce(connection: Connection, hello: Hello): Promise<Answer> {
  connection.say(encodeHello(hello))
  return underDeadline(connection, () => connection.parse(readAnswer()))
}

/** The acceptor's half as far as it may go without a decision: reads the hello. */
export class Arrival {
  readonly connection: Connection
  /** On the monotonic clock, in milliseconds. */
  readonly since = now()

  constructor(connection: Connection) {
    this.connection = connection
  }

  /** @throws SwarmError TIMEOUT, BUSY, PROTOCOL, VERSION */
  hello(): Promise<Hello> {
    return underDeadline(this.connection, () => this.connection.parse(readHello()))
  }

  /** Takes the connection. */
  go(mine: Hello): Connection {
    this.connection.say(encodeGo(mine))
    return this.connection
  }

  /** Turns it down with a reason, lets the other side read it, and closes. */
  refuse(refusal: Refusal, mine?: Hello): void {
    const { stream } = this.connection
    stream.end(encodeRefusal(refusal, mine))
    // Unread input would turn the close into a reset, and the reason would be lost with it.
    stream.resume()
    const timer = setTimeout(() => stream.destroy(), limits.lingerMs)
    stream.once('end', () => stream.destroy()).once('close', () => clearTimeout(timer))
  }
}

/** What to tell someone whose hello could not be read. */
export function refusalFor(error: unknown): Refusal {
  if (error instanceof SwarmError && error.code === 'VERSION') {
    return { code: 'version', reason: error.message }
  }
  return { code: 'protocol', reason: error instanceof SwarmError ? error.message : 'not a hello' }
}

/** Runs a half of the handshake under its absolute deadline: an idle timer is evaded byte by byte. */
async function underDeadline<T>(connection: Connection, act: () => Promise<T>): Promise<T> {
  let late = false
  const timer = setTimeout(() => {
    late = true
    connection.destroy()
  }, limits.helloMs)
  try {
    return await act()
  } catch (error) {
    if (late) throw new SwarmError('TIMEOUT', `no hello within ${limits.helloMs / 1000} s`, error)
    throw error
  } finally {
    clearTimeout(timer)
  }
}
