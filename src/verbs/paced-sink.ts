/** Standard output that says when it is full, and when there is room again. */
import type { Sink } from '../io/sink.ts'
import { limits } from '../limits.ts'

export class PacedSink implements Sink {
  readonly isTerminal: boolean
  /** The output is full, or has room again. */
  onpause: (paused: boolean) => void = () => {}
  readonly #sink: Sink
  #pendingBytes = 0
  #paused = false
  readonly #waiting: (() => void)[] = []
  readonly #flushing: (() => void)[] = []

  constructor(sink: Sink) {
    this.#sink = sink
    this.isTerminal = sink.isTerminal
  }

  get onclose(): Sink['onclose'] {
    return this.#sink.onclose
  }

  set onclose(onclose: Sink['onclose']) {
    this.#sink.onclose = onclose
  }

  get paused(): boolean {
    return this.#paused
  }

  write(bytes: Buffer, done = () => {}): void {
    this.#pendingBytes += bytes.length
    if (!this.#paused && this.#pendingBytes >= limits.outputBytes) this.#setPaused(true)
    this.#sink.write(bytes, () => {
      done()
      this.#pendingBytes -= bytes.length
      if (this.#paused && this.#pendingBytes < limits.outputBytes / 2) this.#setPaused(false)
      if (this.#pendingBytes === 0) for (const resolve of this.#flushing.splice(0)) resolve()
    })
  }

  /** Calls back when there is room for more. */
  whenRoom(done: () => void): void {
    if (this.#paused) this.#waiting.push(done)
    else done()
  }

  /** Resolves when everything is written. */
  async flushed(): Promise<void> {
    if (this.#pendingBytes > 0) await new Promise<void>((resolve) => this.#flushing.push(resolve))
  }

  close(): Promise<void> {
    return this.#sink.close()
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused
    this.onpause(paused)
    if (!paused) for (const done of this.#waiting.splice(0)) done()
  }
}
