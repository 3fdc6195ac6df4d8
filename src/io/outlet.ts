/** One reader's queue in a fan-out: see `fan-out.ts`. */
import { Reader, type StallWatch } from './stall-watch.ts'

/** Where one reader's bytes go. */
export interface Target<B = Buffer> {
  /** @param done called when the system below has them, or with an error: the target is closing then */
  write(body: B, done: (error?: Error | null) => void): void
  /** It is taken out, or given up: said before anything that it may not have read is released. */
  leave?(): void
}

/** What is queued: bytes, or where they are. */
export type Measured = { readonly length: number; readonly buffer?: ArrayBufferLike }

/** What the queues of one fan-out have in common. */
export interface OutletOptions<B extends Measured> {
  /** Memory that the queue may hold. */
  readonly capBytes: number
  readonly watch: StallWatch<Outlet<B>>
  /** What a body counts for when it is dropped. Default 1. */
  readonly count?: ((body: B) => number) | undefined
  readonly ondrop: (outlet: Outlet<B>, dropped: number) => void
  /** A write is done. */
  readonly onwritten: () => void
}

/** A body, in the queues of all its readers. */
export interface Body<B> {
  readonly bytes: B
  /** How many readers have still to be given it. */
  readers: number
  readonly release: () => void
}

/** Two writes under way keep the socket busy; more would only be a queue that cannot be dropped from. */
const WRITES_UNDER_WAY = 2
/** What a queued body takes beside its bytes: its objects on the heap, and room that the heap loses (measured: 250). */
export const ENTRY_BYTES = 256
/** A queue is moved to its beginning after so many bodies, if they were half of it: a `shift` for each is quadratic. */
const MOVED_BODIES = 1_024

export class Outlet<B extends Measured = Buffer> extends Reader {
  readonly #target: Target<B>
  readonly #options: OutletOptions<B>
  /** The bodies that wait; those before `#first` are gone. */
  #queue: (Body<B> | undefined)[] = []
  #first = 0
  #underWay: Body<B>[] = []
  #pendingBytes = 0
  #heldBytes = 0
  /** How many bodies keep each piece of memory: several bodies may be parts of one. */
  readonly #memory = new Map<ArrayBufferLike, number>()
  /** Counted at once: the bodies themselves would pile up for as long as the reader is stopped. */
  #dropped = 0
  #isRemoved = false
  #onempty: (() => void)[] = []
  /** Half the queue is full, and a quarter was not free of it since. */
  isBehind = false
  /** Was behind for too long: the source waits for it no longer, until it has caught up. */
  isSlow = false
  /** It reads the source itself, and says how far it is. */
  isPast = false

  constructor(target: Target<B>, options: OutletOptions<B>) {
    super()
    this.#target = target
    this.#options = options
  }

  get pendingBytes(): number {
    return this.isPast ? 1 : this.#pendingBytes
  }

  /** The memory that is kept for it: all of a buffer of which a part is queued, and what each entry takes. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  get isFull(): boolean {
    return this.#heldBytes >= this.#options.capBytes
  }

  get isOver(): boolean {
    return this.#heldBytes > this.#options.capBytes
  }

  /** From now on it reads the source itself: no body is queued for it, and `progressed` shows that it is alive. */
  bypass(): void {
    this.isPast = true
    this.#options.watch.start()
  }

  /** Resolves when everything that was queued is handed over, or the outlet is removed. */
  empty(): Promise<void> {
    if (this.#pendingBytes === 0 || this.#isRemoved) return Promise.resolve()
    return new Promise((resolve) => this.#onempty.push(resolve))
  }

  /** For `FanOut` only. */
  push(body: Body<B>): void {
    if (this.#pendingBytes === 0) this.begin(this.#options.watch.isTicking)
    this.#queue.push(body)
    this.#hold(body.bytes)
    if (this.#heldBytes >= this.#options.capBytes / 2) this.isBehind = true
    this.#pump()
  }

  /** For `FanOut` only: forgets the oldest bodies until no more is held than may be. */
  dropOldest(): void {
    while (this.isOver) {
      const oldest = this.#next()
      if (oldest === undefined) return
      this.#dropped += this.#options.count?.(oldest.bytes) ?? 1
      this.#release(oldest)
    }
  }

  /** For `FanOut` only. */
  remove(): void {
    this.#isRemoved = true
    this.#target.leave?.()
    for (const body of this.#underWay.splice(0)) this.#release(body)
    for (let body = this.#next(); body !== undefined; body = this.#next()) this.#release(body)
    this.#settle()
  }

  #next(): Body<B> | undefined {
    const body = this.#queue[this.#first]
    if (body === undefined) return undefined
    this.#queue[this.#first] = undefined
    this.#first += 1
    if (
      this.#first === this.#queue.length ||
      (this.#first >= MOVED_BODIES && this.#first * 2 >= this.#queue.length)
    ) {
      this.#queue = this.#queue.slice(this.#first)
      this.#first = 0
    }
    return body
  }

  #pump(): void {
    while (!this.#isRemoved && this.#underWay.length < WRITES_UNDER_WAY) {
      const body = this.#next()
      if (body === undefined) return
      if (this.#dropped > 0) {
        const dropped = this.#dropped
        this.#dropped = 0
        this.#options.ondrop(this, dropped)
      }
      this.#underWay.push(body)
      this.#target.write(body.bytes, () => this.#written(body))
    }
  }

  #written(body: Body<B>): void {
    if (this.#isRemoved) return
    this.progressed()
    this.#underWay.splice(this.#underWay.indexOf(body), 1)
    this.#release(body)
    this.#pump()
    if (this.#pendingBytes === 0) this.#settle()
    this.#options.onwritten()
  }

  #hold({ length, buffer }: B): void {
    this.#pendingBytes += length
    this.#heldBytes += ENTRY_BYTES
    if (buffer === undefined) this.#heldBytes += length
    else {
      const parts = this.#memory.get(buffer) ?? 0
      if (parts === 0) this.#heldBytes += buffer.byteLength
      this.#memory.set(buffer, parts + 1)
    }
  }

  #release(body: Body<B>): void {
    const { length, buffer } = body.bytes
    this.#pendingBytes -= length
    this.#heldBytes -= ENTRY_BYTES
    if (buffer === undefined) this.#heldBytes -= length
    else {
      const parts = (this.#memory.get(buffer) ?? 1) - 1
      if (parts > 0) this.#memory.set(buffer, parts)
      else {
        this.#memory.delete(buffer)
        this.#heldBytes -= buffer.byteLength
      }
    }
    if (this.#heldBytes < this.#options.capBytes / 4) {
      this.isBehind = false
      this.isSlow = false
    }
    body.readers -= 1
    if (body.readers === 0) body.release()
  }

  #settle(): void {
    for (const resolve of this.#onempty.splice(0)) resolve()
  }
}
