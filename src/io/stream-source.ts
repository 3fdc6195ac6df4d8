/** A pipe, a socket or a terminal as a source. */
import { readSync } from 'node:fs'
import { Socket } from 'node:net'
import { ReadStream } from 'node:tty'
import { type Loan, lend } from './loan.ts'
import { Source, type SourceOptions } from './source.ts'

/** What a pipe holds: who filled it has more, and so much is read without asking the event loop. */
const FULL_BYTES = 65_536
const READS_AT_ONCE = 8

export class StreamSource extends Source {
  readonly #fd: number
  readonly #socket: Socket
  /** Node is told where to read before it reads: this is where, and then there. */
  #armed: Buffer | undefined
  #after: Buffer | undefined
  #flowing = false

  constructor(fd: number, kind: 'pipe' | 'socket' | 'terminal', options: SourceOptions) {
    super(options, undefined, kind === 'terminal')
    this.#fd = fd
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

  override lend(): Loan | undefined {
    return lend(this.#fd)
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
    this.#filled(bytes)
    for (let reads = 0; bytes >= FULL_BYTES && reads < READS_AT_ONCE && this.#after !== undefined; reads++) {
      bytes = this.#readNow()
      if (bytes > 0) this.#filled(bytes)
    }
    return this.#after !== undefined || this.#stop()
  }

  #filled(bytes: number): void {
    if (this.#armed !== undefined) this.deliver(this.#armed, bytes)
    this.#armed = this.#after
    this.#after = this.takeBuffer()
  }

  /** @returns 0 if there is nothing now, at the end, and after a failure: the event loop will find out */
  #readNow(): number {
    if (this.done || this.#armed === undefined) return 0
    try {
      return readSync(this.#fd, this.#armed)
    } catch {
      return 0
    }
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
