/** What a file descriptor is, and a private way to it. */
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from 'node:fs'
import process from 'node:process'
import { isatty } from 'node:tty'
import { Interrupted, systemCode } from '../errors.ts'

export type DescriptorKind = 'directory' | 'file' | 'pipe' | 'socket' | 'terminal'

/** What fstat says of a descriptor; `undefined` for one that is not open. */
export function statOf(fd: number): Stats | undefined {
  try {
    return fstatSync(fd)
  } catch {
    return undefined
  }
}

/** @throws the error of fstat, when the descriptor is not open */
export function kindOf(fd: number): DescriptorKind {
  const stat = fstatSync(fd)
  if (stat.isDirectory()) return 'directory'
  if (stat.isFIFO()) return 'pipe'
  if (stat.isSocket()) return 'socket'
  return isTerminalLike(stat) && isatty(fd) ? 'terminal' : 'file'
}

/** True for a terminal, false also for a descriptor that is not open. Node's own word for it is loaded only where it may be one: 3 ms. */
export function isTerminal(fd: number): boolean {
  return isTerminalDevice(fd) && isatty(fd)
}

/** True for what may be a terminal, living or hung up; false for a descriptor that is not open. */
export function isTerminalDevice(fd: number): boolean {
  const stat = statOf(fd)
  return stat !== undefined && isTerminalLike(stat)
}

/** Linux's numbers of the devices that are consoles, serial lines and pseudo-terminals. */
const isTerminalMajor = (major: number) => major === 4 || major === 5 || (major >= 136 && major <= 143)

/** True for a terminal whose other end is gone: a closed window, a lost line. Linux only; elsewhere false. */
export function isHungUp(fd: number): boolean {
  const stat = statOf(fd)
  if (process.platform !== 'linux' || !stat?.isCharacterDevice()) return false
  return isTerminalMajor(stat.rdev >> 8) && !isatty(fd)
}

/**
 * Returns what `open` makes of a descriptor. A terminal that hangs up meanwhile is no file, as its kind then says, and
 * Node makes no stream of it.
 * @throws Interrupted if the descriptor is a terminal that has hung up by now, else what `open` throws
 */
export function unlessHungUp<T>(fd: number, open: () => T): T {
  try {
    const opened = open()
    if (!isHungUp(fd)) return opened
  } catch (error) {
    if (!isHungUp(fd)) throw error
  }
  throw new Interrupted('SIGHUP')
}

/** Linux's number for /dev/null and its like. */
const MEMORY_DEVICES = 1

function isTerminalLike(stat: Stats): boolean {
  if (!stat.isCharacterDevice()) return false
  return process.platform !== 'linux' || stat.rdev >> 8 !== MEMORY_DEVICES
}

/**
 * A pipe opened once more, non-blocking, where the system can (Linux): the flag is then ours alone.
 * Set on the inherited descriptor it would be shared with the next command on that pipe, and
 * outlive a kill -9 (nodejs/node#42826).
 */
export function privatePipe(fd: number, access: 'read' | 'write'): number {
  const mode = access === 'read' ? constants.O_RDONLY : constants.O_WRONLY
  const path = `/proc/self/fd/${fd}`
  try {
    const own = openSync(path, mode | constants.O_NONBLOCK)
    if (access === 'write' || isAnonymous(fd) || remindOfWriters(path)) return own
    closeSync(own)
  } catch {
    // No /proc; or a fifo whose readers are gone.
  }
  return fd
}

/**
 * Brings what was written to the disk. Under Node's permission model, which denies fsync, the
 * kernel does that in its own time.
 * @throws the error of fsync
 */
export function syncToDisk(fd: number): void {
  try {
    fsyncSync(fd)
  } catch (error) {
    if (systemCode(error) !== 'ERR_ACCESS_DENIED') throw error
  }
}

/** Where in its file the next read or write is; NaN where there is no /proc to tell. */
export function positionOf(fd: number): number {
  return Number(matchIn(`/proc/self/fdinfo/${fd}`, /^pos:\s*(\d+)/m)?.[1])
}

/** True for a pipe that has no name in a file system. */
export function isAnonymous(fd: number): boolean {
  return readlinkSync(`/proc/self/fd/${fd}`).startsWith('pipe:')
}

/**
 * Who opens a fifo without waiting, after its last writer has gone, is never told of the end (fifo(7), poll(2):
 * no hang-up before a first writer was seen). So there is one, for a moment.
 */
function remindOfWriters(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
    return true
  } catch {
    return false
  }
}

/** True for a descriptor whose open file has O_NONBLOCK; false where there is no /proc. */
export function isNonBlocking(fd: number): boolean {
  return ((flagsOf(fd) ?? 0) & constants.O_NONBLOCK) !== 0
}

/** The flags of open(2), as /proc shows them; `undefined` where there is no /proc or no such descriptor. */
export function flagsOf(fd: number): number | undefined {
  const flags = matchIn(`/proc/self/fdinfo/${fd}`, /^flags:\s*(\d+)/m)?.[1]
  return flags === undefined ? undefined : Number.parseInt(flags, 8)
}

/** What a file in /proc says; nothing where there is none. */
export function matchIn(path: string, pattern: RegExp): RegExpExecArray | null {
  try {
    return pattern.exec(readFileSync(path, 'latin1'))
  } catch {
    return null
  }
}

/** O_CLOEXEC, as /proc/PID/fdinfo shows it; Node's own descriptors all have it. */
const CLOSE_ON_EXEC = 0o2000000

/**
 * Closes what was left open for us by whoever started us, beyond stdio: a command that we start
 * would inherit it. Where there is no /proc, nothing is closed.
 */
export function closeInherited(): void {
  const open = existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').map(Number) : []
  for (const fd of open.filter((one) => one > 2)) {
    // The descriptor of this very reading is gone by now, and has no flags.
    if (((flagsOf(fd) ?? CLOSE_ON_EXEC) & CLOSE_ON_EXEC) === 0) closeSync(fd)
  }
}

/** How many descriptors this process may have; where the system does not tell, a cautious guess. */
export function descriptorLimit(): number {
  const soft = matchIn('/proc/self/limits', /^Max open files\s+(\w+)/m)?.[1] ?? '1024'
  return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
}

/** How many descriptors this process has open; where the system does not tell, a cautious guess. */
export function openDescriptors(): number {
  try {
    // One of them is that of this reading.
    return readdirSync(process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd').length - 1
  } catch {
    return 64
  }
}
