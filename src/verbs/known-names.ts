/**
 * Whose name is whose: names with their keys, as `known_hosts` of ssh has them. A name is remembered
 * with the first key that used it, and no other key is ever taken for it.
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
  /** By name in lower case: Alice is alice. */
  readonly #byName = new Map<string, Known>()
  readonly #byKey = new Map<string, Known>()
  #stamp = ''
  #isFresh = false

  /** @throws SwarmError CONFIG when the file is not private, or cannot be read */
  constructor(config: ConfigDirectory) {
    this.#config = config
    this.#load()
  }

  list(): Known[] {
    return [...this.#byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  get(name: string): Known | undefined {
    return this.#byName.get(name.toLowerCase())
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
    if (name === '' || !learns || this.#byName.size >= limits.knownNames) return { standing: 'unknown', name }
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
    this.#rewrite([...this.#kept(name), { name, key, trust: 'trusted' }])
  }

  /** @throws SwarmError CONFIG when it is not known, or an identity */
  forget(name: string): void {
    const known = this.get(name)
    if (known === undefined) throw new SwarmError('CONFIG', `${name} is not known`)
    if (known.trust === 'own')
      throw new SwarmError('CONFIG', `${known.name} is an identity of your own; its file would be lost`)
    this.#rewrite(this.#kept(name))
  }

  #kept(name: string): Known[] {
    return this.list().filter((one) => one.trust !== 'own' && one.name.toLowerCase() !== name.toLowerCase())
  }

  #rewrite(list: readonly Known[]): void {
    this.#config.replace(list.map(lineOf).join(''), FILE)
    this.#load()
  }

  /** @throws SwarmError CONFIG when it cannot be remembered; it is, for this run */
  #learn(name: string, key: string): Judgement {
    const known: Known = { name, key, trust: 'first' }
    try {
      this.#config.append(lineOf(known), FILE)
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
    const lines = (this.#config.read(FILE) ?? '').split('\n')
    this.#byName.clear()
    this.#byKey.clear()
    for (const [name, key] of listIdentities(this.#config)) this.#add({ name, key, trust: 'own' })
    for (const [index, line] of lines.entries()) {
      if (line === '' || line.startsWith('#')) continue
      this.#add(this.#parse(line, index + 1))
    }
  }

  #parse(line: string, number: number): Known {
    const [name = '', key = '', trust = ''] = line.split(' ')
    try {
      if (!isKeyName(name) || (trust !== 'trusted' && trust !== 'first')) throw new Error('not a name')
      return { name, key: parsePublicKey(key), trust }
    } catch (error) {
      const path = `${this.#config.path}/${FILE}`
      throw new SwarmError('CONFIG', `${path}: line ${number} is not NAME KEY and first or trusted`, error)
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

function lineOf({ name, key, trust }: Known): string {
  return `${name} ${showKey(key)} ${trust}\n`
}
