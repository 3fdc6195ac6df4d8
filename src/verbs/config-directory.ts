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
  type Stats,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import process from 'node:process'
import { reasonOf, SwarmError, systemCode } from '../errors.ts'
import { syncToDisk } from '../io/descriptor.ts'
import { ensurePrivate, isTherePrivate } from '../transport/local/runtime-directory.ts'
import type { Context } from './context.ts'

/** Bits that would let the group or others in. */
const OTHERS = 0o077
/** No file of ours is longer: nothing larger is read. */
const FILE_BYTES = 1_048_576

/**
 * A directory of the XDG specification, which has a path that is not absolute ignored.
 * @param inHome where it is in the home directory when no variable names it
 * @returns `undefined` when there is no home directory either
 */
export function xdgDirectory(env: Context['env'], variable: string, inHome: string): string | undefined {
  const { [variable]: xdg = '', HOME: home = '' } = env
  if (isAbsolute(xdg)) return xdg
  return isAbsolute(home) ? join(home, inHome) : undefined
}

/** `$XDG_CONFIG_HOME/lswarm`, or `~/.config/lswarm`. */
export class ConfigDirectory {
  readonly path: string

  /** @throws SwarmError CONFIG when the environment names none */
  constructor(env: Context['env']) {
    const base = xdgDirectory(env, 'XDG_CONFIG_HOME', '.config')
    if (base === undefined)
      throw new SwarmError('CONFIG', 'no config directory: neither XDG_CONFIG_HOME nor HOME is set')
    this.path = join(base, 'lswarm')
  }

  /** The names in a directory in it; none when it is not there. */
  list(directory: string): string[] {
    const path = join(this.path, directory)
    return isThere(this.path) && isThere(path) ? readdirSync(path).sort() : []
  }

  /**
   * The bytes of a file in it; `undefined` when it is not there.
   * @throws SwarmError CONFIG, with the path and the reason, when it is not private
   */
  read(file: string): Buffer | undefined {
    if (!this.#directoriesOf(file).every(isThere)) return undefined
    const path = join(this.path, file)
    return attempt('read', path, () => {
      const stat = lstatSync(path, { throwIfNoEntry: false })
      if (stat === undefined) return undefined
      if (stat.isSymbolicLink()) throw new SwarmError('CONFIG', `${path} is a symbolic link, not a file`)
      return withFile(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK, (fd) => {
        assertPrivate(path, fstatSync(fd))
        return readFileSync(fd)
      })
    })
  }

  /**
   * Makes a file, whole or not at all.
   * @returns false when there is one already: it is left as it is
   */
  create(file: string, text: string): boolean {
    return this.#put(file, text, (temporary, path) => {
      try {
        linkSync(temporary, path)
        return true
      } catch (error) {
        if (systemCode(error) === 'EEXIST') return false
        throw error
      }
    })
  }

  /** Puts a file in the place of what was there, whole or not at all. */
  replace(file: string, text: Buffer): void {
    this.#put(file, text, renameSync)
  }

  /** Adds a short line to a file: several processes at once lose none, and a last line without its newline is not lengthened. */
  append(file: string, line: string): void {
    this.#ensureAbove(file)
    const path = join(this.path, file)
    const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
    attempt('write', path, () => withFile(path, flags, (fd) => appendLine(fd, line)))
  }

  /** Changes whenever the file does. */
  stamp(file: string): string {
    const stat = lstatSync(join(this.path, file), { throwIfNoEntry: false, bigint: true })
    return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`
  }

  #put<T>(file: string, text: string | Buffer, place: (temporary: string, path: string) => T): T {
    this.#ensureAbove(file)
    const path = join(this.path, file)
    const temporary = join(dirname(path), `.${randomBytes(8).toString('hex')}.tmp`)
    return attempt('write', path, () => {
      try {
        withFile(temporary, 'wx', (fd) => {
          writeFileSync(fd, text)
          syncToDisk(fd)
        })
        return place(temporary, path)
      } finally {
        rmSync(temporary, { force: true })
      }
    })
  }

  /** Makes and proves the directories above a file. */
  #ensureAbove(file: string): void {
    const parent = dirname(this.path)
    attempt('make', parent, () => mkdirSync(parent, { recursive: true, mode: 0o700 }))
    for (const path of this.#directoriesOf(file)) attempt('make', path, () => ensurePrivate(path))
  }

  /** Those that have to be private, the outermost first. */
  #directoriesOf(file: string): string[] {
    const above = dirname(join(this.path, file))
    return above === this.path ? [above] : [this.path, above]
  }
}

/** @throws SwarmError CONFIG when it is there and not private */
function isThere(path: string): boolean {
  return attempt('read', path, () => isTherePrivate(path))
}

/** @throws SwarmError CONFIG */
function assertPrivate(path: string, stat: Stats): void {
  const uid = process.getuid?.()
  const wrong = (what: string) => new SwarmError('CONFIG', `${path} ${what}`)
  if (!stat.isFile()) throw wrong('is not a file')
  if (uid !== undefined && stat.uid !== uid) throw wrong(`belongs to user ${stat.uid}, not to you (${uid})`)
  if ((stat.mode & OTHERS) !== 0 && process.platform !== 'win32')
    throw wrong(`has mode 0${(stat.mode & 0o777).toString(8)}; it must be 0600`)
  if (stat.size > FILE_BYTES) throw wrong(`is longer than ${FILE_BYTES} bytes`)
}

function withFile<T>(path: string, flags: string | number, act: (fd: number) => T): T {
  const fd = openSync(path, flags, 0o600)
  try {
    return act(fd)
  } finally {
    closeSync(fd)
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

/** @throws SwarmError CONFIG, whatever `act` throws */
function attempt<T>(what: string, path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    const why = error instanceof SwarmError ? error.message : `cannot ${what} ${path}: ${reasonOf(error)}`
    throw new SwarmError('CONFIG', why, error)
  }
}
