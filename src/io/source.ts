/**
 * Where bytes come from: stdin or a file, read into a few reused buffers.
 *
 * Nothing is read before the first `next`; from then on as far ahead as there are free buffers,
 * and no further. A pipe, a socket and a terminal are read by the event loop, so that waiting for
 * them never keeps the program from ending; a file by the thread pool.
 */
import { close, constants, fstatSync, openSync, read, statSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { ReadStream } from 'node:tty'
import { messageOf, SwarmError, systemCode } from '../errors.ts'
import { kindOf, privatePipe } from './descriptor.ts'
import { pageBuffer } from './page-buffer.ts'

/** A piece of the input, in a buffer that is ours until `release`. */
export interface Piece {
  readonly data: Buffer
  release(): void
}

export interface SourceOptions {
  /** Bytes of each buffer. */
  readonly bufferBytes: number
  /** How many buffers, at least 3: two are being read into, the rest may be out. */
  readonly buffers: number
}

export abstract class Source {
  /** Its length from where it stands, where that is known. */
  readonly size: number | undefined
  readonly isTerminal: boolean
  readonly #options: SourceOptions
  readonly #free: Buffer[] = []
  #allocated = 0
  readonly #filled: Piece[] = []
  #ended = false
  #error: SwarmError | undefined
  #waiting: { resolve: (piece: Piece | undefined) => void; reject: (error: SwarmError) => void } | undefined

  protected constructor(options: SourceOptions, size: number | undefined, isTerminal: boolean) {
    this.#options = options
    this.size = size
    this.isTerminal = isTerminal
  }

  /**
   * The next piece, or `undefined` at the end. One call at a time.
   * @throws SwarmError INPUT
   */
  next(): Promise<Piece | undefined> {
    const piece = this.#filled.shift()
    if (piece !== undefined) {
      this.wanted()
      return Promise.resolve(piece)
    }
    if (this.#error !== undefined) return Promise.reject(this.#error)
    if (this.#ended) return Promise.resolve(undefined)
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.wanted()
    })
  }

  /** Stops reading and frees the descriptor; a `next` that waits gets the end. Idempotent. */
  close(): void {
    this.end()
    this.closeDescriptor()
  }

  protected abstract closeDescriptor(): void

  /** Reading may go on, if it had stopped. */
  protected abstract wanted(): void

  /** A buffer to read into; `undefined` when all are filled and not released. */
  protected takeBuffer(): Buffer | undefined {
    const free = this.#free.pop()
    if (free !== undefined || this.#allocated === this.#options.buffers) return free
    this.#allocated += 1
    return pageBuffer(this.#options.bufferBytes)
  }

  protected deliver(buffer: Buffer, bytes: number): void {
    const piece: Piece = {
      data: buffer.subarray(0, bytes),
      release: () => {
        this.#free.push(buffer)
        this.wanted()
      },
    }
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting !== undefined) waiting.resolve(piece)
    else this.#filled.push(piece)
  }

  protected end(): void {
    this.#ended = true
    this.#waiting?.resolve(undefined)
    this.#waiting = undefined
  }

  protected fail(error: unknown): void {
    if (error instanceof SwarmError) this.#error = error
    const why = systemCode(error) || messageOf(error)
    this.#error ??= new SwarmError('INPUT', `cannot read the input: ${why}`, error)
    this.#waiting?.reject(this.#error)
    this.#waiting = undefined
  }

  get done(): boolean {
    return this.#ended || this.#error !== undefined
  }
}

/**
 * Opens stdin (`-`) or a file.
 * @throws SwarmError INPUT when there is no such file, or it is a directory
 */
export function openSource(path: string, options: SourceOptions): Source {
  let fd = 0
  try {
    if (path !== '-') fd = openFile(path)
    const kind = kindOf(fd)
    if (kind === 'directory') throw new SwarmError('INPUT', `${nameOf(path)} is a directory (EISDIR)`)
    if (kind === 'file') return new FileSource(fd, options)
    return new StreamSource(fd === 0 && kind === 'pipe' ? privatePipe(0, 'read') : fd, kind, options)
  } catch (error) {
    if (error instanceof SwarmError) throw error
    throw new SwarmError(
      'INPUT',
      `cannot open ${nameOf(path)}: ${systemCode(error) || messageOf(error)}`,
      error,
    )
  }
}

/** A fifo whose writer is still to come would stop us in open(2), and the signals too. */
function openFile(path: string): number {
  return openSync(path, statSync(path).isFIFO() ? constants.O_RDONLY | constants.O_NONBLOCK : 'r')
}

function nameOf(path: string): string {
  return path === '-' ? 'the standard input' : path
}

/** A regular file or a device. */
class FileSource extends Source {
  readonly #fd: number
  #reading = false
  #closed = false

  constructor(fd: number, options: SourceOptions) {
    const stat = fstatSync(fd)
    super(options, stat.isFile() ? stat.size : undefined, false)
    this.#fd = fd
  }

  protected closeDescriptor(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#fd > 2 && !this.#reading) close(this.#fd)
  }

  protected wanted(): void {
    if (this.#reading || this.#closed || this.done) return
    const buffer = this.takeBuffer()
    if (buffer === undefined) return
    this.#reading = true
    read(this.#fd, buffer, 0, buffer.length, null, (error, bytes) => {
      this.#reading = false
      if (this.#closed && this.#fd > 2) close(this.#fd)
      if (error) this.fail(error)
      else if (bytes === 0) this.end()
      else {
        this.deliver(buffer, bytes)
        this.wanted()
      }
    })
  }
}

/** A pipe, a socket or a terminal. */
class StreamSource extends Source {
  readonly #socket: Socket
  /** Node is told where to read before it reads: this is where, and then there. */
  #armed: Buffer | undefined
  #after: Buffer | undefined
  #flowing = false

  constructor(fd: number, kind: 'pipe' | 'socket' | 'terminal', options: SourceOptions) {
    super(options, undefined, kind === 'terminal')
    if (kind === 'terminal') {
      this.#socket = new ReadStream(fd)
      this.#socket.on('data', (chunk: Buffer) => this.#copy(chunk))
    } else {
      this.#socket = new Socket({
        fd,
        readable: true,
        writable: false,
        onread: { buffer: () => this.#arm(), callback: (bytes) => this.#taken(bytes) },
      })
    }
    this.#socket.pause()
    this.#socket.on('end', () => this.end())
    this.#socket.on('error', (error) => this.fail(error))
  }

  protected closeDescriptor(): void {
    this.#socket.destroy()
  }

  protected wanted(): void {
    if (this.#flowing || this.done) return
    this.#after ??= this.takeBuffer()
    if (this.#after === undefined) return
    this.#flowing = true
    this.#socket.resume()
  }

  #arm(): Buffer {
    this.#armed ??= this.takeBuffer() ?? Buffer.alloc(1)
    return this.#armed
  }

  #taken(bytes: number): boolean {
    if (this.#armed !== undefined) this.deliver(this.#armed, bytes)
    this.#armed = this.#after
    this.#after = this.takeBuffer()
    return this.#after !== undefined || this.#stop()
  }

  #stop(): false {
    this.#flowing = false
    this.#socket.pause()
    return false
  }

  /** A terminal gives chunks of its own, at the pace of fingers. */
  #copy(chunk: Buffer): void {
    this.deliver(Buffer.from(chunk), chunk.length)
    this.#stop()
  }
}

/** The output of a command, whose failure is a failure to read. Its chunks are its own: no buffer of ours is used. */
export class CommandSource extends Source {
  readonly #output: Readable

  /** @param failure what went wrong, asked at the end of the output */
  constructor(output: Readable, failure: () => Promise<SwarmError | undefined>) {
    super({ bufferBytes: 0, buffers: 0 }, undefined, false)
    this.#output = output
    output.pause()
    output.on('data', (chunk: Buffer) => {
      output.pause()
      this.deliver(chunk, chunk.length)
    })
    output.on('error', (error) => this.fail(error))
    output.on('end', () => {
      failure().then(
        (failed) => (failed ? this.fail(failed) : this.end()),
        (error: unknown) => this.fail(error),
      )
    })
  }

  protected wanted(): void {
    this.#output.resume()
  }

  protected closeDescriptor(): void {
    this.#output.destroy()
  }
}
