/**
 * A dialled unix socket that reads into memory of ours: exactly what the handshake asks for, and
 * then again and again into one reused buffer.
 *
 * Node's `onread` option does both. What was not asked for stays in the kernel, so that the socket
 * can become a command's stdin; and reading without an allocation for each chunk is the fastest
 * there is from the event loop (1.3 to 1.6 times `stream.pipe`).
 */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import process from 'node:process'
import { pageBuffer } from '../../io/page-buffer.ts'
import { Connection, endedEarly, type Reading } from '../../protocol/connection.ts'
import { FRAME_HEADER_BYTES } from '../../protocol/frame.ts'
import { PREFACE } from '../../protocol/hello.ts'

/** Enough for a short reply. */
const SHORT_BYTES = 65_536
/** For a stream: it takes 0.2 ms to allocate and to free. */
const POUR_BYTES = 1_048_576
/** No handshake is shorter than the preface and the header of a frame. */
const FIRST_BYTES = PREFACE.length + FRAME_HEADER_BYTES

/** What Node's reading asks for: where the next bytes go, and whether to read on after them. */
interface Reader {
  /** What came before anybody has asked. */
  early: Buffer
  into: Buffer
  take: (chunk: Buffer) => boolean
}

export class ExactConnection extends Connection {
  override readonly socket: Socket
  readonly #reader: Reader

  /** Dials. Rejects with the error of the system. */
  static async to(path: string): Promise<ExactConnection> {
    const connection = new ExactConnection(path)
    await once(connection.socket, 'connect')
    return connection
  }

  constructor(path: string) {
    const reader: Reader = { early: Buffer.alloc(0), into: Buffer.alloc(FIRST_BYTES), take: () => false }
    // Nobody speaks before our hello, but whoever does is read no further than that.
    reader.take = (chunk) => {
      reader.early = Buffer.from(chunk)
      reader.into = Buffer.alloc(1)
      return false
    }
    const onread = {
      buffer: () => reader.into,
      callback: (bytes: number, { buffer, byteOffset }: Uint8Array) =>
        reader.take(Buffer.from(buffer, byteOffset, bytes)),
    }
    const socket: Socket = process.getBuiltinModule('node:net').connect({ path, allowHalfOpen: true, onread })
    super(socket)
    this.socket = socket
    this.#reader = reader
    // Node starts the reading for every reader but this one.
    socket.on('newListener', (event) => {
      if (event === 'readable') socket.read(0)
    })
  }

  override parse<T>(reading: Reading<T>): Promise<T> {
    const reader = this.#reader
    return new Promise((resolve, reject) => {
      let bytes: Buffer = Buffer.alloc(0)
      const settle = (act: () => void): false => {
        // A reader of the stream itself gets copies: the buffer is read into again.
        reader.take = (chunk) => this.stream.push(Buffer.from(chunk))
        this.stream.off('end', ended).off('close', ended)
        act()
        return false
      }
      const ended = () => settle(() => reject(endedEarly()))
      reader.take = (chunk) => {
        bytes = Buffer.concat([bytes, chunk])
        // Node asks for the next buffer as this returns, even if reading stops.
        reader.into = Buffer.allocUnsafeSlow(SHORT_BYTES)
        try {
          const result = reading(bytes)
          if (typeof result !== 'number') return settle(() => resolve(result.value))
          reader.into = Buffer.alloc(result - bytes.length)
          return true
        } catch (error) {
          return settle(() => reject(error))
        }
      }
      this.stream.on('end', ended).on('close', ended)
      if (this.destroyed) return void ended()
      const isMore = reader.early.length === 0 || reader.take(reader.early)
      // Starts the reading without a change of the stream's mode.
      if (isMore) this.stream.read(0)
    })
  }

  override pour(sink: (chunk: Buffer) => boolean): void {
    this.#reader.take = (chunk) => {
      // Only a stream fills the short buffer.
      if (chunk.length === SHORT_BYTES && this.#reader.into.length === SHORT_BYTES)
        this.#reader.into = pageBuffer(POUR_BYTES)
      const isMore = sink(chunk)
      if (!isMore) this.stream.pause()
      return isMore
    }
    this.stream.resume()
  }
}
