/**
 * A ring in memory for many receivers of this machine: what is sent is written once, and each of them
 * reads it for itself (through `/proc`, Linux).
 *
 * A write and a read through a socket for each receiver cost most of a fan-out; here a piece costs the sender one
 * write, however many receivers there are. It is a file without a name on a tmpfs, which nobody can open for
 * writing, of a fixed size: a place is written again when everybody has read it, or was given up.
 */
import { close, constants, openSync, readSync, statfsSync, writeSync } from 'node:fs'
import { type Loan, lendRing } from './loan.ts'
import type { Target } from './outlet.ts'
import { pageBuffer } from './page-buffer.ts'
import type { Piece } from './source.ts'

export interface SpoolOptions {
  /** Room for the receivers to be apart: four times what they are told of at once, or more. */
  readonly ringBytes: number
  /** Receivers are told of so much at once: each telling wakes them all. No piece may be longer. */
  readonly batchBytes: number
}

/** Receivers are told of less than a batch, when nothing was told for so long, … */
const PACE_MS = 5
/**
 * … and all have read what they were told of before, or after so many times as long. Who has no time to read is not to be
 * woken for every little: of 64 receivers, that was a third of all they did (measured).
 */
const PATIENCE = 10
const WRITE_BYTES = 1_048_576
/** Behind the ring, one byte for each receiver: the first 4096 can have one. */
const SEATS = 4_096
const TMPFS_MAGIC = 0x01021994
/** A file without a name (O_TMPFILE), as Linux has it nearly everywhere; Node does not name it. */
const NO_NAME = 0o20_000_000 | constants.O_DIRECTORY

/** Written to the ring, and not told of yet: it ends at byte `end` of the stream. */
export interface Extent {
  readonly length: number
  readonly end: number
}

/** Where a system keeps what is in memory. */
export function memoryOf(env: Readonly<Record<string, string | undefined>>): string[] {
  const { XDG_RUNTIME_DIR } = env
  return XDG_RUNTIME_DIR === undefined ? ['/dev/shm'] : ['/dev/shm', XDG_RUNTIME_DIR]
}

