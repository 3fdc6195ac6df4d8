/**
 * A connection as the protocol sees it: a Duplex whose first bytes can be read exactly.
 *
 * The handshake must never take a byte that belongs to what follows it: the rest may be read by
 * a command that is handed the socket itself. So reading is by count until the go, and by `pour`
 * after it.
 */
import process from 'node:process'
import type { Duplex } from 'node:stream'
import { SwarmError } from '../errors.ts'

/** A parser that asks for its next bytes by count: `const header = yield 5`. */
export type Reading<T> = Generator<number, T, Buffer>

export interface Connection {
  /** For writing, ending, and its events. Half-open is allowed. It may be made when it is first asked for: not during a `parse`. */
  readonly stream: Duplex
  /** The kernel's socket where there is one: it can be the stdio of a command. */
  readonly socket: Duplex | undefined
  readonly destroyed: boolean
  /** Writes a word of the handshake. */
  say(word: Buffer): void
  /**
   * Runs `reading` with exactly the bytes it asks for, and then stops reading. Once: what follows
   * is poured, or is a command's.
   * @throws SwarmError BUSY when the connection ends before that; or what `reading` throws
   */
  parse<T>(reading: Reading<T>): Promise<T>
  /**
   * Every byte from here on goes to `sink`. A chunk is valid only until `sink` returns, or, when it
   * returned false and so stopped the reading, until `resume` is called.
   */
  pour(sink: (chunk: Buffer) => boolean): void
  /** Goes on after `sink` returned false. */
  resume(): void
  /** Closes it at once. Idempotent. */
  destroy(): void
}

const NOTHING: Buffer = Buffer.alloc(0)

/** A reading that is given bytes as they come, perhaps more than it asks for. */
export class Feed<T> {
  /** What came and was not asked for. */
  rest = NOTHING
  readonly #reading: Reading<T>
  #step: IteratorResult<number, T>

  constructor(reading: Reading<T>) {
    this.#reading = reading
    this.#step = reading.next()
  }

  /**
   * @returns what was read, once it is complete
   * @throws what the reading throws
   */
  push(chunk: Buffer): { readonly value: T } | undefined {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk])
    let at = 0
    try {
      while (!this.#step.done && bytes.length - at >= this.#step.value) {
        const part = bytes.subarray(at, at + this.#step.value)
        at += part.length
        this.#step = this.#reading.next(part)
      }
    } finally {
      this.rest = at === bytes.length ? NOTHING : bytes.subarray(at)
    }
    return this.#step.done ? { value: this.#step.value } : undefined
  }
}

/** A connection over any Duplex: what was read too far goes back into the stream's own buffer. */
export class DuplexConnection implements Connection {
  readonly stream: Duplex
  readonly socket: Duplex | undefined

  constructor(stream: Duplex, socket?: Duplex) {
    this.stream = stream
    this.socket = socket
    ignoreErrors(stream)
  }

  get destroyed(): boolean {
    return this.stream.destroyed
  }

  say(word: Buffer): void {
    this.stream.write(word)
  }

  parse<T>(reading: Reading<T>): Promise<T> {
    const { stream } = this
    return new Promise((resolve, reject) => {
      const feed = new Feed(reading)
      const attempt = () => {
        // All that is there at once: a read for each part would cost more than the parsing.
        const chunk: Buffer | null = stream.read()
        if (chunk === null) {
          if (stream.readableEnded || stream.destroyed) ended()
          return
        }
        try {
          const done = feed.push(chunk)
          if (done === undefined) return
          giveBack()
          settle(() => resolve(done.value))
        } catch (error) {
          giveBack()
          settle(() => reject(error))
        }
      }
      const giveBack = () => {
        if (feed.rest.length > 0) stream.unshift(feed.rest)
      }
      const ended = () => settle(() => reject(endedEarly()))
      const settle = (done: () => void) => {
        stream.off('readable', attempt).off('end', ended).off('close', ended)
        // Without its 'readable' listener the stream leaves that mode in the next tick, not before.
        process.nextTick(done)
      }
      stream.on('readable', attempt).on('end', ended).on('close', ended)
      attempt()
    })
  }

  pour(sink: (chunk: Buffer) => boolean): void {
    this.stream.on('data', (chunk: Buffer) => {
      if (!sink(chunk)) this.stream.pause()
    })
    this.stream.resume()
  }

  resume(): void {
    this.stream.resume()
  }

  destroy(): void {
    this.stream.destroy()
  }
}

/** A peer's reset ends its own connection, never the program (hyperswarm #45, #93). */
export function ignoreErrors(stream: Duplex): void {
  stream.on('error', () => {})
}

/** An end before the hello: the other side had no room (libuv's answer to EMFILE), or it went. */
export function endedEarly(): SwarmError {
  return new SwarmError('BUSY', 'the connection ended before the hello')
}
