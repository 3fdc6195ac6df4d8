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

/**
 * Reads a word of the handshake from its first byte on; it remembers nothing.
 * @param bytes all that has come so far, perhaps more than the word
 * @returns what was said, or how many bytes it needs in all before it can tell more
 * @throws SwarmError PROTOCOL, VERSION
 */
export type Reading<T> = (bytes: Buffer) => Said<T> | number

export interface Said<T> {
  readonly value: T
  /** How many bytes it took. */
  readonly bytes: number
}

export interface Connection {
  /** For writing, ending, and its events. Half-open is allowed. It may be made when it is first asked for: not during a `parse`. */
  readonly stream: Duplex
  /** The kernel's socket where there is one: it can be the stdio of a command. */
  readonly socket: Duplex | undefined
  readonly destroyed: boolean
  /** Writes a word of the handshake. */
  say(word: Buffer): void
  /**
   * Reads until `reading` has what it asks for, and not further. Once: what follows is poured, or is a command's.
   * @param done called once, perhaps at once: with what was said, with BUSY when the connection ends before that, or with
   * what `reading` throws
   */
  parse<T>(reading: Reading<T>, done: (said: T | Error) => void): void
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

/** @returns what `reading` throws, too */
export function attempt<T>(reading: Reading<T>, bytes: Buffer): Said<T> | number | Error {
  try {
    return reading(bytes)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
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

  parse<T>(reading: Reading<T>, done: (said: T | Error) => void): void {
    const { stream } = this
    let bytes: Buffer | undefined
    const take = () => {
      // All that is there at once: a read for each part would cost more than the parsing.
      const chunk: Buffer | null = stream.read()
      if (chunk === null) {
        if (stream.readableEnded || stream.destroyed) ended()
        return
      }
      bytes = bytes === undefined ? chunk : Buffer.concat([bytes, chunk])
      const said = attempt(reading, bytes)
      if (said instanceof Error) return settle(said)
      if (typeof said === 'number') return
      if (said.bytes < bytes.length) stream.unshift(bytes.subarray(said.bytes))
      settle(said.value)
    }
    const ended = () => settle(endedEarly())
    const settle = (said: T | Error) => {
      stream.off('readable', take).off('end', ended).off('close', ended)
      // Without its 'readable' listener the stream leaves that mode in the next tick, not before.
      process.nextTick(done, said)
    }
    stream.on('readable', take).on('end', ended).on('close', ended)
    take()
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
