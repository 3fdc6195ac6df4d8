/**
 * The envelope: messages of one author under one signature, as they go over a link.
 *
 * Signed is {domain and version, topic, author, session, first number, count, time, root}: the root is
 * the digest of the digests of all messages of the batch, and each of those is of a message's kind,
 * length and body. So a batch costs one signature, however many messages it has; and any of them can be
 * passed on without the others, with the list of digests (a "part"), and be verified just as well.
 */
import { hash } from 'node:crypto'
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES, type Signer, type Verify } from './key-pair.ts'

/** What a body is; `tagged` beside another one: the body begins with tags. */
export const Kind = Object.freeze({ bytes: 0, text: 1, json: 2, tagged: 4 })

/** One message, before it has a number. */
export interface Entry {
  readonly kind: number
  readonly body: Uint8Array
}

/** One message of a batch. */
export interface Item extends Entry {
  /** Its number in its author's session. */
  readonly seq: number
  /** Kind, length and body, as they go over the link: what is digested. */
  readonly record: Buffer
}

/** What can be told of a frame without believing or copying it. */
export interface Head {
  /** Author and session in hex: the name of a sequence of numbers. */
  readonly key: string
  readonly first: number
  readonly count: number
  readonly signature: Buffer
}

export interface Batch extends Head {
  /** Milliseconds since 1970, as the author claims. */
  readonly time: number
  /** All of the batch, or of a part only those that it has. */
  readonly items: readonly Item[]
  /** Digests of all of the batch, in hex. */
  readonly digests: readonly string[]
  /** The frame. */
  readonly frame: Buffer
}

/** The first byte of a frame that carries messages. */
export const BATCH = 1
const WHOLE = 0
const PART = 1
const DOMAIN = Buffer.from('lswarm/gossip/1\0')
const SESSION_BYTES = 8
const SESSION = 1 + PUBLIC_KEY_BYTES
const FIRST = SESSION + SESSION_BYTES
const COUNT = FIRST + 8
const TIME = COUNT + 2
const SIGNATURE = TIME + 6
const FORM = SIGNATURE + SIGNATURE_BYTES
export const HEAD_BYTES = FORM + 1
const RECORD_HEAD_BYTES = 5
const DIGEST_BYTES = 32

const malformed = (what: string) => new SwarmError('PROTOCOL', `messages with ${what}`)

/** Kind and length, to be written before a body. */
function recordOf({ kind, body }: Entry): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEAD_BYTES + body.length)
  record[0] = kind
  record.writeUInt32BE(body.length, 1)
  record.set(body, RECORD_HEAD_BYTES)
  return record
}

/** How long the frame of a message alone is. */
export function recordBytes({ body }: Entry): number {
  return HEAD_BYTES + RECORD_HEAD_BYTES + body.length
}

const digestOf = (record: Uint8Array) => hash('sha256', record, 'hex')

function signedBytes(topic: Uint8Array, frame: Buffer, digests: readonly string[]): Buffer {
  const root = hash('sha256', `batch ${digests.join('')}`, 'buffer')
  return Buffer.concat([DOMAIN, topic, frame.subarray(1, SIGNATURE), root])
}

/** Signs messages that follow each other, from number `first` on. */
export function seal(
  entries: readonly Entry[],
  by: Signer,
  given: {
    readonly topic: Uint8Array
    readonly session: Uint8Array
    readonly first: number
    readonly time: number
  },
): Batch {
  const records = entries.map(recordOf)
  const digests = records.map(digestOf)
  const head = Buffer.alloc(HEAD_BYTES)
  head[0] = BATCH
  head.set(by.publicKey, 1)
  head.set(given.session, SESSION)
  head.writeBigUInt64BE(BigInt(given.first), FIRST)
  head.writeUInt16BE(records.length, COUNT)
  head.writeUIntBE(given.time, TIME, 6)
  head.set(by.sign(signedBytes(given.topic, head, digests)), SIGNATURE)
  head[FORM] = WHOLE
  return decodeBatch(Buffer.concat([head, ...records]))
}

