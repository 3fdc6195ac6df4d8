/** What a file descriptor is, and a private way to it. */
import { constants, fstatSync, openSync, readFileSync, readlinkSync } from 'node:fs'
import { isatty } from 'node:tty'

export type DescriptorKind = 'directory' | 'file' | 'pipe' | 'socket' | 'terminal'

/** @throws the error of fstat, when the descriptor is not open */
export function kindOf(fd: number): DescriptorKind {
  const stat = fstatSync(fd)
  if (stat.isDirectory()) return 'directory'
  if (stat.isFIFO()) return 'pipe'
  if (stat.isSocket()) return 'socket'
  return isatty(fd) ? 'terminal' : 'file'
}

/**
 * A pipe opened once more, non-blocking, where the system can (Linux): the flag is then ours alone.
 * Set on the inherited descriptor it would be shared with the next command on that pipe, and
 * outlive a kill -9 (nodejs/node#42826).
 */
export function privatePipe(fd: number, access: 'read' | 'write'): number {
  const mode = access === 'read' ? constants.O_RDONLY : constants.O_WRONLY
  try {
    return openSync(`/proc/self/fd/${fd}`, mode | constants.O_NONBLOCK)
  } catch {
    return fd
  }
}

/**
 * True when the descriptor was closed at our start. Node fills the hole with /dev/null opened for
 * reading and writing, where writes seem to succeed; `>/dev/null` opens it for writing only.
 */
export function wasClosed(fd: number): boolean {
  try {
    if (readlinkSync(`/proc/self/fd/${fd}`) !== '/dev/null') return false
    const flags = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1]
    return (Number.parseInt(flags ?? '0', 8) & 3) === constants.O_RDWR
  } catch {
    return false
  }
}
