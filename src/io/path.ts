/** Where a path leads: through symbolic links to a file, or to one of our own descriptors. */
import { readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'
import { systemCode } from '../errors.ts'
import { type Access, checkGiven } from './given.ts'

/** Linux follows as many. */
const LINKS_MAX = 40

/**
 * Follows symbolic links to the file that open(2) would open or make, which need not be there.
 * A descriptor's own name (`/proc/PID/fd/N`) is not followed further.
 * @throws the error of the directory that it leads to
 */
export function followLinks(path: string): string {
  let place = placeOf(path)
  for (let links = 0; links < LINKS_MAX; links++) {
    const target = descriptorIn(place) === undefined ? linkAt(place) : undefined
    if (target === undefined) break
    place = placeOf(isAbsolute(target) ? target : `${dirname(place)}/${target}`)
  }
  return place
}

/**
 * The descriptor that a path names: `/dev/stdin`, `/dev/fd/N`, `/proc/self/fd/N`, or a link to one of them.
 * Opened by that path, a file would be read from its beginning and a socket not at all.
 * @throws an Error when this process was not started with it, or it does not allow `access`
 */
export function descriptorAt(path: string, access: Access): number | undefined {
  const fd = descriptorNamed(path)
  return fd === undefined ? undefined : checkGiven(fd, access)
}

function descriptorNamed(path: string): number | undefined {
  try {
    return descriptorIn(followLinks(path))
  } catch {
    // Opening it will say what is wrong.
    return undefined
  }
}

/** True for a file that is mounted on its own (Linux): it can be written, and not be replaced. */
export function isMountPoint(place: string): boolean {
  try {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n')
    // Spaces and backslashes are in octal there.
    const shown = place.replace(/[\\\s]/g, (one) => `\\${one.charCodeAt(0).toString(8).padStart(3, '0')}`)
    return mounts.some((line) => line.split(' ')[4] === shown)
  } catch {
    return false
  }
}

/** The same path with every link but the last one followed. */
function placeOf(path: string): string {
  // Node's own realpath takes `link/..` for the directory that the link is in.
  return join(realpathSync.native(dirname(path)), basename(path))
}

function linkAt(place: string): string | undefined {
  try {
    return readlinkSync(place)
  } catch (error) {
    // It is no link, or not there.
    if (['EINVAL', 'ENOENT'].includes(systemCode(error))) return undefined
    throw error
  }
}

function descriptorIn(place: string): number | undefined {
  const number = /^(?:\/dev|(.*?)(?:\/task\/\d+)?)\/fd\/(\d+)$/.exec(place)
  if (number === null || (number[1] !== undefined && number[1] !== ownDirectory())) return undefined
  return Number(number[2])
}

/** `/proc/PID` of this process; its number is not ours where /proc belongs to another pid namespace. */
function ownDirectory(): string | undefined {
  try {
    return realpathSync('/proc/self')
  } catch {
    return undefined
  }
}
