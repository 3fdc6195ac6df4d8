/** Reading JSON that a stranger wrote: every field is checked before it is believed. */
import { isUtf8 } from 'node:buffer'
import { SwarmError } from '../errors.ts'

/** A JSON object whose fields are read one by one, each with its rule. */
export class Fields {
  readonly #object: Readonly<Record<string, unknown>>

  private constructor(value: unknown) {
    if (!isObject(value)) throw new SwarmError('PROTOCOL', 'a frame that is not a JSON object')
    this.#object = value
  }

  /** @throws SwarmError PROTOCOL when `body` is not the UTF-8 of a JSON object */
  static of(body: Uint8Array): Fields {
    let value: unknown
    try {
      value = JSON.parse(textOf(body))
    } catch (error) {
      throw new SwarmError('PROTOCOL', 'a frame that is not JSON', error)
    }
    return new Fields(value)
  }

  #get(key: string): unknown {
    return Object.hasOwn(this.#object, key) ? this.#object[key] : undefined
  }

  /** The object of `key`; `undefined` where it is absent. */
  optionalObject(key: string): Fields | undefined {
    const value = this.#get(key)
    if (value === undefined) return undefined
    if (!isObject(value)) throw wrong(key)
    return new Fields(value)
  }

  /** The text of `key`, matching `pattern`; `undefined` where it is absent. */
  optionalText(key: string, pattern: RegExp): string | undefined {
    const value = this.#get(key)
    if (value === undefined) return undefined
    if (typeof value !== 'string' || !pattern.test(value)) throw wrong(key)
    return value
  }

  /** The text of `key`, matching `pattern`. */
  text(key: string, pattern: RegExp): string {
    const value = this.optionalText(key, pattern)
    if (value === undefined) throw wrong(key)
    return value
  }

  /** A whole number from 0 to 2^53 - 1; `undefined` where it is absent. */
  optionalCount(key: string): number | undefined {
    const value = this.#get(key)
    if (value === undefined) return undefined
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong(key)
    return value
  }

  count(key: string): number {
    const value = this.optionalCount(key)
    if (value === undefined) throw wrong(key)
    return value
  }

  /** True or false; absent is false. */
  flag(key: string): boolean {
    const value = this.#get(key)
    if (value === undefined) return false
    if (typeof value !== 'boolean') throw wrong(key)
    return value
  }

  /** At most 16 words, each matching `pattern`; absent is none. */
  words(key: string, pattern: RegExp): readonly string[] {
    const value = this.#get(key)
    if (value === undefined) return []
    if (!Array.isArray(value) || value.length > 16) throw wrong(key)
    return value.map((word: unknown) => {
      if (typeof word !== 'string' || !pattern.test(word)) throw wrong(key)
      return word
    })
  }
}

/** Not by a TextDecoder: it takes longer than all else that is done with a hello. */
function textOf(body: Uint8Array): string {
  if (!isUtf8(body)) throw new SwarmError('PROTOCOL', 'not UTF-8')
  return (Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.length)).toString()
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wrong(key: string): SwarmError {
  return new SwarmError('PROTOCOL', `a frame with a wrong "${key}"`)
}
