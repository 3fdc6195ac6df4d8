/**
 * A connection as the protocol sees it: a Duplex whose first bytes can be read exactly.
 *
 * The handshake must never take a byte that belongs to what follows it: the rest may be read by
 * a command that is handed the socket itself. So reading is by count until the go, and by `pour`
 * after it.
 */
import type { Socket } from 'node:net'
import process from 'node:process'
import type { Duplex } from 'node:stream'
import { SwarmError } from '../errors.ts'

/** A parser that asks for its next bytes by count: `const header = yield 5`. */
export type Reading<T> = Generator<number, T, Buffer>

export interface Connection {
  /** For writing, ending, destroying, and its events. Half-open is allowed. */
  readonly stream: Duplex
  /** The kernel's socket where there is one: it can be the stdio of a command. */
  readonly socket: Socket | undefined
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
}

/** A connection over any Duplex: what was read too far goes back into the stream's own buffer. */
export class DuplexConnection implements Connection {
  readonly stream: Duplex
  readonly socket: Socket | undefined

  constructor(stream: Duplex, socket?: Socket) {
    this.stream = stream
    this.socket = socket
    ignoreErrors(stream)
  }

  parse<T>(reading: Reading<T>): Promise<T> {
    const { stream } = this
    return new Promise((resolve, reject) => {
      let step = reading.next()
      if (step.done) return resolve(step.value)
      let held: Buffer = Buffer.alloc(0)
      const attempt = () => {
        // All that is there at once: a read for each part would cost more than the parsing.
        const chunk: Buffer | null = stream.read()
        if (chunk === null) {
          if (stream.readableEnded || stream.destroyed) ended()
          return
        }
        held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
        try {
          while (!step.done && held.length >= step.value) {
            const part = held.subarray(0, step.value)
            held = held.subarray(step.value)
            step = reading.next(part)
          }
        } catch (error) {
          giveBack()
          return settle(() => reject(error))
        }
        if (!step.done) return
        giveBack()
        const { value } = step
        settle(() => resolve(value))
      }
      const giveBack = () => {
        if (held.length > 0) stream.unshift(held)
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
}

/** A peer's reset ends its own connection, never the program (hyperswarm #45, #93). */
export function ignoreErrors(stream: Duplex): void {
  stream.on('error', () => {})
}

/** An end before the hello: the other side had no room (libuv's answer to EMFILE), or it went. */
export function endedEarly(): SwarmError {
  return new SwarmError('BUSY', 'the connection ended before the hello')
}
