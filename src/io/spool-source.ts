/** A sender's spool (see `spool.ts`) as a source: read as far as the sender has said that it is written. */
import { close, readSync } from 'node:fs'
import { SwarmError } from '../errors.ts'
import { Source, type SourceOptions } from './source.ts'
import { isKept } from './spool-reader.ts'

/** A sender tells of two before it is answered; one that goes on is answered for the last. */
const EXTENTS_MAX = 8

export class SpoolSource extends Source {
  readonly #fd: number
  readonly #ringBytes: number
  readonly #seat: number
  readonly #onprogress: (bytes: number) => void
  /** What the sender has told of, and was not told that it is read: in their order. */
  readonly #extents: number[] = []
  #end = Number.POSITIVE_INFINITY
  #told = 0
  #read = 0
  #reading = false
  #closed = false

  /**
   * @param seat its byte behind the ring is set when the sender waits for us no longer
   * @param onprogress called with what is read, once for each extent
   */
  constructor(
    fd: number,
    options: SourceOptions,
    ring: { readonly bytes: number; readonly seat: number },
    onprogress: (bytes: number) => void,
  ) {
    super(options, undefined, false)
    this.#fd = fd
    this.#ringBytes = ring.bytes
    this.#seat = ring.seat
    this.#onprogress = onprogress
  }

  /** It is written so far. */
  extend(bytes: number): void {
    if (bytes <= this.#told) return
    this.#told = bytes
    if (this.#extents.length === EXTENTS_MAX) this.#extents.pop()
    this.#extents.push(bytes)
    this.wanted()
  }

  /** It ends there. */
  finish(bytes: number): void {
    this.#end = bytes
    this.wanted()
  }

  protected closeDescriptor(): void {
    if (this.#closed) return
    this.#closed = true
    close(this.#fd)
  }

  /** It is memory: reading never waits, and is over before another thread would have begun. */
  protected wanted(): void {
    if (this.#reading) return
    this.#reading = true
    try {
      while (!this.done && this.#read < this.#told && this.#readSome()) {}
      if (this.#read === this.#end) this.end()
    } catch (error) {
      this.fail(error)
    } finally {
      this.#reading = false
    }
  }

  #readSome(): boolean {
    const buffer = this.takeBuffer()
    if (buffer === undefined) return false
    const at = this.#read % this.#ringBytes
    const most = Math.min(buffer.length, this.#told - this.#read, this.#ringBytes - at)
    const bytes = readSync(this.#fd, buffer, 0, most, at)
    if (bytes === 0) throw new SwarmError('INPUT', 'the spool is shorter than was said')
    if (!isKept(this.#fd, this.#ringBytes, this.#seat)) {
      throw new SwarmError('INPUT', 'given up: it took too long')
    }
    this.#read += bytes
    this.deliver(buffer, bytes)
    for (let next = this.#extents[0]; next !== undefined && next <= this.#read; next = this.#extents[0]) {
      this.#extents.shift()
      this.#onprogress(next)
    }
    return true
  }
}
