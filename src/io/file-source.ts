/** A regular file or a device as a source, from where it stands to its end. */
import { close, fstatSync, read } from 'node:fs'
import { type Loan, lend } from './loan.ts'
import { Source, type SourceOptions } from './source.ts'
import { wasiFunction } from './wasi.ts'

/** Of fd_seek: the offset counts from the start of the file. */
const FROM_START = 0

export class FileSource extends Source {
  readonly #fd: number
  readonly #isGiven: boolean
  #loan: Loan | undefined
  #reading = false
  #closed = false

  /** @param isGiven we were started with the descriptor: somebody may read on from where we end */
  constructor(fd: number, options: SourceOptions, isGiven: boolean) {
    const stat = fstatSync(fd)
    super(options, stat.isFile() ? stat.size : undefined, false)
    this.#fd = fd
    this.#isGiven = isGiven
  }

  override lend(): Loan | undefined {
    this.#loan = lend(this.#fd)
    return this.#loan
  }

  override lent(): void {
    if (!this.#isGiven || this.#loan?.size === undefined) return
    const seek = wasiFunction('fd_seek', ['i32', 'i64', 'i32', 'i32'], { stdin: this.#fd })
    seek?.call(0, BigInt(this.#loan.at + this.#loan.size), FROM_START, 0)
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
      else if (bytes === 0) this.inputEnded()
      else {
        this.deliver(buffer, bytes)
        this.wanted()
      }
    })
  }
}
