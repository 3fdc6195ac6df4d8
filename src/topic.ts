/**
 * A topic is 32 bytes that name a meeting point; a topic name is what a person typed.
 */
import blake2b from 'blake2b'
import { SwarmError } from './errors.ts'
import { decodeZBase32, encodeZBase32 } from './z-base-32.ts'

/** Length of a topic. */
export const TOPIC_BYTES = 32

export interface Topic {
  /** The 32 bytes. */
  readonly key: Buffer
  /** The same in 64 lower-case hex digits: the form to compare and to use as a map's key. */
  readonly hex: string
  /** What was typed; `''` where the topic was given as bytes. */
  readonly name: string
}

/**
 * Makes a topic of what a user gave.
 *
 * A string is hashed with BLAKE2b-256 over its UTF-8 bytes, unchanged: no trimming, no case folding,
 * no Unicode normalisation. `hex:` and 64 hex digits, or `key:` and 52 z-base-32 digits, are the
 * 32 bytes themselves, and so is a Buffer of 32 bytes.
 *
 * @throws SwarmError TOPIC_INVALID, naming what was given
 */
export function toTopic(value: unknown): Topic {
  if (typeof value === 'string') return fromString(value)
  if (value instanceof Uint8Array && value.length === TOPIC_BYTES) return fromBytes(value, '')
  throw new SwarmError('TOPIC_INVALID', `a topic is a string or a Buffer of 32 bytes, not ${describe(value)}`)
}

function fromString(text: string): Topic {
  if (text === '') throw new SwarmError('TOPIC_INVALID', 'a topic is not empty')
  if (!text.isWellFormed()) throw new SwarmError('TOPIC_INVALID', 'a topic is well-formed Unicode')
  if (text.startsWith('hex:')) return fromBytes(decodeHex(text.slice(4)), '')
  if (text.startsWith('key:')) return fromBytes(decodeDigits(text.slice(4)), '')
  const key = Buffer.alloc(TOPIC_BYTES)
  blake2b(TOPIC_BYTES).update(Buffer.from(text, 'utf8')).digest(key)
  return fromBytes(key, text)
}

function fromBytes(bytes: Uint8Array, name: string): Topic {
  const key = Buffer.from(bytes)
  return { key, hex: key.toString('hex'), name }
}

/** 32 bytes as `key:` and 52 z-base-32 digits: what `toTopic` takes back. */
export function encodeKey(bytes: Uint8Array): string {
  return `key:${encodeZBase32(bytes)}`
}

function decodeHex(digits: string): Buffer {
  if (!/^[0-9a-fA-F]{64}$/.test(digits)) {
    throw new SwarmError('TOPIC_INVALID', `hex: takes 64 hex digits, not ${describe(digits)}`)
  }
  return Buffer.from(digits, 'hex')
}

function decodeDigits(digits: string): Buffer {
  const key = decodeZBase32(digits)
  if (key !== undefined) return key
  throw new SwarmError('TOPIC_INVALID', `key: takes 52 z-base-32 digits, not ${describe(digits)}`)
}

/** What a wrong value was, short enough for one line. */
function describe(value: unknown): string {
  if (value instanceof Uint8Array) return `a Buffer of ${value.length} bytes`
  if (typeof value === 'string') return `${value.length} characters (${JSON.stringify(value.slice(0, 20))})`
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'object') return 'an object'
  return typeof value === 'function' ? 'a function' : `${typeof value} ${String(value)}`
}
