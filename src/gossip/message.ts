/** Messages as programs see them, and as they are sent. */
import { isUtf8 } from 'node:buffer'
import { messageOf, SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import { type Entry, Kind } from './envelope.ts'
import type { Delivery } from './order.ts'
import { decodeTags, encodeTags, type Tags } from './tags.ts'

/** A verified message. */
export interface GossipMessage extends Tags {
  /** What was published: a string, a Buffer, or the value that JSON says. */
  readonly data: unknown
  /** What `data` is. A text that is no UTF-8 and a JSON that is none are given as `bytes`. */
  readonly type: 'text' | 'bytes' | 'json'
  /** The author's public key, 64 hex digits. */
  readonly author: string
  /** One start of the author: 16 hex digits, random. */
  readonly session: string
  /** The number in that session, from 0. */
  readonly seq: number
  /** When it was published, in milliseconds since 1970: the author's claim. */
  readonly time: number
  /** The peer id of the neighbour that it came through. */
  readonly receivedFrom: string
}

/** Author and session of a session's key. */
export function namesOf(key: string): { readonly author: string; readonly session: string } {
  return { author: key.slice(0, 64), session: key.slice(64) }
}

export function toMessage({ key, item, time, from }: Delivery): GossipMessage {
  const body = Buffer.from(item.body.buffer, item.body.byteOffset, item.body.length)
  const { data, type, tags } = contentOf(item.kind, body)
  const { author, session } = namesOf(key)
  // Field by field: to spread these took as long as all the rest of a message's way (measured, V8 11).
  const message = { data, type, author, session, seq: item.seq, time, receivedFrom: from }
  return tags === undefined ? message : { ...message, ...tags }
}

type Content = Pick<GossipMessage, 'data' | 'type'> & { readonly tags?: Tags }

function contentOf(kind: number, body: Buffer): Content {
  if ((kind & Kind.tagged) === 0) return plainOf(kind, body)
  const found = decodeTags(body)
  // Tags that are none: the author meant something else.
  if (found === undefined) return plainOf(Kind.bytes, body)
  return { ...plainOf(kind & ~Kind.tagged, body.subarray(found.bytes)), tags: found.tags }
}

function plainOf(kind: number, body: Buffer): Content {
  if (kind === Kind.text && isUtf8(body)) return { type: 'text', data: body.toString() }
  if (kind === Kind.json && isUtf8(body)) {
    try {
      return { type: 'json', data: JSON.parse(body.toString()) }
    } catch {
      // The author signed something else than it said.
    }
  }
  // A copy: what is kept for others is not the program's to write to.
  return { type: 'bytes', data: Buffer.from(body) }
}

/**
 * Encodes a published value: text as UTF-8, bytes as they are, anything else as JSON.
 * @throws SwarmError OPTION_INVALID for what JSON cannot say, and for what is too long
 */
export function toEntry(data: unknown, tags: Tags = {}): Entry {
  const plain = encode(data)
  const head = encodeTags(tags)
  const entry =
    head === undefined ? plain : { kind: plain.kind | Kind.tagged, body: Buffer.concat([head, plain.body]) }
  if (entry.body.length > limits.gossipMessageBytes) {
    const most = `a message is at most ${limits.gossipMessageBytes}`
    throw new SwarmError('OPTION_INVALID', `a message of ${entry.body.length} bytes; ${most}`)
  }
  return entry
}

function encode(data: unknown): Entry {
  if (typeof data === 'string') return { kind: Kind.text, body: Buffer.from(data) }
  // A copy: the caller may write to it before it is signed.
  if (data instanceof Uint8Array) return { kind: Kind.bytes, body: Buffer.from(data) }
  let text: string | undefined
  try {
    text = JSON.stringify(data)
  } catch (error) {
    throw new SwarmError('OPTION_INVALID', `not a JSON value: ${messageOf(error)}`, error)
  }
  if (text === undefined) throw new SwarmError('OPTION_INVALID', `not a JSON value: ${typeof data}`)
  return { kind: Kind.json, body: Buffer.from(text) }
}
