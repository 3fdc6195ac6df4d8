/**
 * A connection: a Duplex whose first bytes can be read exactly.
 *
 * The handshake must not take a byte of what follows it: the rest may be for a command that gets
 * the socket itself. So a handshake is read by `parse`, and everything after it by `pour`, by the
 * stream's own events, or by a command.
 */
import process from 'node:process'
import type { Duplex } from 'node:stream'
import { SwarmError } from '../errors.ts'

/**
 * Decodes one word of the handshake from its first byte on, without state of its own.
 * @param bytes all that has been read so far: exactly what was asked for
 * @returns the decoded value, or how many bytes in total it needs before it can tell more
 * @throws SwarmError PROTOCOL, VERSION
 */
export type Reading<T> = (bytes: Buffer) => { readonly value: T } | number

export class Connection {
  /** For writing, ending, reading and its events. Half-open is allowed; its errors are handled. */
  readonly stream: Duplex
  /** The kernel's socket where there is one: it can be the stdio of a command. */
  readonly socket: Duplex | undefined
  /** True between two swarms of one process that met without a socket. */
  readonly isInMemory: boolean

  constructor(stream: Duplex, { socket, isInMemory = false }: ConnectionOptions = {}) {
    this.stream = stream
    this.socket = socket
    this.isInMemory = isInMemory
    // A peer's reset ends its own connection, never the program (hyperswarm #45, #93).
    stream.on('error', () => {})
  }

  get destroyed(): boolean {
    return this.stream.destroyed
  }

  /**
   * Reads exactly the bytes that `reading` asks for.
   * @throws SwarmError BUSY when the connection ends before that; what `reading` throws
   */
  parse<T>(reading: Reading<T>): Promise<T> {
    const { stream } = this
    return new Promise((resolve, reject) => {
      let bytes: Buffer = Buffer.alloc(0)
      const settle = (act: () => void) => {
        stream.off('readable', take).off('end', ended).off('close', ended)
        // Without its 'readable' listener the stream leaves that mode in the next tick, not before.
        process.nextTick(act)
      }
      const ended = () => settle(() => reject(endedEarly()))
      const take = () => {
        try {
          for (;;) {
            const result = reading(bytes)
            if (typeof result !== 'number') return settle(() => resolve(result.value))
            // Exactly so many bytes, or null while fewer have come; at the end what is left.
            const chunk: Buffer | null = stream.read(result - bytes.length)
            if (chunk === null) break
            bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
          }
        } catch (error) {
          return settle(() => reject(error))
        }
        if (stream.readableEnded || stream.destroyed) ended()
      }
      stream.on('readable', take).on('end', ended).on('close', ended)
      take()
    })
  }

  /**
   * Passes every byte from here on to `sink`. A chunk is valid until `sink` returns or, if it
   * returned false and so paused the reading, until `resume` is called.
   */
  pour(sink: (chunk: Buffer) => boolean): void {
    this.stream.on('data', (chunk: Buffer) => {
      if (!sink(chunk)) this.stream.pause()
    })
    this.stream.resume()
  }

  /** Continues after `sink` returned false. */
  resume(): void {
    this.stream.resume()
  }

  /** Closes it at once. Idempotent. */
  destroy(): void {
    this.stream.destroy()
  }
}

export interface ConnectionOptions {
  readonly socket?: Duplex
  readonly isInMemory?: boolean
}

/** The connection ended before the handshake: the other side had no room (EMFILE), or has gone. */
export function endedEarly(): SwarmError {
  return new SwarmError('BUSY', 'the connection ended before the hello')
}
