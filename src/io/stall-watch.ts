/**
 * Readers that are given bytes and make no progress.
 *
 * Time is counted in ticks of a timer, not as the difference of two clocks: a process that was suspended, or a machine
 * that slept, finds one tick gone, and blames nobody for the rest.
 */
import { limits } from '../limits.ts'

export abstract class Reader {
  /** Bytes that it was given and has not taken yet. */
  abstract readonly pendingBytes: number
  /** Whole ticks without progress while bytes were pending. */
  stuckTicks = 0
  #hasMoved = false

  /** Call it when the reader has taken something. */
  progressed(): void {
    this.#hasMoved = true
  }

  /** Its first pending bytes are there. The tick that is under way may be short, so it does not count as stuck. */
  protected begin(isTicking: boolean): void {
    this.stuckTicks = 0
    this.#hasMoved = isTicking
  }

  /** For `StallWatch` only. */
  tick(): void {
    this.stuckTicks = this.#hasMoved ? 0 : this.stuckTicks + 1
    this.#hasMoved = false
  }
}

export interface StallOptions<R extends Reader> {
  /** A reader without progress for this long is cut. Infinity: never. */
  readonly cutMs: number
  /** A reader has made no progress for `limits.slowMs`. Called once for each time it gets stuck. */
  readonly onslow: (reader: R) => void
  readonly oncut: (reader: R) => void
}

const TICK_MS = 250

export class StallWatch<R extends Reader> {
  readonly #readers: Iterable<R>
  readonly #options: StallOptions<R>
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(readers: Iterable<R>, options: StallOptions<R>) {
    this.#readers = readers
    this.#options = options
  }

  get isTicking(): boolean {
    return this.#timer !== undefined
  }

  /** Call it when a reader has something pending; it stops by itself when none has. */
  start(): void {
    if (!this.#isClosed) this.#timer ??= setInterval(() => this.#tick(), TICK_MS)
  }

  close(): void {
    this.#isClosed = true
    this.#stop()
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  #tick(): void {
    const pending = [...this.#readers].filter(({ pendingBytes }) => pendingBytes > 0)
    for (const reader of pending) {
      reader.tick()
      const stuckMs = reader.stuckTicks * TICK_MS
      if (stuckMs >= this.#options.cutMs) this.#options.oncut(reader)
      else if (stuckMs === limits.slowMs) this.#options.onslow(reader)
    }
    if (pending.length === 0) this.#stop()
  }
}