/** @throws SwarmError PROTOCOL */
export function readHead(frame: Buffer): Head {
  if (frame.length < HEAD_BYTES) throw malformed('half a head')
  const first = Number(frame.readBigUInt64BE(FIRST))
  const count = frame.readUInt16BE(COUNT)
  if (count === 0 || count > limits.gossipBatchMessages) throw malformed(`a count of ${count}`)
  if (!Number.isSafeInteger(first + count)) throw malformed('a number past 2^53')
  const key = frame.toString('hex', 1, FIRST)
  return { key, first, count, signature: frame.subarray(SIGNATURE, FORM) }
}

/**
 * Takes a frame apart. Nothing of it is to be believed before `isGenuine` has said so.
 * @throws SwarmError PROTOCOL
 */
export function decodeBatch(frame: Buffer): Batch {
  const head = readHead(frame)
  const form = frame[FORM]
  if (form !== WHOLE && form !== PART) throw malformed(`an unknown form ${form}`)
  const { items, digests } = form === WHOLE ? readWhole(frame, head) : readPart(frame, head)
  return {
    ...head,
    time: frame.readUIntBE(TIME, 6),
    items,
    digests,
    frame,
  }
}

function readWhole(frame: Buffer, { first, count }: Head): Pick<Batch, 'items' | 'digests'> {
  const items: Item[] = []
  let at = HEAD_BYTES
  for (let index = 0; index < count; index++) {
    const item = readItem(frame, at, first + index)
    items.push(item)
    at += item.record.length
  }
  if (at !== frame.length) throw malformed('something after them')
  return { items, digests: items.map(({ record }) => digestOf(record)) }
}

function readPart(frame: Buffer, { first, count }: Head): Pick<Batch, 'items' | 'digests'> {
  const digests: string[] = []
  let at = HEAD_BYTES
  if (at + count * DIGEST_BYTES >= frame.length) throw malformed('half a list of digests')
  for (let index = 0; index < count; index++, at += DIGEST_BYTES) {
    digests.push(frame.toString('hex', at, at + DIGEST_BYTES))
  }
  const items: Item[] = []
  let last = -1
  while (at < frame.length) {
    if (at + 2 > frame.length) throw malformed('half an index')
    const index = frame.readUInt16BE(at)
    if (index <= last || index >= count) throw malformed('an index out of order')
    last = index
    const item = readItem(frame, at + 2, first + index)
    if (digestOf(item.record) !== digests[index]) throw malformed('a digest of something else')
    items.push(item)
    at += 2 + item.record.length
  }
  return { items, digests }
}

function readItem(frame: Buffer, at: number, seq: number): Item {
  if (at + RECORD_HEAD_BYTES > frame.length) throw malformed('half a record')
  const kind = frame[at] ?? 0
  const length = frame.readUInt32BE(at + 1)
  if (length > limits.gossipMessageBytes) throw malformed(`a body of ${length} bytes`)
  const end = at + RECORD_HEAD_BYTES + length
  if (end > frame.length) throw malformed('half a body')
  return { seq, kind, body: frame.subarray(at + RECORD_HEAD_BYTES, end), record: frame.subarray(at, end) }
}

/** Whether the author signed this, for this topic. */
export function isGenuine(batch: Batch, topic: Uint8Array, verify: Verify): boolean {
  return verify(signedBytes(topic, batch.frame, batch.digests), batch.signature)
}

/** The same batch, with only the messages that `isWanted`; the whole of it when that is shorter. */
export function partOf(batch: Batch, isWanted: (seq: number) => boolean): Buffer {
  const wanted = batch.items.filter(({ seq }) => isWanted(seq))
  const isWhole = batch.items.length === batch.count
  const bytes = wanted.reduce(
    (sum, { record }) => sum + 2 + record.length,
    HEAD_BYTES + batch.count * DIGEST_BYTES,
  )
  if (isWhole && bytes >= batch.frame.length) return batch.frame
  const head = Buffer.from(batch.frame.subarray(0, HEAD_BYTES))
  head[FORM] = PART
  const digests = Buffer.from(batch.digests.join(''), 'hex')
  const parts = wanted.flatMap(({ seq, record }) => {
    const index = Buffer.alloc(2)
    index.writeUInt16BE(seq - batch.first)
    return [index, record]
  })
  return Buffer.concat([head, digests, ...parts])
}
