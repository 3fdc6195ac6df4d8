/**
 * The handshake: both sides say who they are before anything else.
 *
 *     initiator                         acceptor
 *     "lswarm/1" HELLO        ->
 *                             <-        "lswarm/1" HELLO GO      or   "lswarm/1" [HELLO] REFUSE
 *     GO                      ->
 *
 * The second GO confirms a link: the initiator sends it if both hellos have `confirms`, unless it
 * turns the acceptor away, and only then does the acceptor have a link. Streams need no second GO.
 *
 * The initiator is silent between its hello and the acceptor's GO. Both sides read exactly these
 * bytes, so either may hand the socket to a command afterwards.
 */
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Reading } from './connection.ts'
import { encodeFrame, FRAME_HEADER_BYTES, FrameType } from './frame.ts'
import { Fields } from './json.ts'

/** The first eight bytes of each direction: what we are, and the version of the protocol. */
export const PREFACE = Buffer.from('lswarm/1')

/** What a connection is for: `link` carries frames, or the raw bytes of a library; `stream` raw bytes. */
export type Kind = 'link' | 'stream'

export interface Hello {
  readonly kind: Kind
  /** The topic in hex. Absent only from an observer who asks which topic this is. */
  readonly topic?: string
  /** The topic as it was typed, where it was typed and is not too long. */
  readonly topicName?: string
  /** 16 random bytes in hex, new for each swarm. */
  readonly peer: string
  /** How others see this peer: printable, at most 64 bytes. */
  readonly name: string
  /** The verb, or `swarm` for a program that uses the library. */
  readonly verb: string
  /** Where this peer can be dialled, in the words of the transport; absent when it cannot be. */
  readonly address?: string
  /** Marks of the other ways to meet this peer: who is dialling it there too need not meet it twice. */
  readonly elsewhere?: readonly string[]
  /** The transports beyond the bridges that passed this hello on, the nearest first. */
  readonly via?: readonly string[]
  /** Process id, as a hint for people; never believed. */
  readonly pid?: number
  /** Accepts connections on the topic. */
  readonly server: boolean
  /** Seeks connections on the topic. */
  readonly client: boolean
  /** Only looks: counts as nobody's peer, neither reads nor writes. */
  readonly observer: boolean
  /** As initiator of a link it sends a GO of its own, as acceptor it waits for one; if both say so. */
  readonly confirms?: boolean
  /** Kinds of content that this peer takes, … */
  readonly reads: readonly string[]
  /** … and gives: `raw`, `lines`, `stream`, … */
  readonly writes: readonly string[]
  /** For `stream`: which offer, made on the link, it answers. */
  readonly stream?: number
}

/** Why an acceptor said no. `busy` is worth another try; the others are final for this pair. */
export type RefusalCode =
  | 'busy'
  | 'duplicate'
  | 'firewall'
  | 'protocol'
  | 'self'
  | 'topic'
  | 'useless'
  | 'version'

export interface Refusal {
  readonly code: RefusalCode
  readonly reason: string
}

const HEX_32 = /^[0-9a-f]{64}$/
const HEX_16 = /^[0-9a-f]{32}$/
const WORD = /^[a-z][a-z0-9-]{0,31}$/
const ADDRESS = /^[\x21-\x7e]{1,200}$/
const ANY_TEXT = /^[\s\S]{0,512}$/
const KINDS = /^(link|stream)$/
const CODES = /^(busy|duplicate|firewall|protocol|self|topic|useless|version)$/

/** True for a name that a screen and a hello can hold: 1 to 64 bytes, no control characters, no format characters. */
export function isName(name: string): boolean {
  // Most are ASCII; the tables of Unicode cost a start 1 ms.
  const isPrintable = /^[ -~]+$/.test(name) || /^[^\p{C}\p{Zl}\p{Zp}]+$/u.test(name)
  return isPrintable && Buffer.byteLength(name) <= limits.nameBytes
}

/** Hello and go. Who has two hundred peers says the same two hundred times. */
const encoded = new WeakMap<Hello, Buffer>()

/** The frame by which an acceptor takes a connection, and an initiator confirms a link. */
export const GO = encodeFrame(FrameType.go, Buffer.alloc(0))

/** Preface and hello, as the initiator sends them. */
export function encodeHello(hello: Hello): Buffer {
  return encodeGo(hello).subarray(0, -GO.length)
}

/** What an acceptor sends to take a connection: preface, hello and go in one write. */
export function encodeGo(hello: Hello): Buffer {
  const known = encoded.get(hello)
  if (known !== undefined) return known
  const bytes = Buffer.concat([PREFACE, encodeFrame(FrameType.hello, Buffer.from(JSON.stringify(hello))), GO])
  encoded.set(hello, bytes)
  return bytes
}

/** What an acceptor sends instead of a go: preface, its hello where it may be known, and the reason. */
export function encodeRefusal(refusal: Refusal, hello?: Hello): Buffer {
  const body = Buffer.from(JSON.stringify(refusal))
  return Buffer.concat([hello ? encodeHello(hello) : PREFACE, encodeFrame(FrameType.refuse, body)])
}

/** What the acceptor reads first: preface and hello. */
export const readHello: Reading<Hello> = (bytes) => {
  const end = endOfFrame(bytes, afterPreface(bytes))
  if (end > bytes.length) return end
  if (bytes[PREFACE.length] !== FrameType.hello)
    throw new SwarmError('PROTOCOL', 'a connection without a hello')
  return { value: decodeHello(bodyOf(bytes, PREFACE.length, end)) }
}

