/**
 * One directory for each topic, one socket in it for each peer that can be dialled.
 *
 * The names in it are ours to choose and never come from a user: the directory is named by the first
 * 16 hex digits of the topic, a socket by 16 random bytes. Whatever else lies there is not touched.
 */
import { closeSync, constants, fstatSync, openSync, readdirSync, rmdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { reasonOf, SwarmError, systemCode } from '../../errors.ts'
import { limits } from '../../limits.ts'
import { randomBytes } from '../../random.ts'
import type { Topic } from '../../topic.ts'
import { ensurePrivate, isTherePrivate, makeDirectory } from './runtime-directory.ts'

const BASE_32 = 'abcdefghijklmnopqrstuvwxyz234567'
const SOCKET_NAME = /^p-[a-z2-7]{26}$/
const HIDDEN_NAME = /^\.p-[a-z2-7]{26}$/
const TOPIC_NAME = /^[0-9a-f]{16}$/
const DIRECTORY_DIGITS = 16
/** The time of a change is kept in ticks, of 2 s at worst (FAT): what was read sooner after it may miss a second change. */
const TICK_MS = 2_000
/** macOS and the BSDs have 104 bytes for a path, its NUL included. */
const PATH_BYTES = process.platform === 'linux' ? limits.socketPathBytes : 103

/** True for the name of a peer's socket; only such are ever dialled. */
export function isSocketName(name: string): boolean {
  return SOCKET_NAME.test(name)
}

function sorted(names: readonly string[]): Entries {
  const sockets: string[] = []
  const hidden: string[] = []
  for (const name of names) {
    if (isSocketName(name)) sockets.push(name)
    else if (HIDDEN_NAME.test(name)) hidden.push(name)
  }
  return { sockets, hidden }
}

/** A name that no one had and no one will have. */
export function newSocketName(): string {
  let bits = BigInt(`0x${randomBytes(16).toString('hex')}`) << 2n
  let name = ''
  for (let i = 0; i < 26; i++, bits >>= 5n) name = `${BASE_32[Number(bits & 31n)]}${name}`
  return `p-${name}`
}

/** The topic directories under a runtime directory, by their 16 digits. */
export function topicDirectories(base: string): string[] {
  if (!isTherePrivate(base)) return []
  return readdirSync(base).filter((name) => TOPIC_NAME.test(name))
}

/** The names in a topic directory that are of our grammar. */
export interface Entries {
  /** Sockets that can be dialled. */
  readonly sockets: readonly string[]
  /** Sockets that are bound and not published yet: their process may have died in between. */
  readonly hidden: readonly string[]
}

interface Look {
  readonly entries: Entries
  /** Which directory it was, and when it had changed last. */
  readonly dev: number
  readonly ino: number
  readonly mtimeMs: number
}

export class TopicDirectory {
  readonly path: string
  /** The runtime directory. */
  readonly base: string
  #fd: number | undefined
  /** The last one, where it was long enough after the last change. */
  #look: Look | undefined

  /** @param name the topic, or the 16 digits of one that is only known by its directory */
  constructor(base: string, name: Topic | string) {
    this.base = base
    this.path = join(base, typeof name === 'string' ? name : name.hex.slice(0, DIRECTORY_DIGITS))
  }

  /**
   * Makes it, and the runtime directory, where they are missing, both private.
   * @throws SwarmError RUNTIME_DIRECTORY
   */
  ensure(): void {
    ensurePrivate(this.base)
    try {
      makeDirectory(this.path)
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return
      throw new SwarmError('RUNTIME_DIRECTORY', `cannot make ${this.path}: ${reasonOf(error)}`, error)
    }
  }

  /**
   * Who is in it; nobody when it is not there. The same object as before while nothing has changed: two hundred idle peers
   * would else spend a seventh of a processor on reading it (measured).
   * @throws SwarmError RUNTIME_DIRECTORY
   */
  entries(): Entries {
    if (!isTherePrivate(this.base)) return { sockets: [], hidden: [] }
    try {
      const { dev, ino, mtimeMs } = statSync(this.path)
      const last = this.#look
      if (last?.mtimeMs === mtimeMs && last.ino === ino && last.dev === dev) return last.entries
      const isOver = Date.now() - mtimeMs > TICK_MS
      const entries = sorted(readdirSync(this.path))
      this.#look = isOver ? { entries, dev, ino, mtimeMs } : undefined
      return entries
    } catch (error) {
      if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR')
        return { sockets: [], hidden: [] }
      throw new SwarmError('RUNTIME_DIRECTORY', `cannot read ${this.path}: ${reasonOf(error)}`, error)
    }
  }

  /** The path of an entry. */
  pathOf(name: string): string {
    return `${this.path}/${name}`
  }

  /**
   * A path of an entry that the kernel does not cut: Node would hand on a longer one, and the
   * socket would lie elsewhere (nodejs/node#48316). On Linux a long path goes through a
   * descriptor of the directory.
   * @throws SwarmError PATH_TOO_LONG where there is no such way
   */
  socketPath(name: string): string {
    const path = this.pathOf(name)
    const bytes = Buffer.byteLength(path)
    if (bytes <= PATH_BYTES) return path
    if (process.platform !== 'linux') {
      throw new SwarmError('PATH_TOO_LONG', `${path} is a path of ${bytes} bytes, limit ${PATH_BYTES}`)
    }
    this.#fd ??= openSync(this.path, constants.O_RDONLY | constants.O_DIRECTORY)
    return `/proc/self/fd/${this.#fd}/${name}`
  }

  /** Forgets the descriptor if the directory of that name is another one now. */
  reopen(): void {
    if (this.#fd === undefined) return
    const ours = fstatSync(this.#fd)
    const there = statSync(this.path, { throwIfNoEntry: false })
    if (there?.ino !== ours.ino || there.dev !== ours.dev) this.close()
  }

  /** Forgets the descriptor: the directory of that name may be another one now. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
    this.#fd = undefined
  }

  /** Removes the directory if it is empty: the last peer leaves no trace. */
  removeIfEmpty(): void {
    try {
      rmdirSync(this.path)
    } catch {
      // Someone is there, or it is gone.
    }
  }
}
