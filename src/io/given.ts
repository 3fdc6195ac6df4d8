/**
 * The descriptors that this process was started with.
 *
 * Node opens descriptors of its own (epolls, events, pipes), often with numbers that the user may name. One of those
 * must never be taken for a file of the user's: bytes would vanish in it, or Node would abort.
 */
import { constants, fstatSync, readdirSync, type Stats } from 'node:fs'
import { flagsOf, isAnonymous, isNonBlocking, statOf } from './descriptor.ts'

export type Access = 'read' | 'write'

/** Set by `rememberGiven`; stays undefined where there is no /proc. */
let remembered: ReadonlySet<number> | undefined

/** Notes what is open. Call it before the program opens anything itself. */
export function rememberGiven(): void {
  try {
    // Without the descriptor that listed them.
    const open = readdirSync('/proc/self/fd').map(Number).filter(statOf)
    const own = pipesOfNode(open)
    remembered = new Set(open.filter((fd) => !own.has(fd)))
  } catch {
    // No /proc: only the kind tells.
  }
}

/**
 * Returns `fd` if this process was started with it and it allows `access`.
 * @throws an Error that says what is wrong with it
 */
export function checkGiven(fd: number, access: Access): number {
  const name = ['stdin', 'stdout', 'stderr'][fd] ?? `descriptor ${fd}`
  if (!(remembered?.has(fd) ?? true) || !hasUsableKind(fd)) throw new Error(`${name} is not open`)
  const allowed = accessOf(fd)
  if (allowed !== undefined && allowed !== access)
    throw new Error(`${name} is open for ${allowed === 'read' ? 'reading' : 'writing'} only`)
  return fd
}

/** The only access that a descriptor allows; undefined if it allows both, and where there is no /proc. */
function accessOf(fd: number): Access | undefined {
  const flags = flagsOf(fd)
  if (flags === undefined) return undefined
  const mode = flags & (constants.O_WRONLY | constants.O_RDWR)
  if (mode === constants.O_RDWR) return undefined
  return mode === constants.O_WRONLY ? 'write' : 'read'
}

/** True for what can be read or written; false for epolls and events, and for a descriptor that is not open. */
function hasUsableKind(fd: number): boolean {
  return ((statOf(fd)?.mode ?? 0) & constants.S_IFMT) !== 0
}

/**
 * Node's own pipes: it holds both ends of each. Those of its event loops are non-blocking, and one for signals is not.
 * A careless parent may leave us both ends of a blocking pipe too, but that pipe is older.
 */
function pipesOfNode(open: readonly number[]): ReadonlySet<number> {
  const ends = open
    .filter(isAnonymous)
    .map((fd) => ({ fd, stat: fstatSync(fd), access: accessOf(fd) }))
    .filter(({ access }) => access !== undefined)
  const paired = ends.filter((end) =>
    ends.some(({ stat, access }) => stat.ino === end.stat.ino && access !== end.access),
  )
  const blocking = paired.filter(({ fd }) => !isNonBlocking(fd))
  const newestMs = Math.max(...blocking.map(createdMs))
  const older = blocking.filter((end) => createdMs(end) < newestMs)
  return new Set(paired.filter((end) => !older.includes(end)).map(({ fd }) => fd))
}

/** When a pipe was made, or first read and written; the kernel keeps no more. */
function createdMs({ stat }: { readonly stat: Stats }): number {
  return Math.min(stat.atimeMs, stat.mtimeMs, stat.ctimeMs)
}
