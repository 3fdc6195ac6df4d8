/**
 * The runtime directory: one private directory for each user, in it one for each topic.
 *
 * The directory is the authority. Who can open it is us, so every socket in it is ours: there is
 * nothing else to check a peer on one machine by (SO_PEERCRED cannot be read from Node).
 */
import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import process from 'node:process'
import { reasonOf, SwarmError, systemCode } from '../../errors.ts'

/** Bits that would let the group or others in. */
const OTHERS = 0o077

/**
 * Where the topics are: `basedir`, else `$LSWARM_DIR`, else `$XDG_RUNTIME_DIR/lswarm` where that
 * directory is really ours, else `<tmp>/lswarm-<uid>`.
 */
export function runtimeDirectory(basedir?: string): string {
  const chosen = basedir || process.env.LSWARM_DIR
  if (chosen) return resolve(chosen)
  const xdg = process.env.XDG_RUNTIME_DIR
  if (xdg && isAbsolute(xdg) && complaint(xdg, 0) === undefined) return join(xdg, 'lswarm')
  return join(tmpdir(), `lswarm-${process.getuid?.() ?? 'user'}`)
}

/**
 * Node's permission model denies sockets from Node 25 on, unless --allow-net is given.
 * @throws SwarmError NETWORK: every peer would look as if it had gone
 */
export function assertSocketsAllowed(): void {
  const { permission, versions } = process
  if (permission === undefined || permission.has('net')) return
  // An older Node denies no socket, and says false of a permission that it does not know.
  if (Number.parseInt(versions.node, 10) < 25) return
  throw new SwarmError(
    'NETWORK',
    "cannot use sockets: Node's permission model forbids it; allow it with: node --allow-net",
  )
}

/**
 * Makes the directory if it is missing (never its parents), and proves that it is private.
 * @throws SwarmError RUNTIME_DIRECTORY with the path and the reason
 */
export function ensurePrivate(path: string): void {
  try {
    makeDirectory(path)
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') {
      throw new SwarmError('RUNTIME_DIRECTORY', `cannot make ${path}: ${reason(error)}`, error)
    }
  }
  const wrong = complaint(path, OTHERS)
  if (wrong !== undefined) throw new SwarmError('RUNTIME_DIRECTORY', `${path} ${wrong}`)
}

/**
 * Proves that an existing directory is private, without making it.
 * @returns false when there is none
 * @throws SwarmError RUNTIME_DIRECTORY
 */
export function isTherePrivate(path: string): boolean {
  try {
    lstatSync(path)
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false
  }
  const wrong = complaint(path, OTHERS)
  if (wrong !== undefined) throw new SwarmError('RUNTIME_DIRECTORY', `${path} ${wrong}`)
  return true
}

/** Runs `act` with a umask; in a worker thread, where there is none to set, as it is. */
export function withUmask<T>(mask: number, act: () => T): T {
  let before: number
  try {
    before = process.umask(mask)
  } catch {
    return act()
  }
  try {
    return act()
  } finally {
    process.umask(before)
  }
}

/** mkdir with mode 0700, whatever the umask. */
export function makeDirectory(path: string): void {
  withUmask(OTHERS, () => mkdirSync(path, { mode: 0o700 }))
  if ((lstatSync(path).mode & 0o700) !== 0o700) chmodSync(path, 0o700)
}

/** What is wrong with a directory that must be ours, with none of `bits`; `undefined` when nothing is. */
export function complaint(path: string, bits: number): string | undefined {
  try {
    const stat = lstatSync(path)
    if (stat.isSymbolicLink()) return 'is a symbolic link, not a directory'
    if (!stat.isDirectory()) return 'is not a directory'
    const uid = process.getuid?.()
    if (uid !== undefined && stat.uid !== uid) return `belongs to user ${stat.uid}, not to you (${uid})`
    if ((stat.mode & bits) !== 0 && process.platform !== 'win32') {
      return `has mode 0${(stat.mode & 0o777).toString(8)}; it must be 0700`
    }
    return undefined
  } catch (error) {
    return `cannot be read: ${reason(error)}`
  }
}

function reason(error: unknown): string {
  return reasonOf(error)
}
