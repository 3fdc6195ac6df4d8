/**
 * A ring in memory for many receivers of this machine: what is sent is written once, and each of them
 * reads it for itself (through `/proc`, Linux).
 *
 * A write and a read through a socket for each receiver cost most of a fan-out; here a piece costs the sender one
 * write, however many receivers there are. It is a file without a name on a tmpfs, which nobody can open for
 * writing, of a fixed size: a place is written again when everybody has read it, or was given up.
 */
import { close, constants, openSync, statfsSync, writeSync } from 'node:fs'
import type { Target } from './fan-out.ts'
import { type Loan, lendRing } from './loan.ts'
import { pageBuffer } from './page-buffer.ts'
import type { Piece } from './source.ts'

/** Room for the receivers to be apart: four times what they are told of at once, or more. */
const RING_BYTES = 16_777_216
/** Receivers are told of so much at once: each telling wakes them all. */
const BATCH_BYTES = 4_194_304
/** … or of less, when nothing was told for so long. */
const PACE_MS = 5
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

export class Spool {
  /** For receivers: the ring, and `size` its length. */
  readonly loan: Loan
  readonly #fd: number
  /** Tells the receivers; `release` once none of them needs it. */
  #tell: (extent: Extent, release: () => void) => void = (_extent, release) => release()
  /** What there is no room for yet: bounded by its source. */
  #pieces: Piece[] = []
  #written = 0
  #told = 0
  #free = RING_BYTES
  #seats = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  private constructor(fd: number, loan: Loan) {
    this.#fd = fd
    this.loan = loan
  }

  /** @returns `undefined` where there is no tmpfs in one of these directories, or no `/proc` */
  static open(directories: readonly string[]): Spool | undefined {
    for (const directory of directories) {
      try {
        if (statfsSync(directory).type !== TMPFS_MAGIC) continue
        // Others may open it again through /proc: for reading only, by its mode.
        const fd = openSync(directory, NO_NAME | constants.O_RDWR, 0o400)
        const loan = lendRing(fd, RING_BYTES)
        if (loan !== undefined) return new Spool(fd, loan)
        close(fd)
      } catch {
        // Not there, or no such file can be made in it.
      }
    }
    return undefined
  }

  /**
   * Takes the memory, before anybody relies on it.
   * @returns false when there is not enough for so many receivers
   */
  reserve(receivers: number, tell: (extent: Extent, release: () => void) => void): boolean {
    if (receivers > SEATS) return false
    const nothing = pageBuffer(WRITE_BYTES)
    try {
      for (let at = 0; at < RING_BYTES; at += WRITE_BYTES) this.#fill(nothing, at)
      this.#fill(nothing.subarray(0, SEATS), RING_BYTES)
    } catch {
      return false
    }
    this.#tell = tell
    return true
  }

  /** A way through it for one of the receivers, which is told of extents by `say`: of the first, an empty one, at once. */
  seat(say: (end: number, seat: number) => void): Seat {
    const seat = this.#seats
    this.#seats += 1
    say(0, seat)
    return new Seat(
      (end) => say(end, seat),
      () => {
        if (!this.#closed) this.#fill(Buffer.of(1), RING_BYTES + seat)
      },
    )
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
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.flush()
    }, PACE_MS)
    this.#tell({ length, end: this.#written }, () => {
      this.#free += length
      this.#pump()
    })
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
      this.#write(piece.data)
      piece.release()
      piece = this.#pieces[0]
    }
    const isMuch = this.#written - this.#told >= BATCH_BYTES
    if (isMuch || this.#pieces.length > 0 || this.#timer === undefined) this.flush()
  }

  #write(data: Buffer): void {
    const at = this.#written % RING_BYTES
    const first = Math.min(data.length, RING_BYTES - at)
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
  readonly #say: (end: number) => void
  readonly #strike: () => void
  #underWay: { readonly end: number; readonly done: () => void }[] = []

  /** @param strike marks the seat in the ring: who finds that has read what may have been written over */
  constructor(say: (end: number) => void, strike: () => void) {
    this.#say = say
    this.#strike = strike
  }

  write({ end }: Extent, done: () => void): void {
    this.#underWay.push({ end, done })
    this.#say(end)
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