export class Spool {
  /** For receivers: the ring, and `size` its length. */
  readonly loan: Loan
  readonly #fd: number
  readonly #ringBytes: number
  readonly #batchBytes: number
  /** Tells the receivers; `release` once none of them needs it. */
  #tell: (extent: Extent, release: () => void) => void = (_extent, release) => release()
  /** What there is no room for yet: bounded by its source. */
  #pieces: Piece[] = []
  #written = 0
  #told = 0
  #free: number
  #seats = 0
  /** Extents that were told of, and that somebody has still to read. */
  #unread = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  private constructor(fd: number, loan: Loan, options: SpoolOptions) {
    this.#fd = fd
    this.loan = loan
    this.#ringBytes = options.ringBytes
    this.#batchBytes = options.batchBytes
    this.#free = options.ringBytes
  }

  /** @returns `undefined` where there is no tmpfs in one of these directories, or no `/proc` */
  static open(directories: readonly string[], options: SpoolOptions): Spool | undefined {
    for (const directory of directories) {
      try {
        if (statfsSync(directory).type !== TMPFS_MAGIC) continue
        // Others may open it again through /proc: for reading only, by its mode.
        const fd = openSync(directory, NO_NAME | constants.O_RDWR, 0o400)
        const loan = lendRing(fd, options.ringBytes)
        if (loan !== undefined) return new Spool(fd, loan, options)
        close(fd)
      } catch {
        // Not there, or no such file can be made in it.
      }
    }
    return undefined
  }

  /**
   * Takes the memory, before anybody relies on it.
   * @param tell queues an extent for all receivers, and calls `release` when none of them needs it any more
   * @returns false when there is not enough
   */
  reserve(tell: (extent: Extent, release: () => void) => void): boolean {
    try {
      // A seat must be zero, and receivers must not read old memory of ours.
      const nothing = pageBuffer(WRITE_BYTES).fill(0)
      const size = this.#ringBytes + SEATS
      for (let at = 0; at < size; at += nothing.length)
        this.#fill(nothing.subarray(0, Math.min(nothing.length, size - at)), at)
    } catch {
      return false
    }
    this.#tell = tell
    return true
  }

  /**
   * A way through it for one more receiver, which is told of extents by `say`.
   * @returns `undefined` when there have been too many
   */
  seat(say: (extent: Extent, seat: number) => void): Seat | undefined {
    const seat = this.#seats
    if (seat === SEATS) return undefined
    this.#seats += 1
    return new Seat(
      (extent) => say(extent, seat),
      () => {
        if (!this.#closed) this.#fill(Buffer.of(1), this.#ringBytes + seat)
      },
    )
  }

  /** True when everything that was put has been told of. */
  get isIdle(): boolean {
    return this.#pieces.length === 0 && this.#written === this.#told
  }

  /** True when a piece of so many bytes would be copied by `put` before it returns. */
  hasRoom(bytes: number): boolean {
    return this.#pieces.length === 0 && bytes <= this.#free
  }

  /** What an extent holds, for who cannot read it himself. */
  read({ length, end }: Extent): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    const at = (end - length) % this.#ringBytes
    const first = readSync(this.#fd, bytes, 0, Math.min(length, this.#ringBytes - at), at)
    if (first < length) readSync(this.#fd, bytes, first, length - first, 0)
    return bytes
  }

  put(piece: Piece): void {
    this.#pieces.push(piece)
    this.#pump()
  }

  /** Tells of all that was put. */
  flush(): void {
    const length = this.#written - this.#told
    if (length === 0 || this.#closed) return
    this.#told = this.#written
    this.#unread += 1
    this.#timer ??= setTimeout(() => this.#pace(1), PACE_MS)
    this.#tell({ length, end: this.#written }, () => {
      this.#unread -= 1
      this.#free += length
      this.#pump()
    })
  }

  #pace(times: number): void {
    this.#timer = undefined
    if (this.#unread === 0 || times === PATIENCE) this.flush()
    else if (!this.#closed) this.#timer = setTimeout(() => this.#pace(times + 1), PACE_MS)
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    close(this.#fd)
    for (const piece of this.#pieces.splice(0)) piece.release()
  }

  #pump(): void {
    for (let piece = this.#pieces[0]; piece && piece.data.length <= this.#free && !this.#closed; ) {
      this.#pieces.shift()
      if (this.#written - this.#told + piece.data.length > this.#batchBytes) this.flush()
      this.#write(piece.data)
      piece.release()
      piece = this.#pieces[0]
    }
    const isMuch = this.#written - this.#told >= this.#batchBytes
    if (isMuch || this.#pieces.length > 0 || this.#timer === undefined) this.flush()
  }

  #write(data: Buffer): void {
    const at = this.#written % this.#ringBytes
    const first = Math.min(data.length, this.#ringBytes - at)
    this.#fill(data.subarray(0, first), at)
    if (first < data.length) this.#fill(data.subarray(first), 0)
    this.#written += data.length
    this.#free -= data.length
  }

  #fill(data: Buffer, at: number): void {
    for (let done = 0; done < data.length; )
      done += writeSync(this.#fd, data, done, data.length - done, at + done)
  }
}

/** One receiver's way through a spool, as the fan-out sees it. */
export class Seat implements Target<Extent> {
  readonly #say: (extent: Extent) => void
  readonly #strike: () => void
  #underWay: { readonly end: number; readonly done: () => void }[] = []

  /** @param strike marks the seat in the ring: who finds that has read what may have been written over */
  constructor(say: (extent: Extent) => void, strike: () => void) {
    this.#say = say
    this.#strike = strike
  }

  write(extent: Extent, done: () => void): void {
    this.#underWay.push({ end: extent.end, done })
    this.#say(extent)
  }

  /** It has read so far. */
  progressed(bytes: number): void {
    for (let next = this.#underWay[0]; next && next.end <= bytes; next = this.#underWay[0]) {
      this.#underWay.shift()
      next.done()
    }
  }

  leave(): void {
    this.#strike()
  }
}
