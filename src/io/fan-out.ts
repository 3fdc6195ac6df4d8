/**
 * Fan-out: one source to many readers, and the one home of what happens to a slow one.
 *
 * Each reader has a queue, capped in bytes. When a queue is full, `wait` holds the source back until
 * it is not, `drop` forgets the oldest of that queue and counts, `cut` gives the reader up. Whatever the
 * policy, the other readers are served meanwhile, and a reader without progress is named.
 *
 * A file is faster than any reader: so `drop` and `cut` hold the source back too, once, for the moment in
 * which a reader that is only behind catches up, and one that is really slow does not.
 */
import { now } from '../clock.ts'
import { limits } from '../limits.ts'
import { type Body, type Measured, Outlet, type Queueing, type Target } from './outlet.ts'

export type SlowPolicy = 'wait' | 'drop' | 'cut'

export interface FanOutOptions<B extends Measured = Buffer> {
  readonly policy: SlowPolicy
  /** Under `wait`, and under every policy after `finish`: a reader without progress for this long is cut. Infinity: never. */
  readonly cutMs: number
  /** Bytes of each queue. Default `limits.queueBytes`. */
  readonly queueBytes?: number
  /** Under `drop` and `cut`: a reader may be behind for this long before it counts as slow. Default `limits.behindMs`. */
  readonly behindMs?: number
  /** A reader has made no progress for `limits.slowMs`. Told once for each time it gets stuck. */
  readonly onslow: (outlet: Outlet<B>) => void
  /** What a body counts for when it is dropped, in lines perhaps. Default 1. */
  readonly count?: (body: B) => number
  /** Before the next body: so much was dropped from this reader's queue. */
  readonly ondrop: (outlet: Outlet<B>, dropped: number) => void
  /** The reader is given up; the outlet is removed already. */
  readonly oncut: (outlet: Outlet<B>) => void
}

const TICK_MS = 250

export class FanOut<B extends Measured = Buffer> implements Queueing<B> {
  readonly options: FanOutOptions<B>
  readonly #outlets = new Set<Outlet<B>>()
  /** Bytes of each queue. */
  readonly capBytes: number
  #waiting: (() => void)[] = []
  #timer: NodeJS.Timeout | undefined
  #patience: NodeJS.Timeout | undefined
  #finished = false
  #closed = false

  constructor(options: FanOutOptions<B>) {
    this.options = options
    this.capBytes = options.queueBytes ?? limits.queueBytes
  }

  get size(): number {
    return this.#outlets.size
  }

  /** Bytes that wait in all queues. */
  get pendingBytes(): number {
    let bytes = 0
    for (const outlet of this.#outlets) bytes += outlet.pendingBytes
    return bytes
  }

  add(target: Target<B>): Outlet<B> {
    const outlet = new Outlet(target, this)
    this.#outlets.add(outlet)
    return outlet
  }

  /** Takes a reader out; what was queued for it is forgotten. */
  delete(outlet: Outlet<B>): void {
    if (!this.#outlets.delete(outlet)) return
    outlet.remove()
    this.progressed()
  }

  /**
   * Queues `bytes` for every reader.
   * @param release called when no reader needs them any more
   * @param only these readers, instead of all
   */
  write(bytes: B, release: () => void = () => {}, only: Iterable<Outlet<B>> = this.#outlets): void {
    const outlets = [...only].filter((outlet) => !outlet.isPast)
    if (outlets.length === 0) return release()
    const body: Body<B> = { bytes, shared: { left: outlets.length, release } }
    for (const outlet of outlets) {
      outlet.push(body)
      if (outlet.pendingBytes <= this.capBytes) continue
      if (this.options.policy === 'drop') outlet.dropOldest(this.capBytes)
      else if (this.options.policy === 'cut') this.#cut(outlet)
    }
    if (outlets.some((outlet) => outlet.pendingBytes > 0)) this.watch()
  }

  /** Resolves when the next `write` is welcome: when no queue is full, or only those of slow readers. */
  room(): Promise<void> {
    if (!this.#isFull()) return Promise.resolve()
    if (this.options.policy !== 'wait') this.#bePatient()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Resolves when every queue is handed over. */
  async empty(): Promise<void> {
    await Promise.all([...this.#outlets].map((outlet) => outlet.empty()))
  }

  /** Nothing more will be written: now a reader who stands still holds up our end, whatever the policy. */
  finish(): void {
    this.#finished = true
    for (const outlet of this.#outlets) outlet.stuckTicks = 0
  }

  /** Stops the clock, and holds the source back no longer. */
  close(): void {
    this.#closed = true
    this.#stop()
    this.progressed()
  }

  #stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  /** For `Outlet` only. */
  progressed(): void {
    if (this.#waiting.length === 0 || this.#isFull()) return
    clearTimeout(this.#patience)
    this.#patience = undefined
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  #isFull(): boolean {
    if (this.#closed) return false
    const { policy } = this.options
    for (const outlet of this.#outlets) {
      if (policy === 'wait' ? outlet.pendingBytes >= this.capBytes : outlet.isBehind && !outlet.isSlow)
        return true
    }
    return false
  }

  /** The source is held back: who is still behind after a while is slow. */
  #bePatient(): void {
    const waitMs = this.options.behindMs ?? limits.behindMs
    const due = now() + waitMs
    this.#patience ??= setTimeout(() => {
      this.#patience = undefined
      // This late, it was we who were stopped.
      if (now() > due + limits.behindMs) return this.#bePatient()
      for (const outlet of [...this.#outlets]) {
        if (!outlet.isBehind) continue
        outlet.isSlow = true
        if (this.options.policy === 'cut') this.#cut(outlet)
      }
      this.progressed()
    }, waitMs)
  }

  #cut(outlet: Outlet<B>): void {
    this.delete(outlet)
    this.options.oncut(outlet)
  }

  /** For `Outlet` only. */
  get isWatching(): boolean {
    return this.#timer !== undefined
  }

  /** For `Outlet` only. */
  watch(): void {
    if (!this.#closed) this.#timer ??= setInterval(() => this.#tick(), TICK_MS)
  }

  #tick(): void {
    let pending = false
    for (const outlet of [...this.#outlets]) {
      if (outlet.pendingBytes === 0 && !outlet.isPast) continue
      pending = true
      outlet.tick()
      const stuckMs = outlet.stuckTicks * TICK_MS
      if (stuckMs >= this.options.cutMs && (this.#finished || this.options.policy === 'wait'))
        this.#cut(outlet)
      else if (stuckMs === limits.slowMs) this.options.onslow(outlet)
    }
    if (!pending) this.#stop()
  }
}
