/**
 * Whose name is whose: names with their keys, as `known_hosts` of ssh has them. A name is remembered
 * with the first key that used it, and no other key is ever taken for it.
 *
 * A line that cannot be read is named, kept as it is, and skipped. As long as there is one no new name is remembered:
 * it may be the name of the line that was lost.
 */
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { ConfigDirectory } from './config-directory.ts'
import { isKeyName, listIdentities, parsePublicKey, showKey } from './identities.ts'

const FILE = 'known'

/** How a name came to be known: an identity of ours, by `id trust`, or by being the first to use it. */
export type Trust = 'own' | 'trusted' | 'first'

export interface Known {
  readonly name: string
  /** 64 hex digits. */
  readonly key: string
  readonly trust: Trust
}

/**
 * What is to be thought of an author: `known`: the key is; `new`: the name was not known, and is now;
 * `changed`: the name is known with another key; `unknown`: it gave no name, or is not to be remembered.
 */
export type Standing = 'known' | 'new' | 'changed' | 'unknown'

export interface Judgement {
  readonly standing: Standing
  /** The name that we know the author by; of others, what it calls itself. `''` without. */
  readonly name: string
  /** Changed: the key that the name belongs to. */
  readonly known?: string
}

export class KnownNames {
  readonly #config: ConfigDirectory
  readonly #warn: (message: string) => void
  readonly #isPartial: boolean
  /** Why the file cannot be read. */
  #fault: SwarmError | undefined
  readonly #warned = new Set<string>()
  /** Of the file, byte for byte: what cannot be understood is to be written back as it is. */
  #lines: readonly string[] = []
  /** Identities of ours that cannot be read, by name in lower case. */
  readonly #damaged = new Map<string, SwarmError>()
  #isBroken = false
  /** By name in lower case: Alice is alice. */
  readonly #byName = new Map<string, Known>()
  readonly #byKey = new Map<string, Known>()
  #stamp = ''
  #isFresh = false

  /**
   * @param warn told once of each line that cannot be read, and of each identity
   * @param isPartial warns of a file that is not private or cannot be read, and knows our own identities alone
   * @throws SwarmError CONFIG for such a file, unless `isPartial`
   */
  constructor(config: ConfigDirectory, warn: (message: string) => void, isPartial = false) {
    this.#config = config
    this.#warn = warn
    this.#isPartial = isPartial
    this.#load()
  }

  list(): Known[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  get(name: string): Known | undefined {
    return this.#byName.get(name.toLowerCase())
  }

  /** @throws SwarmError CONFIG when the name is not known, or what may tell its key cannot be read */
  find(name: string): Known {
    const known = this.get(name)
    if (known !== undefined) return known
    this.#assertReadable(name)
    throw this.#fault ?? new SwarmError('CONFIG', `${name} is not known`)
  }

  /**
   * @param claim what the author calls itself, signed
   * @param learns whether a new name is remembered
   */
  judge(key: string, claim: string | undefined, learns: boolean): Judgement {
    this.#refresh()
    const name = claim !== undefined && isKeyName(claim) ? claim : ''
    const owner = name === '' ? undefined : this.get(name)
    if (owner !== undefined && owner.key !== key) return { standing: 'changed', name, known: owner.key }
    const known = this.#byKey.get(key)
    if (known !== undefined) return { standing: 'known', name: known.name }
    if (name === '' || !learns || this.#isBroken || this.#byName.size >= limits.knownNames)
      return { standing: 'unknown', name }
    return this.#learn(name, key)
  }

  /**
   * Remembers a key for a name because the user says so.
   * @throws SwarmError CONFIG when the name is known with another key
   */
  trust(name: string, key: string): void {
    const known = this.get(name)
    if (known !== undefined && known.key !== key) {
      const hint = known.trust === 'own' ? 'it is an identity of your own' : `first: lswarm id forget ${name}`
      throw new SwarmError(
        'CONFIG',
        `${known.name} is known with another key, ${showKey(known.key)}; ${hint}`,
      )
    }
    if (known?.trust === 'own') return
    this.#assertReadable(name)
    this.#rewrite(name, [{ name, key, trust: 'trusted' }])
  }

  /**
   * Forgets a name, with the lines that begin with it and cannot be read.
   * @throws SwarmError CONFIG when it is not known, or an identity
   */
  forget(name: string): void {
    const known = this.get(name)
    this.#assertReadable(name)
    if (known?.trust === 'own')
      throw new SwarmError('CONFIG', `${known.name} is an identity of your own; its file would be lost`)
    if (!this.#lines.some((line) => isAbout(line, name)))
      throw new SwarmError('CONFIG', `${name} is not known`)
    this.#rewrite(name, [])
  }

  /** @throws SwarmError CONFIG for an identity of our own whose key cannot be read */
  #assertReadable(name: string): void {
    const damage = this.#damaged.get(name.toLowerCase())
    if (damage !== undefined) throw damage
  }

  /** Puts `list` in the place of all lines about `name`; every other line stays as it is. */
  #rewrite(name: string, list: readonly Known[]): void {
    const kept = this.#lines.filter((line) => !isAbout(line, name)).map((line) => `${line}\n`)
    this.#config.replace(FILE, Buffer.from([...kept, ...list.map(lineOf)].join(''), 'latin1'))
    this.#load()
  }

  /** @throws SwarmError CONFIG when it cannot be remembered; it is, for this run */
  #learn(name: string, key: string): Judgement {
    const known: Known = { name, key, trust: 'first' }
    try {
      this.#config.append(FILE, lineOf(known))
      this.#load()
    } finally {
      if (this.get(name) === undefined) this.#add(known)
    }
    // Another process may have been first, with another key.
    const owner = this.get(name)
    return owner === undefined || owner.key === key
      ? { standing: 'new', name }
      : { standing: 'changed', name, known: owner.key }
  }

