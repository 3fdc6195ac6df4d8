/**
 * A stream in an encrypted connection: a Duplex over a channel of Protomux.
 *
 * The reader grants what the writer may send, and grants more as it reads: a stream that is not read
 * holds back its own writer, and nobody else. The end of a direction is a message, encrypted like the
 * rest; a channel or a connection that closes without one was cut, and that is an error at both ends.
 */
import { Duplex } from 'node:stream'
import type { Channel } from 'protomux'
import { SwarmError } from '../../errors.ts'
import { limits } from '../../limits.ts'

/** The messages of a channel, by their number. */
const DATA = 0
const GRANT = 1
const END = 2
const CUT = 3

/** One chunk: small enough that streams take turns. */
const CHUNK_BYTES = 32_768
/** Grants are saved up to this. */
const GRANT_BYTES = limits.windowBytes / 4

/** What makes the channel of a stream; `undefined` when its connection is closed. */
export type OpenChannel = (handlers: {
  readonly messages: readonly { readonly onmessage: (chunk: Uint8Array) => void }[]
  readonly onclose: () => void
  readonly ondrain: () => void
}) => Channel | undefined

export class ChannelStream extends Duplex {
  readonly #channel: Channel | undefined
  /** How much we may still send. */
  #room = limits.windowBytes
  /** How much the other side may still send. */
  #granted = limits.windowBytes
  /** Read, and not granted again yet. */
  #read = 0
  /** The connection below is full. */
  #full = false
  #heardEnd = false
  #saidEnd = false
  #rest: Buffer | undefined
  #written: ((error?: Error) => void) | undefined

  constructor(open: OpenChannel) {
    super({ allowHalfOpen: true, readableHighWaterMark: limits.windowBytes })
    this.#channel = open({
      messages: [
        { onmessage: (chunk) => this.#hear(Buffer.from(chunk)) },
        { onmessage: (grant) => this.#widen(grant) },
        { onmessage: () => this.#end() },
        { onmessage: () => this.destroy(cut()) },
      ],
      onclose: () => this.#closed(),
      ondrain: () => {
        this.#full = false
        this.#send()
      },
    })
    this.#channel?.open()
    if (this.#channel === undefined) this.destroy(cut())
  }

  /** Resolves when the other side has taken it; false when it has not. */
  opened(): Promise<boolean> {
    return this.#channel?.fullyOpened() ?? Promise.resolve(false)
  }

  override _read(): void {}

  override read(size?: number): Buffer | null {
    const before = this.readableLength
    const chunk: Buffer | null = super.read(size)
    this.#grant(before - this.readableLength)
    return chunk
  }

  /** Bytes that are put back will be read again, and must not be granted twice. */
  override unshift(chunk: Uint8Array): void {
    this.#read -= chunk.length
    super.unshift(chunk)
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#rest = chunk
    this.#written = done
    this.#send()
  }

  override _final(done: (error?: Error) => void): void {
    this.#say(END)
    this.#saidEnd = true
    done()
    this.#finish()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const written = this.#written
    this.#written = undefined
    this.#rest = undefined
    if (!this.#saidEnd || !this.#heardEnd) this.#say(CUT)
    this.#channel?.close()
    written?.(error ?? cut())
    // As a socket it closes a turn later: what is piped into it has ended by then.
    setImmediate(() => done(error))
  }

  #send(): void {
    while (this.#rest !== undefined && this.#rest.length > 0 && this.#room > 0 && !this.#full) {
      const piece = this.#rest.subarray(0, Math.min(CHUNK_BYTES, this.#room))
      this.#rest = this.#rest.subarray(piece.length)
      this.#room -= piece.length
      this.#full = this.#say(DATA, piece) === false
    }
    if (this.#rest === undefined || this.#rest.length > 0) return
    const written = this.#written
    this.#rest = undefined
    this.#written = undefined
    written?.()
  }

  #say(message: number, body: Uint8Array = Buffer.alloc(0)): boolean | undefined {
    if (this.#channel === undefined || this.#channel.closed) return undefined
    return this.#channel.messages[message]?.send(body)
  }

  #hear(chunk: Buffer): void {
    this.#granted -= chunk.length
    if (this.#granted < 0 || this.#heardEnd)
      return void this.destroy(new SwarmError('PROTOCOL', 'sent too much'))
    // What was not there to be read may flow past `read`.
    const before = this.readableLength
    this.push(chunk)
    this.#grant(before + chunk.length - this.readableLength)
  }

  /** So much was read: the other side may send as much again. */
  #grant(bytes: number): void {
    if (bytes <= 0 || this.#heardEnd) return
    this.#read += bytes
    if (this.#read < GRANT_BYTES) return
    const grant = Buffer.alloc(4)
    grant.writeUInt32BE(this.#read)
    this.#granted += this.#read
    this.#read = 0
    this.#say(GRANT, grant)
  }

  #widen(grant: Uint8Array): void {
    const bytes = grant.length === 4 ? Buffer.from(grant).readUInt32BE() : 0
    // More than was ever sent cannot have been read.
    if (bytes === 0 || this.#room + bytes > limits.windowBytes)
      return void this.destroy(new SwarmError('PROTOCOL', 'granted too much'))
    this.#room += bytes
    this.#send()
  }

  #end(): void {
    if (this.#heardEnd) return
    this.#heardEnd = true
    this.push(null)
    // An end that nobody asks for is told all the same, as by a socket.
    super.read(0)
    this.#finish()
  }

  /** Both directions are at their end: the channel is done with, though not all need be read yet. */
  #finish(): void {
    if (this.#heardEnd && this.#saidEnd) this.#channel?.close()
  }

  #closed(): void {
    if (this.destroyed || (this.#heardEnd && this.#saidEnd)) return
    this.destroy(cut())
  }
}

function cut(): SwarmError {
  return new SwarmError('INCOMPLETE', 'the connection was cut')
}
