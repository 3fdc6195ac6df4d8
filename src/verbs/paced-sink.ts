/** Standard output that says when it is full, and when there is room again. */
import type { SwarmError } from '../errors.ts'
import type { Sink } from '../io/sink.ts'
import { limits } from '../limits.ts'
import type { Context } from './context.ts'

export interface PacedSinkEvents {
  /** The output is full, or has room again. */
  readonly onpause: (paused: boolean) => void
  /** The reader went away, or writing failed. */
  readonly onclose: (error: SwarmError | undefined) => void
}

export class PacedSink {
  readonly #sink: Sink
  readonly #onpause: (paused: boolean) => void
  #pendingBytes = 0
  #paused = false
  readonly #waiting: (() => void)[] = []
  readonly #flushing: (() => void)[] = []

  constructor(context: Context, { onpause, onclose }: PacedSinkEvents) {
    this.#onpause = onpause
    this.#sink = context.openStdout()
    this.#sink.onclose = onclose
  }

  get isTerminal(): boolean {
    return this.#sink.isTerminal
  }

  get paused(): boolean {
    return this.#paused
  }

  /** Nothing is waiting to be written. */
  get idle(): boolean {
    return this.#pendingBytes === 0
  }

  /** @param done called when `bytes` are written, and may be used again */
  write(bytes: Buffer, done = () => {}): void {
    this.#pendingBytes += bytes.length
    if (!this.#paused && this.#pendingBytes >= limits.outputBytes) this.#setPaused(true)
    this.#sink.write(bytes, () => {
      done()
      this.#pendingBytes -= bytes.length
      if (this.#paused && this.#pendingBytes < limits.outputBytes / 2) this.#setPaused(false)
      if (this.#pendingBytes === 0) callAll(this.#flushing.splice(0))
    })
  }

  /** Calls back when there is room for more. */
  whenRoom(done: () => void): void {
    if (this.#paused) this.#waiting.push(done)
    else done()
  }

  /** Resolves when everything is written. */
  flushed(): Promise<void> {
    if (this.idle) return Promise.resolve()
    return new Promise((resolve) => this.#flushing.push(resolve))
  }

  close(): Promise<void> {
    return this.#sink.close()
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused
    this.#onpause(paused)
    if (!paused) callAll(this.#waiting.splice(0))
  }
}

function callAll(waiting: readonly (() => void)[]): void {
  for (const done of waiting) done()
}
