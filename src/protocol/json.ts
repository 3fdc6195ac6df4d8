/** Reading JSON that a stranger wrote: every field is checked before it is believed. */
import { isUtf8 } from 'node:buffer'
import { SwarmError } from '../errors.ts'

/** Whether a value is what a field has to be. */
type Rule<T = unknown> = (value: unknown) => value is T

/** The fields of an object, each with its rule. A field may be absent if its rule accepts `undefined`. */
type Shape = Readonly<Record<string, Rule>>

type Fields = Readonly<Record<string, unknown>>

type Accepted<R> = R extends Rule<infer T> ? T : never

/** An object whose fields have been checked by a shape. */
export type Shaped<S extends Shape> = {
  readonly [K in keyof S as undefined extends Accepted<S[K]> ? never : K]: Accepted<S[K]>
} & {
  readonly [K in keyof S as undefined extends Accepted<S[K]> ? K : never]?: Exclude<Accepted<S[K]>, undefined>
}

/** One of several objects: its `type` is the name of its shape. */
export type OneOf<M extends Readonly<Record<string, Shape>>> = {
  [T in keyof M]: { readonly type: T } & Shaped<M[T]>
}[keyof M]

/** A whole number from 0 to `most`. */
export function count(most = Number.MAX_SAFE_INTEGER): Rule<number> {
  return (value): value is number =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most
}

/** @param pattern a regular expression, or anything else that tests a text */
export function text(pattern: { test(text: string): boolean }): Rule<string> {
  return (value): value is string => typeof value === 'string' && pattern.test(value)
}

export const flag: Rule<boolean> = (value) => typeof value === 'boolean'

/** At most 16 texts. */
export function texts(pattern: RegExp): Rule<readonly string[]> {
  const isText = text(pattern)
  return (value): value is readonly string[] =>
    Array.isArray(value) && value.length <= 16 && value.every(isText)
}

export function one<const T extends string | number>(...choices: readonly T[]): Rule<T> {
  return (value): value is T => choices.some((choice) => choice === value)
}

export function optional<T>(rule: Rule<T>): Rule<T | undefined> {
  return (value): value is T | undefined => value === undefined || rule(value)
}

/** An object of this shape; a wrong field of it is named in the error. */
export function object<S extends Shape>(shape: S): Rule<Shaped<S>> {
  return (value): value is Shaped<S> => {
    if (!isObject(value)) return false
    take(value, shape, {})
    return true
  }
}

const isTypeName = text(/^[a-z-]{1,32}$/)

/**
 * The fields of `shape` in a JSON object; fields that it does not name are left out.
 * @param absent fields that count if the object does not have them
 * @throws SwarmError PROTOCOL
 */
export function decode<S extends Shape>(body: Uint8Array, shape: S, absent: Fields = {}): Shaped<S> {
  const fields = {}
  take<Shaped<S>>(parse(body), shape, fields, absent)
  return fields
}

/**
 * The same where the object's `type` says which shape it has.
 * @returns `undefined` if no shape has that name
 */
export function decodeOneOf<M extends Readonly<Record<string, Shape>>>(
  body: Uint8Array,
  shapes: M,
): OneOf<M> | undefined {
  const given = parse(body)
  const { type } = given
  if (!isTypeName(type)) throw wrong('type')
  const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined
  if (shape === undefined) return undefined
  const fields = { type }
  take<OneOf<M>>(given, shape, fields)
  return fields
}

/**
 * Copies the fields of a shape, each checked.
 * @template T what `to` is with them
 */
function take<T>(
  given: Fields,
  shape: Shape,
  to: Record<string, unknown>,
  absent: Fields = {},
): asserts to is T & typeof to {
  for (const key in shape) {
    const value = (Object.hasOwn(given, key) ? given : absent)[key]
    if (!shape[key]?.(value)) throw wrong(key)
    if (value !== undefined) to[key] = value
  }
}

function parse(body: Uint8Array): Fields {
  let value: unknown
  try {
    // Not by a TextDecoder: it takes longer than all else that is done with a hello.
    if (!isUtf8(body)) throw new SwarmError('PROTOCOL', 'not UTF-8')
    value = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString())
  } catch (error) {
    throw new SwarmError('PROTOCOL', 'a frame that is not JSON', error)
  }
  if (!isObject(value)) throw new SwarmError('PROTOCOL', 'a frame that is not a JSON object')
  return value
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function wrong(key: string): SwarmError {
  return new SwarmError('PROTOCOL', `a frame with a wrong "${key}"`)
}
