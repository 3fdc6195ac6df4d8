/**
 * A source that another process of this machine reads for itself, through `/proc` (Linux).
 *
 * Nothing is copied through a socket then: a receiver reads the sender's file, or its pipe, at 2 to
 * 4 times the speed (measured). What is lent is named by device and inode as well: who finds another
 * file under the path, in another pid namespace perhaps, does not borrow it.
 */
import { closeSync, constants, fstatSync, openSync, readlinkSync } from 'node:fs'
import { isAnonymous, positionOf } from './descriptor.ts'
import { stateOf } from './file-state.ts'

/** Where a process finds what another has open. */
export interface Loan {
  /** `/proc/PID/fd/N`. */
  readonly path: string
  /** Device and inode, in decimal. */
  readonly device: string
  readonly inode: string
  /** For a file: from which byte … */
  readonly at: number
  /** … and how many; absent for a pipe, which ends by itself. */
  readonly size?: number
  /** For a file: when it was last written to (see `file-state.ts`). */
  readonly modified?: string
}

/** Below this a loan is not worth its messages, and files of size that is not theirs (sysfs) are left out. */
const LENT_BYTES_MIN = 1_048_576

/** What `borrow` needs to open this descriptor elsewhere; `undefined` where that cannot be, or is not worth it. */
export function lend(fd: number): Loan | undefined {
  try {
    // A fifo with a name would not tell its end to who opens it later.
    if (fstatSync(fd).isFIFO()) return isAnonymous(fd) ? { ...whereabouts(fd), at: 0 } : undefined
    const state = stateOf(fd)
    if (state === undefined) return undefined
    const at = positionOf(fd)
    const size = state.size - at
    return size < LENT_BYTES_MIN ? undefined : { ...whereabouts(fd), at, size, modified: state.modified }
  } catch {
    return undefined
  }
}

/** The same for a ring that was made here, of `size` bytes. */
export function lendRing(fd: number, size: number): Loan | undefined {
  try {
    return { ...whereabouts(fd), at: 0, size }
  } catch {
    return undefined
  }
}

/**
 * Opens what was lent, without waiting.
 * @returns a descriptor; `undefined` when it cannot be opened, or is something else by now
 */
export function borrow(loan: Loan): number | undefined {
  let fd: number | undefined
  try {
    fd = openSync(loan.path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    const stat = fstatSync(fd, { bigint: true })
    const isSame = String(stat.dev) === loan.device && String(stat.ino) === loan.inode
    if (isSame && (loan.size === undefined ? stat.isFIFO() : stat.isFile())) return fd
  } catch {
    // Not there, not ours, or no /proc.
  }
  if (fd !== undefined) closeSync(fd)
  return undefined
}

/** True when `borrow` would give it. */
export function canBorrow(loan: Loan): boolean {
  const fd = borrow(loan)
  if (fd === undefined) return false
  closeSync(fd)
  return true
}

function whereabouts(fd: number): Pick<Loan, 'path' | 'device' | 'inode'> {
  const { dev, ino } = fstatSync(fd, { bigint: true })
  return { path: `/proc/${readlinkSync('/proc/self')}/fd/${fd}`, device: String(dev), inode: String(ino) }
}
