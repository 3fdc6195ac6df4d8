/**
 * Fan-out: one source to many readers, and the one home of what happens to a slow one.
 *
 * Each reader has a queue, capped in the memory that it really holds. When a queue is full, `wait` holds the source back
 * until it is not, `drop` forgets the oldest of that queue and counts, `cut` gives the reader up. Whatever the policy, the
 * other readers are served meanwhile, and a reader without progress is named.
 *
 * A file is faster than any reader: so `drop` and `cut` hold the source back too, once, for the moment in
 * which a reader that is only behind catches up, and one that is really slow does not.
 */
import { now } from '../clock.ts'
import { limits } from '../limits.ts'
import { type Body, type Measured, Outlet, type OutletOptions, type Target } from './outlet.ts'
import { StallWatch } from './stall-watch.ts'

export type SlowPolicy = 'wait' | 'drop' | 'cut'

export interface FanOutOptions<B extends Measured = Buffer> {
  readonly policy: SlowPolicy
  /** Under `wait`, and under every policy after `finish`: a reader without progress for this long is cut. Infinity: never. */
  readonly cutMs: number
  /** Memory that each queue may hold. Default `limits.queueBytes`. */
  readonly queueBytes?: number
  /** A reader has made no progress for `limits.slowMs`. Told once for each time it gets stuck. */
  readonly onslow: (outlet: Outlet<B>) => void
  /** What a body counts for when it is dropped, in lines perhaps. Default 1. */
  readonly count?: (body: B) => number
  /** Before the next body: so much was dropped from this reader's queue. */
  readonly ondrop: (outlet: Outlet<B>, dropped: number) => void
  /** The reader is given up; the outlet is removed already. */
  readonly oncut: (outlet: Outlet<B>) => void
}

const nothing = () => {}

export class FanOut<B extends Measured = Buffer> {
  readonly #options: FanOutOptions<B>
  readonly #outletOptions: OutletOptions<B>
  readonly #outlets = new Set<Outlet<B>>()
  #onroom: (() => void)[] = []
  #patience: NodeJS.Timeout | undefined
  #isFinished = false
  #isClosed = false

  constructor(options: FanOutOptions<B>) {
    this.#options = options
    const { count, ondrop, queueBytes = limits.queueBytes } = options
    const watch = new StallWatch(this.#outlets, {
      cutMs: options.cutMs,
      onslow: options.onslow,
      oncut: (outlet) => {
        if (this.#isFinished || options.policy === 'wait') this.#cut(outlet)
      },
    })
    this.#outletOptions = { capBytes: queueBytes, watch, count, ondrop, onwritten: () => this.#wrote() }
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
    const outlet = new Outlet(target, this.#outletOptions)
    this.#outlets.add(outlet)
    return outlet
  }

  /** Takes a reader out; what was queued for it is forgotten. */
  delete(outlet: Outlet<B>): void {
    if (!this.#outlets.delete(outlet)) return
    outlet.remove()
    this.#wrote()
  }

  /**
   * Queues `bytes` for every reader.
   * @param release called when no reader needs them any more
   * @param only these readers, instead of all
   */
  write(bytes: B, release: () => void = nothing, only: Iterable<Outlet<B>> = this.#outlets): void {
    const outlets = [...only].filter((outlet) => !outlet.isPast)
    if (outlets.length === 0) return release()
    const body: Body<B> = { bytes, readers: outlets.length, release }
    for (const outlet of outlets) {
      outlet.push(body)
      if (this.#options.policy === 'drop') outlet.dropOldest()
      else if (this.#options.policy === 'cut' && outlet.isOver) this.#cut(outlet)
    }
    if (outlets.some((outlet) => outlet.pendingBytes > 0)) this.#outletOptions.watch.start()
  }

  /** Resolves when the next `write` is welcome: when no queue is full, or only those of slow readers. */
  room(): Promise<void> {
    if (!this.#isFull()) return Promise.resolve()
    if (this.#options.policy !== 'wait') this.#bePatient()
    return new Promise((resolve) => this.#onroom.push(resolve))
  }

  /** Resolves when every queue is handed over. */
  async empty(): Promise<void> {
    await Promise.all([...this.#outlets].map((outlet) => outlet.empty()))
  }

  /** Nothing more will be written: now a reader who stands still holds up our end, whatever the policy. */
  finish(): void {
    this.#isFinished = true
    for (const outlet of this.#outlets) outlet.stuckTicks = 0
  }

  /** Stops the clock, and holds the source back no longer. */
  close(): void {
    this.#isClosed = true
    this.#outletOptions.watch.close()
    this.#wrote()
  }

  #wrote(): void {
    if (this.#onroom.length === 0 || this.#isFull()) return
    clearTimeout(this.#patience)
    this.#patience = undefined
    for (const resolve of this.#onroom.splice(0)) resolve()
  }

  #isFull(): boolean {
    if (this.#isClosed) return false
    const { policy } = this.#options
    for (const outlet of this.#outlets) {
      if (policy === 'wait' ? outlet.isFull : outlet.isBehind && !outlet.isSlow) return true
    }
    return false
  }

  /** The source is held back: a reader that is still behind after a while is slow. */
  #bePatient(): void {
    const due = now() + limits.behindMs
    this.#patience ??= setTimeout(() => {
      this.#patience = undefined
      // The timer fired late: this process was suspended, so nobody is slow.
      if (now() > due + limits.behindMs) return this.#bePatient()
      for (const outlet of [...this.#outlets]) {
        if (!outlet.isBehind) continue
        outlet.isSlow = true
        if (this.#options.policy === 'cut') this.#cut(outlet)
      }
      this.#wrote()
    }, limits.behindMs)
  }

  #cut(outlet: Outlet<B>): void {
    this.delete(outlet)
    this.#options.oncut(outlet)
  }
}
