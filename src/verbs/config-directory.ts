/**
 * The user's config directory, where secrets and trust are kept: files of ours alone in directories of
 * ours alone, proved each time they are used.
 */
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { isAbsolute, join } from 'node:path'
import process from 'node:process'
import { reasonOf, SwarmError, systemCode } from '../errors.ts'
import { syncToDisk } from '../io/descriptor.ts'
import { complaint, makeDirectory } from '../transport/local/runtime-directory.ts'
import type { Context } from './context.ts'

/** Bits that would let the group or others in. */
const OTHERS = 0o077
/** No file of ours is longer: nothing larger is read. */
const FILE_BYTES = 1_048_576

/** `$XDG_CONFIG_HOME/lswarm`, or `~/.config/lswarm`. */
export class ConfigDirectory {
  readonly path: string

  /** @throws SwarmError CONFIG when the environment names none */
  constructor(env: Context['env']) {
    const { XDG_CONFIG_HOME: xdg = '', HOME: home = '' } = env
    // The specification: a path that is not absolute is to be ignored.
    if (isAbsolute(xdg)) this.path = join(xdg, 'lswarm')
    else if (isAbsolute(home)) this.path = join(home, '.config', 'lswarm')
    else throw new SwarmError('CONFIG', 'no config directory: neither XDG_CONFIG_HOME nor HOME is set')
  }

  /** The names in a directory in it; none when it is not there. */
  list(directory: string): string[] {
    const path = join(this.path, directory)
    return this.#isThere(this.path) && this.#isThere(path) ? readdirSync(path).sort() : []
  }

  /**
   * The bytes of a file in it; `undefined` when it is not there.
   * @throws SwarmError CONFIG, with the path and the reason, when it is not private
   */
  read(...names: readonly string[]): Buffer | undefined {
    for (let depth = 0; depth < names.length; depth++)
      if (!this.#isThere(join(this.path, ...names.slice(0, depth)))) return undefined
    const path = join(this.path, ...names)
    let fd: number
    try {
      fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined
      if (systemCode(error) === 'ELOOP')
        throw new SwarmError('CONFIG', `${path} is a symbolic link, not a file`)
      throw failure('read', path, error)
    }
    try {
      const stat = fstatSync(fd)
      const uid = process.getuid?.()
      const wrong = (what: string) => new SwarmError('CONFIG', `${path} ${what}`)
      if (!stat.isFile()) throw wrong('is not a file')
      if (uid !== undefined && stat.uid !== uid)
        throw wrong(`belongs to user ${stat.uid}, not to you (${uid})`)
      if ((stat.mode & OTHERS) !== 0 && process.platform !== 'win32')
        throw wrong(`has mode 0${(stat.mode & 0o777).toString(8)}; it must be 0600`)
      if (stat.size > FILE_BYTES) throw wrong(`is longer than ${FILE_BYTES} bytes`)
      return readFileSync(fd)
    } catch (error) {
      throw error instanceof SwarmError ? error : failure('read', path, error)
    } finally {
      closeSync(fd)
    }
  }

  /**
   * Makes a file, whole or not at all.
   * @returns false when there is one already: it is left as it is
   */
  create(text: string, ...names: readonly string[]): boolean {
    return this.#put(text, names, (temporary, path) => {
      try {
        linkSync(temporary, path)
        return true
      } catch (error) {
        if (systemCode(error) === 'EEXIST') return false
        throw error
      } finally {
        rmSync(temporary, { force: true })
      }
    })
  }

  /** Puts a file in the place of what was there, whole or not at all. */
  replace(text: string | Buffer, ...names: readonly string[]): void {
    this.#put(text, names, (temporary, path) => renameSync(temporary, path))
  }

  /** Adds a short line to a file: several processes at once lose none, and a last line without its newline is not lengthened. */
  append(line: string, ...names: readonly string[]): void {
    this.#ensure(names)
    const path = join(this.path, ...names)
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
    try {
      const fd = openSync(path, flags, 0o600)
      try {
        appendLine(fd, line)
      } finally {
        closeSync(fd)
      }
    } catch (error) {
      throw failure('write', path, error)
    }
  }

  /** Changes whenever the file does. */
  stamp(...names: readonly string[]): string {
    const stat = lstatSync(join(this.path, ...names), { throwIfNoEntry: false, bigint: true })
    return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`
  }

  #put<T>(text: string | Buffer, names: readonly string[], place: (temporary: string, path: string) => T): T {
    this.#ensure(names)
    const path = join(this.path, ...names)
    const temporary = join(this.path, ...names.slice(0, -1), `.${randomBytes(8).toString('hex')}.tmp`)
    try {
      const fd = openSync(temporary, 'wx', 0o600)
      try {
        writeFileSync(fd, text)
        syncToDisk(fd)
      } finally {
        closeSync(fd)
      }
      return place(temporary, path)
    } catch (error) {
      rmSync(temporary, { force: true })
      throw failure('write', path, error)
    }
  }

  /** Makes and proves the directories above a file. */
  #ensure(names: readonly string[]): void {
    try {
      mkdirSync(join(this.path, '..'), { recursive: true, mode: 0o700 })
    } catch (error) {
      throw failure('make', join(this.path, '..'), error)
    }
    for (let depth = 0; depth < names.length; depth++) {
      const path = join(this.path, ...names.slice(0, depth))
      try {
        makeDirectory(path)
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw failure('make', path, error)
      }
      this.#isThere(path)
    }
  }

  /** @throws SwarmError CONFIG when it is there and not private */
  #isThere(path: string): boolean {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false
    const wrong = complaint(path, OTHERS)
    if (wrong !== undefined) throw new SwarmError('CONFIG', `${path} ${wrong}`)
    return true
  }
}

/** @throws the error of write; what was written of the line is taken back, unless another process wrote after it */
function appendLine(fd: number, line: string): void {
  const { size } = fstatSync(fd)
  const last = Buffer.from('\n')
  if (size > 0) readSync(fd, last, 0, 1, size - 1)
  const bytes = Buffer.from(last.toString('latin1') === '\n' ? line : `\n${line}`)
  let written = 0
  try {
    while (written < bytes.length) written += writeSync(fd, bytes, written)
  } catch (error) {
    if (fstatSync(fd).size === size + written) ftruncateSync(fd, size)
    throw error
  }
}

function failure(what: string, path: string, error: unknown): SwarmError {
  return new SwarmError('CONFIG', `cannot ${what} ${path}: ${reasonOf(error)}`, error)
}