  /** What others have written meanwhile counts too: looked at once in a turn of the event loop. */
  #refresh(): void {
    if (this.#isFresh) return
    this.#isFresh = true
    setImmediate(() => {
      this.#isFresh = false
    })
    if (this.#config.stamp(FILE) !== this.#stamp) this.#load()
  }

  #load(): void {
    this.#stamp = this.#config.stamp(FILE)
    this.#byName.clear()
    this.#byKey.clear()
    this.#damaged.clear()
    for (const [name, key] of listIdentities(this.#config)) {
      if (typeof key === 'string') this.#add({ name, key, trust: 'own' })
      else this.#damaged.set(name.toLowerCase(), key)
    }
    this.#lines = this.#read().split('\n')
    if (this.#lines.at(-1) === '') this.#lines = this.#lines.slice(0, -1)
    const path = `${this.#config.path}/${FILE}`
    const complaints: string[] = []
    for (const [index, line] of this.#lines.entries()) {
      const known = knownOf(line)
      if (known !== undefined) this.#add(known)
      else if (!isComment(line))
        complaints.push(
          `${path}: line ${index + 1} is not NAME KEY and first or trusted; no new name is remembered until it is mended`,
        )
    }
    for (const fault of [this.#fault, ...this.#damaged.values()]) if (fault) complaints.push(fault.message)
    this.#isBroken = complaints.length > 0
    for (const complaint of complaints) {
      if (!this.#warned.has(complaint)) this.#warn(complaint)
      this.#warned.add(complaint)
    }
  }

  #read(): string {
    this.#fault = undefined
    try {
      return this.#config.read(FILE)?.toString('latin1') ?? ''
    } catch (error) {
      if (!this.#isPartial || !(error instanceof SwarmError)) throw error
      this.#fault = error
      return ''
    }
  }

  /** The first who has a name keeps it. */
  #add(known: Known): void {
    const name = known.name.toLowerCase()
    if (this.#byName.has(name)) return
    this.#byName.set(name, known)
    if (!this.#byKey.has(known.key)) this.#byKey.set(known.key, known)
  }
}

/** What a line says; `undefined` for a comment, and for one that cannot be read. */
function knownOf(text: string): Known | undefined {
  if (isComment(text)) return undefined
  const [name = '', key = '', trust = ''] = text.trimEnd().split(' ')
  if (!isKeyName(name) || (trust !== 'trusted' && trust !== 'first')) return undefined
  try {
    return { name, key: parsePublicKey(key), trust }
  } catch {
    return undefined
  }
}

function isComment(text: string): boolean {
  return text.trim() === '' || text.startsWith('#')
}

/** True for a line whose first word is this name, also when the rest of it cannot be read. */
function isAbout(line: string, name: string): boolean {
  return line.split(/\s/, 1)[0]?.toLowerCase() === name.toLowerCase()
}

function lineOf({ name, key, trust }: Known): string {
  return `${name} ${showKey(key)} ${trust}\n`
}
