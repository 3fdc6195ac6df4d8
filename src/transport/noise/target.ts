/** A place where a peer may be: dialled until it is there, and again when it has gone. */
import { newController, pause } from '../../abort.ts'
import { now } from '../../clock.ts'
import type { NoiseStream } from './proving.ts'

/** Hints come by the second, from anybody. */
const NUDGE_MS = 5_000

export interface TargetOptions {
  /** Milliseconds before each new try, from the first on; the last is kept. Up to a quarter more is added at random. */
  readonly waitsMs: readonly number[]
  /** Tries in a row that may fail after the first. Default: any number. */
  readonly maxRetries?: number | undefined
  /** Called when that many tries have failed: there will be no other. */
  readonly onGiveUp?: (why: string) => void
}

/** What became of a try: a connection; `self`, when it led to ourselves; or why there is none. */
export type Attempt = NoiseStream | 'self' | { readonly why: string }

export class Target {
  /** Resolves when the first try is over. */
  readonly tried: Promise<void>
  /** Resolves when there will be no other try. */
  readonly ended: Promise<void>
  /** There is a connection now. */
  isConnected = false
  readonly #attempt: (signal: AbortSignal) => Promise<Attempt>
  readonly #options: TargetOptions
  readonly #ending = newController()
  /** Ends the wait for the next try. */
  #waiting = newController()
  /** Tries in a row that have failed. */
  #failures = 0
  /** When the last try began, on the monotonic clock. */
  #triedAt = 0

  /** @param attempt connects, unless the signal aborts before */
  constructor(attempt: (signal: AbortSignal) => Promise<Attempt>, options: TargetOptions) {
    this.#attempt = attempt
    this.#options = options
    let tried = () => {}
    this.tried = new Promise((resolve) => {
      tried = resolve
    })
    this.ended = this.#keep(tried).finally(tried)
  }

  /** Makes no more connections. The one that there is stays. */
  destroy(): void {
    this.#ending.abort()
    this.#waiting.abort()
  }

  /** There is reason to try again now, as at first: the network has changed. */
  renew(): void {
    this.#failures = Math.min(this.#failures, 1)
    this.#waiting.abort()
  }

  /** A hint says that the peer is there: worth a try, if there was none just now. */
  nudge(): void {
    if (!this.isConnected && now() - this.#triedAt > NUDGE_MS) this.#waiting.abort()
  }

  async #keep(tried: () => void): Promise<void> {
    const { maxRetries = Number.POSITIVE_INFINITY, onGiveUp } = this.#options
    const { signal } = this.#ending
    while (!signal.aborted) {
      this.#triedAt = now()
      const attempt = await this.#attempt(signal)
      if (attempt === 'self') return
      if ('why' in attempt) {
        this.#failures += 1
        if (this.#failures > maxRetries && !signal.aborted) return onGiveUp?.(attempt.why)
      } else this.#failures = 0
      tried()
      if (!('why' in attempt)) {
        this.isConnected = true
        await closed(attempt)
        this.isConnected = false
      }
      await this.#wait(Math.max(0, this.#failures - 1))
    }
  }

  async #wait(failures: number): Promise<void> {
    if (this.#ending.signal.aborted) return
    const { waitsMs } = this.#options
    const ms = waitsMs[Math.min(failures, waitsMs.length - 1)] ?? 0
    this.#waiting = newController()
    await pause(this.#waiting.signal, ms * (1 + Math.random() / 4), { keepsAlive: false })
  }
}

function closed(stream: NoiseStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) resolve()
    else stream.on('close', resolve)
  })
}
