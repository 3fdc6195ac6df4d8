/** A pipe, a socket or a terminal as a source. */
import { closeSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import { ReadStream } from 'node:tty'
import { Interrupted, systemCode } from '../errors.ts'
import { isHungUp } from './descriptor.ts'
import { type Loan, lend } from './loan.ts'
import { Source, type SourceOptions } from './source.ts'

/** What a pipe holds: who filled it has more, and that is read without asking the event loop. */
const FULL_BYTES = 65_536

export class StreamSource extends Source {
  readonly #fd: number
  readonly #isSocket: boolean
  /** Made when it is read: who lends it, or waits for peers first, needs none for now (1 ms of a start). */
  #socket: Socket | undefined
  /** Node is told where to read before it reads: this is where, and then there. */
  #armed: Buffer | undefined
  #after: Buffer | undefined
  #flowing = false
  #closed = false

  constructor(fd: number, kind: 'pipe' | 'socket' | 'terminal', options: SourceOptions) {
    super(options, undefined, kind === 'terminal')
    this.#fd = fd
    this.#isSocket = kind === 'socket'
    // A terminal tells an early Ctrl-D before anyone reads.
    if (this.isTerminal) this.#open()
  }

  override lend(): Loan | undefined {
    return lend(this.#fd)
  }

  protected closeDescriptor(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#socket === undefined) closeSync(this.#fd)
    else this.#socket.destroy()
  }

  protected wanted(): void {
    if (this.#flowing || this.done) return
    this.#after ??= this.takeBuffer()
    if (this.#after === undefined) return
    this.#flowing = true
    try {
      this.#open().resume()
    } catch (error) {
      // A socket of datagrams, say.
      this.fail(error)
    }
  }

  #open(): Socket {
    this.#socket ??= (this.isTerminal ? this.#terminal() : this.#stream())
      .pause()
      .on('end', () => this.#atEnd())
      .on('error', (error) => this.fail(isHungUp(this.#fd) ? new Interrupted('SIGHUP') : error))
    return this.#socket
  }

  #terminal(): Socket {
    return new ReadStream(this.#fd).on('data', (chunk: Buffer) => this.#copy(chunk))
  }

  #stream(): Socket {
    const onread = { buffer: () => this.#arm(), callback: (bytes: number) => this.#taken(bytes) }
    return new Socket({ fd: this.#fd, readable: true, writable: false, onread })
  }

  #arm(): Buffer {
    this.#armed ??= this.takeBuffer() ?? Buffer.alloc(1)
    return this.#armed
  }

  #taken(bytes: number): boolean {
    if (this.#armed !== undefined) this.#readOn(this.#armed, bytes)
    this.#armed = this.#after
    this.#after = this.takeBuffer()
    return this.#after !== undefined || this.#stop()
  }

  /** Fills the buffer as long as there is more at once, then delivers it. The end is left to the event loop. */
  #readOn(buffer: Buffer, bytes: number): void {
    let filled = bytes
    let failure: unknown
    try {
      for (let last = bytes; last >= FULL_BYTES && filled + FULL_BYTES <= buffer.length; filled += last)
        last = readSync(this.#fd, buffer, filled, buffer.length - filled, null)
    } catch (error) {
      failure = error
    }
    this.deliver(buffer, filled)
    // A socket tells its error only once: the event loop would find an end there.
    if (failure !== undefined && !isForLater(failure)) this.fail(failure)
  }

  /**
   * The event loop found the end. A terminal whose window is closed reads as ended, too: that is not Ctrl-D. libuv
   * infers an end from a hang-up without reading again, so a socket that was reset ends like one that was closed: the
   * socket itself is asked.
   */
  #atEnd(): void {
    if (isHungUp(this.#fd)) return this.fail(new Interrupted('SIGHUP'))
    if (!this.#isSocket) return this.inputEnded()
    try {
      for (;;) {
        const buffer = Buffer.alloc(FULL_BYTES)
        const bytes = readSync(this.#fd, buffer)
        if (bytes === 0) return this.inputEnded()
        this.deliver(buffer, bytes)
      }
    } catch (error) {
      if (isForLater(error)) this.inputEnded()
      else this.fail(error)
    }
  }

  #stop(): false {
    this.#flowing = false
    this.#socket?.pause()
    return false
  }

  /** A terminal gives chunks of its own, at the pace of fingers. */
  #copy(chunk: Buffer): void {
    this.deliver(Buffer.from(chunk), chunk.length)
    this.#stop()
  }
}

/** Nothing to be read for now. */
function isForLater(error: unknown): boolean {
  return systemCode(error) === 'EAGAIN'
}
