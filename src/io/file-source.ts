/** A regular file or a device as a source, from where it stands to its end. */
import { close, read, readSync } from 'node:fs'
import { positionOf } from './descriptor.ts'
import { assertUnchanged, type FileState, stateOf } from './file-state.ts'
import { type Loan, lend } from './loan.ts'
import { Source, type SourceOptions } from './source.ts'
import { wasiFunction } from './wasi.ts'

/** Of fd_seek: the offset counts from the start of the file. */
const FROM_START = 0

/** How much one read skips at most. */
const SKIP_BYTES = 1_048_576

export class FileSource extends Source {
  readonly #fd: number
  readonly #isGiven: boolean
  readonly #name: string
  /** What the file has to be still when all of it was read. */
  readonly #state: FileState | undefined
  /** How much there is to be read; Infinity: to its end. */
  #left = Number.POSITIVE_INFINITY
  #loan: Loan | undefined
  #reading = false
  #closed = false

  /**
   * @param name what to call the file in an error
   * @param isGiven we were started with the descriptor: another process may read on from where we end
   */
  constructor(fd: number, options: SourceOptions, name: string, isGiven: boolean) {
    const state = stateOf(fd)
    // NaN where that cannot be known: then the end is found by reading.
    const at = options.isSnapshot && state !== undefined ? positionOf(fd) : 0
    const size = state && Math.max(0, state.size - (at || 0))
    super(options, size, false)
    this.#fd = fd
    this.#name = name
    this.#isGiven = isGiven
    if (!options.isSnapshot || state === undefined) return
    this.#state = state
    // The files of /proc say that they are empty, and are not.
    if (size !== undefined && state.size > 0 && at >= 0) this.#left = size
  }

  override lend(): Loan | undefined {
    this.#loan = lend(this.#fd)
    return this.#loan
  }

  override lent(): void {
    if (!this.#isGiven || this.#loan?.size === undefined) return
    const seek = wasiFunction('fd_seek', ['i32', 'i64', 'i32', 'i32'], { stdin: this.#fd })
    if (seek === undefined) this.#skip(this.#loan.size)
    else seek.call(0, BigInt(this.#loan.at + this.#loan.size), FROM_START, 0)
  }

  /** Moves the position of the open file by reading: Node has no other way without WASI. */
  #skip(bytes: number): void {
    const buffer = Buffer.allocUnsafe(Math.min(bytes, SKIP_BYTES))
    try {
      for (let left = bytes, got = 1; left > 0 && got > 0; left -= got)
        got = readSync(this.#fd, buffer, 0, Math.min(left, buffer.length), null)
    } catch {
      // The stream itself has been delivered.
    }
  }

  protected closeDescriptor(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#fd > 2 && !this.#reading) close(this.#fd)
  }

  protected wanted(): void {
    if (this.#reading || this.#closed || this.done) return
    if (this.#left === 0) return this.#finish()
    const buffer = this.takeBuffer()
    if (buffer === undefined) return
    this.#reading = true
    read(this.#fd, buffer, 0, Math.min(buffer.length, this.#left), null, (error, bytes) => {
      this.#reading = false
      if (this.#closed) {
        if (this.#fd > 2) close(this.#fd)
      } else if (error) this.fail(error)
      else if (bytes === 0) this.#finish()
      else {
        this.#left -= bytes
        this.deliver(buffer, bytes)
        this.wanted()
      }
    })
  }

  /** All was read that there is. */
  #finish(): void {
    try {
      if (this.#state !== undefined) assertUnchanged(this.#fd, this.#state, this.#name)
      this.inputEnded()
    } catch (error) {
      this.fail(error)
    }
  }
}
