/** Another process's spool (see `spool.ts`), read piece by piece. */
import { close, readSync } from 'node:fs'
import { borrow, type Loan } from './loan.ts'
import { pageBuffer } from './page-buffer.ts'
import type { Piece } from './source.ts'

/** Of an extent that is read at once: nothing more is allocated for whoever says so. */
export const EXTENT_BYTES_MAX = 2_097_152
/** Used again and again; more are made, as long as needed, while the output is behind. */
const BUFFERS_KEPT = 4

export class SpoolReader {
  readonly #fd: number
  readonly #ringBytes: number
  readonly #free: Buffer[] = []
  #kept = 0
  #closed = false

  private constructor(fd: number, ringBytes: number) {
    this.#fd = fd
    this.#ringBytes = ringBytes
  }

  /** @returns `undefined` when it cannot be read from here */
  static open(loan: Loan): SpoolReader | undefined {
    const { size } = loan
    const fd = size === undefined || size === 0 ? undefined : borrow(loan)
    return fd === undefined || size === undefined ? undefined : new SpoolReader(fd, size)
  }

  /** @returns `undefined` if it is not there, or not any more: its place may have been written over */
  read(extent: { readonly end: number; readonly length: number; readonly seat: number }): Piece | undefined {
    const { end, length, seat } = extent
    const start = end - length
    if (this.#closed || start < 0 || length > Math.min(EXTENT_BYTES_MAX, this.#ringBytes)) return undefined
    const kept = this.#free.pop() ?? this.#keep()
    const buffer = kept !== undefined && kept.length >= length ? kept : Buffer.allocUnsafe(length)
    const at = start % this.#ringBytes
    const first = Math.min(length, this.#ringBytes - at)
    const isThere = this.#fill(buffer.subarray(0, first), at) && this.#fill(buffer.subarray(first, length), 0)
    const release = () => {
      if (kept !== undefined) this.#free.push(kept)
    }
    if (isThere && isKept(this.#fd, this.#ringBytes, seat))
      return { data: buffer.subarray(0, length), release }
    release()
    return undefined
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    close(this.#fd)
  }

  #keep(): Buffer | undefined {
    if (this.#kept === BUFFERS_KEPT) return undefined
    this.#kept += 1
    return pageBuffer(EXTENT_BYTES_MAX)
  }

  #fill(buffer: Buffer, at: number): boolean {
    return readSync(this.#fd, buffer, 0, buffer.length, at) === buffer.length
  }
}

/** Asked after each read: the sender sets the byte of a seat before it writes where that reader may still read. */
export function isKept(fd: number, ringBytes: number, seat: number): boolean {
  const struck = Buffer.alloc(1)
  return readSync(fd, struck, 0, 1, ringBytes + seat) === 1 && struck[0] === 0
}