/** What the acceptor of a link reads next: that the initiator keeps it. */
export const readConfirmation: Reading<true> = (bytes) => {
  if (bytes.length < GO.length) return GO.length
  if (!bytes.equals(GO)) throw new SwarmError('PROTOCOL', 'a link without a confirmation')
  return { value: true }
}

/** An acceptor's answer: who it is, where it said so, and why it refused, if it did. */
export type Answer =
  | { readonly hello: Hello; readonly refusal?: never }
  | { readonly hello?: Hello | undefined; readonly refusal: Refusal }

/** What the initiator reads: up to the go or the refusal. */
export const readAnswer: Reading<Answer> = (bytes) => {
  let at = afterPreface(bytes)
  let end = endOfFrame(bytes, at)
  const isHello = bytes[at] === FrameType.hello
  // Behind a hello there is another frame: its header is read along.
  if (end > bytes.length)
    return isHello && bytes.length >= at + FRAME_HEADER_BYTES ? end + FRAME_HEADER_BYTES : end
  let hello: Buffer | undefined
  if (isHello) {
    hello = bodyOf(bytes, at, end)
    at = end
    end = endOfFrame(bytes, at)
    if (end > bytes.length) return end
  }
  const type = bytes[at]
  const said = hello && decodeHello(hello)
  if (type === FrameType.refuse)
    return { value: { hello: said, refusal: decodeRefusal(bodyOf(bytes, at, end)) } }
  if (type === FrameType.go && said !== undefined) return { value: { hello: said } }
  throw new SwarmError('PROTOCOL', `frame type ${type} in the handshake`)
}

/** Where the first frame begins: behind the preface, of which as much is compared as is there. */
function afterPreface(bytes: Buffer): number {
  const length = PREFACE.length
  if (bytes.length < length || bytes.compare(PREFACE, 0, length, 0, length) === 0) return length
  if (bytes.compare(PREFACE, 0, 7, 0, 7) === 0) {
    const version = String.fromCharCode(bytes[7] ?? 0)
    throw new SwarmError('VERSION', `protocol version ${JSON.stringify(version)}; this is version 1`)
  }
  throw new SwarmError('PROTOCOL', 'not a connection of lswarm')
}

/** Where the frame that begins at `at` ends; where that cannot be told yet, how many bytes it takes to tell. */
function endOfFrame(bytes: Buffer, at: number): number {
  // Nobody who is no peer is asked for more than the preface.
  if (bytes.length < at) return at
  const body = at + FRAME_HEADER_BYTES
  if (bytes.length < body) return body
  const length = bytes.readUInt32BE(at + 1)
  if (length > limits.helloBytes) throw new SwarmError('PROTOCOL', `a hello of ${length} bytes`)
  return body + length
}

function bodyOf(bytes: Buffer, at: number, end: number): Buffer {
  return bytes.subarray(at + FRAME_HEADER_BYTES, end)
}

function decodeHello(body: Buffer): Hello {
  const fields = Fields.of(body)
  const name = fields.text('name', ANY_TEXT)
  if (!isName(name)) throw new SwarmError('PROTOCOL', 'a hello with a name that cannot be shown')
  const topic = fields.optionalText('topic', HEX_32)
  const topicName = fields.optionalText('topicName', ANY_TEXT)
  const address = fields.optionalText('address', ADDRESS)
  const elsewhere = fields.words('elsewhere', HEX_16)
  const via = fields.words('via', WORD)
  const pid = fields.optionalCount('pid')
  const stream = fields.optionalCount('stream')
  return {
    kind: fields.text('kind', KINDS) === 'stream' ? 'stream' : 'link',
    peer: fields.text('peer', HEX_16),
    name,
    verb: fields.text('verb', WORD),
    server: fields.flag('server'),
    client: fields.flag('client'),
    observer: fields.flag('observer'),
    ...(fields.flag('confirms') && { confirms: true }),
    reads: fields.words('reads', WORD),
    writes: fields.words('writes', WORD),
    ...(topic !== undefined && { topic }),
    ...(topicName !== undefined && { topicName }),
    ...(address !== undefined && { address }),
    ...(elsewhere.length > 0 && { elsewhere }),
    ...(via.length > 0 && { via }),
    ...(pid !== undefined && { pid }),
    ...(stream !== undefined && { stream }),
  }
}

function decodeRefusal(body: Buffer): Refusal {
  const fields = Fields.of(body)
  const code = fields.text('code', CODES)
  if (!isRefusalCode(code)) throw new SwarmError('PROTOCOL', 'a refusal without a reason')
  return { code, reason: fields.text('reason', ANY_TEXT) }
}

function isRefusalCode(code: string): code is RefusalCode {
  return CODES.test(code)
}

/**
 * Whether two peers have anything to say to each other: one is client and the other server, and at
 * least one takes what the other gives. An observer is of use to everyone and to no observer.
 */
export function isUseful(mine: Hello, theirs: Hello): boolean {
  if (mine.observer || theirs.observer) return mine.observer !== theirs.observer
  const meet = (mine.server && theirs.client) || (mine.client && theirs.server)
  const speak = (from: Hello, to: Hello) => from.writes.some((content) => to.reads.includes(content))
  return meet && (speak(mine, theirs) || speak(theirs, mine))
}
