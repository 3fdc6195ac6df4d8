/**
 * Where bytes come from, read into a few reused buffers.
 *
 * Nothing is read before the first `next`; from then on as far ahead as there are free buffers,
 * and no further.
 */
import { reasonOf, SwarmError } from '../errors.ts'
import { ControllingTerminal } from './controlling-terminal.ts'
import type { Loan } from './loan.ts'
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
  /** Of a regular file: what it holds when it is opened, and no more; it fails if the file is changed before it is read. */
  readonly isSnapshot?: boolean
}

export abstract class Source {
  /** Its length from where it stands, where that is known. */
  readonly size: number | undefined
  readonly isTerminal: boolean
  readonly #options: SourceOptions
  readonly #free: Buffer[] = []
  #allocated = 0
  readonly #filled: Piece[] = []
  readonly #terminal = new ControllingTerminal()
  #ending = false
  #ended = false
  #error: SwarmError | undefined
  #waiting: { resolve: (piece: Piece | undefined) => void; reject: (error: SwarmError) => void } | undefined
  #flowing: ((piece: Piece) => void) | undefined

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

  /**
   * Instead of `next`: every piece goes to `take` as it comes, with no turn of the event loop between.
   * @returns resolves at the end
   * @throws SwarmError INPUT
   */
  flow(take: (piece: Piece) => void): Promise<void> {
    for (const piece of this.#filled.splice(0)) take(piece)
    if (this.#error !== undefined) return Promise.reject(this.#error)
    // A terminal tells an early Ctrl-D before anyone reads.
    if (this.#ended) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#flowing = take
      this.#waiting = { resolve: () => resolve(), reject }
      this.wanted()
    })
  }

  /** What another process of this machine needs to read it instead of us; before the first `next`. */
  lend(): Loan | undefined {
    return undefined
  }

  /** It is read by others: for who reads on from this descriptor after us, it stands where they end. */
  lent(): void {}

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
    try {
      const buffer = pageBuffer(this.#options.bufferBytes)
      this.#allocated += 1
      return buffer
    } catch (error) {
      this.fail(error)
      return undefined
    }
  }

  protected deliver(buffer: Buffer, bytes: number): void {
    const piece: Piece = {
      data: buffer.subarray(0, bytes),
      release: () => {
        // Memory that was not taken from here is not kept.
        if (this.#free.length < this.#allocated) this.#free.push(buffer)
        this.wanted()
      },
    }
    if (this.#flowing !== undefined) return this.#flowing(piece)
    const waiting = this.#waiting
    this.#waiting = undefined
    if (waiting !== undefined) waiting.resolve(piece)
    else this.#filled.push(piece)
  }

  /**
   * The input is at its end. Told once it is certain that no signal caused it: a reader that an `AbortSignal`
   * interrupts has seen the signal by then.
   */
  protected inputEnded(): void {
    if (this.done) return
    this.#ending = true
    void this.settled().then(() => this.end())
  }

  /** Resolves when an end of this input can be believed: see `ControllingTerminal`. */
  settled(): Promise<void> {
    return this.#terminal.signalsDelivered()
  }

  protected end(): void {
    this.#ended = true
    this.#waiting?.resolve(undefined)
    this.#waiting = undefined
  }

  protected fail(error: unknown): void {
    if (error instanceof SwarmError) this.#error = error
    const why = reasonOf(error)
    this.#error ??= new SwarmError('INPUT', `cannot read the input: ${why}`, error)
    this.#waiting?.reject(this.#error)
    this.#waiting = undefined
  }

  /** Nothing more will be read. */
  get done(): boolean {
    return this.#ending || this.#ended || this.#error !== undefined
  }
}
