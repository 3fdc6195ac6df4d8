/** One reader's queue in a fan-out: see `fan-out.ts`. */

/** Where one reader's bytes go. */
export interface Target<B = Buffer> {
  /** @param done called when the system below has them, or with an error: the target is closing then */
  write(body: B, done: (error?: Error | null) => void): void
  /** It is taken out, or given up: said before anything that it may not have read is released. */
  leave?(): void
}

/** What is queued: bytes, or where they are. */
export type Measured = { readonly length: number }

/** What it has in common with the queues of the others. */
export interface Queueing<B extends Measured> {
  /** Bytes of each queue. */
  readonly capBytes: number
  readonly options: {
    readonly count?: (body: B) => number
    readonly ondrop: (outlet: Outlet<B>, dropped: number) => void
  }
  /** Progress is looked for. */
  readonly isWatching: boolean
  watch(): void
  progressed(): void
}

export interface Body<B> {
  readonly bytes: B
  readonly shared: { left: number; release: () => void }
}

/** Two writes under way keep the socket busy; more would only be a queue that cannot be dropped from. */
const WRITES_UNDER_WAY = 2

/** One reader's queue. */
export class Outlet<B extends Measured = Buffer> {
  readonly #target: Target<B>
  readonly #fanOut: Queueing<B>
  #queue: Body<B>[] = []
  #underWay: Body<B>[] = []
  #bytes = 0
  /** Counted at once: the bodies themselves would pile up for as long as the reader is stopped. */
  #dropped = 0
  #removed = false
  #emptied: (() => void)[] = []
  /** Whole ticks without progress: time that we were stopped ourselves does not count. */
  stuckTicks = 0
  /** Something happened since the last tick. */
  #moved = false
  /** Half the queue is full, and a quarter was not free of it since. */
  isBehind = false
  /** Was behind for too long: the source waits for it no longer, until it has caught up. */
  isSlow = false
  /** It reads the source itself, and says how far it is. */
  isPast = false

  constructor(target: Target<B>, fanOut: Queueing<B>) {
    this.#target = target
    this.#fanOut = fanOut
  }

  /** Bytes that the system below does not have yet. */
  get pendingBytes(): number {
    return this.#bytes
  }

  /** From now on it reads the source itself: no body is queued for it, and `progressed` is how it stays. */
  bypass(): void {
    this.isPast = true
    this.#fanOut.watch()
  }

  progressed(): void {
    this.#moved = true
  }

  /** For `FanOut` only. */
  tick(): void {
    this.stuckTicks = this.#moved ? 0 : this.stuckTicks + 1
    this.#moved = false
  }

  /** Resolves when everything that was queued is handed over, or the outlet is removed. */
  empty(): Promise<void> {
    if (this.#bytes === 0 || this.#removed) return Promise.resolve()
    return new Promise((resolve) => this.#emptied.push(resolve))
  }

  /** For `FanOut` only. */
  push(body: Body<B>): void {
    // Part of a tick is no tick.
    if (this.#bytes === 0) this.#moved = this.#fanOut.isWatching
    this.#queue.push(body)
    this.#bytes += body.bytes.length
    if (this.#bytes >= this.#fanOut.capBytes / 2) this.isBehind = true
    this.#pump()
  }

  /** For `FanOut` only: forgets the oldest bodies until there is room again. */
  dropOldest(capBytes: number): void {
    while (this.#bytes > capBytes) {
      const oldest = this.#queue.shift()
      if (oldest === undefined) return
      this.#dropped += this.#fanOut.options.count?.(oldest.bytes) ?? 1
      this.#done(oldest)
    }
  }

  /** For `FanOut` only. */
  remove(): void {
    this.#removed = true
    this.#target.leave?.()
    for (const body of [...this.#queue, ...this.#underWay]) this.#done(body)
    this.#queue = []
    this.#underWay = []
    this.#settle()
  }

  #pump(): void {
    while (!this.#removed && this.#underWay.length < WRITES_UNDER_WAY) {
      const body = this.#queue.shift()
      if (body === undefined) return
      if (this.#dropped > 0) {
        const dropped = this.#dropped
        this.#dropped = 0
        this.#fanOut.options.ondrop(this, dropped)
      }
      this.#underWay.push(body)
      this.#target.write(body.bytes, () => {
        if (this.#removed) return
        this.#moved = true
        this.#underWay.splice(this.#underWay.indexOf(body), 1)
        this.#done(body)
        this.#pump()
        if (this.#bytes === 0) this.#settle()
        this.#fanOut.progressed()
      })
    }
  }

  #done(body: Body<B>): void {
    this.#bytes -= body.bytes.length
    if (this.#bytes < this.#fanOut.capBytes / 4) {
      this.isBehind = false
      this.isSlow = false
    }
    body.shared.left -= 1
    if (body.shared.left === 0) body.shared.release()
  }

  #settle(): void {
    const emptied = this.#emptied
    this.#emptied = []
    for (const resolve of emptied) resolve()
  }
}
