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
import { count, decode, flag, one, optional, type Shaped, text, texts } from './json.ts'

/** The first eight bytes of each direction: what we are, and the version of the protocol. */
export const PREFACE = Buffer.from('lswarm/1')

const HEX_32 = /^[0-9a-f]{64}$/
const HEX_16 = /^[0-9a-f]{32}$/
const WORD = /^[a-z][a-z0-9-]{0,31}$/
const ADDRESS = /^[\x21-\x7e]{1,200}$/
const ANY_TEXT = /^[\s\S]{0,512}$/

const HELLO = {
  /** What a connection is for: `link` carries frames, or the raw bytes of a library; `stream` raw bytes. */
  kind: one('link', 'stream'),
  /** The topic in hex. Absent only from an observer who asks which topic this is. */
  topic: optional(text(HEX_32)),
  /** The topic as it was typed, where it was typed and is not too long. */
  topicName: optional(text(ANY_TEXT)),
  /** 16 random bytes in hex, new for each swarm. */
  peer: text(HEX_16),
  /** How others see this peer: printable, at most 64 bytes. */
  name: text({ test: isName }),
  /** The verb, or `swarm` for a program that uses the library. */
  verb: text(WORD),
  /** Where this peer can be dialled, in the words of the transport; absent when it cannot be. */
  address: optional(text(ADDRESS)),
  /** Marks of the other ways to meet this peer: who is dialling it there too need not meet it twice. */
  elsewhere: optional(texts(HEX_16)),
  /** The transports beyond the bridges that passed this hello on, the nearest first. */
  via: optional(texts(WORD)),
  /** Process id, as a hint for people; never believed. */
  pid: optional(count()),
  /** Accepts connections on the topic. */
  server: flag,
  /** Seeks connections on the topic. */
  client: flag,
  /** Only looks: counts as nobody's peer, neither reads nor writes. */
  observer: flag,
  /** As initiator of a link it sends a GO of its own, as acceptor it waits for one; if both say so. */
  confirms: optional(flag),
  /** Kinds of content that this peer takes, … */
  reads: texts(WORD),
  /** … and gives: `raw`, `lines`, `stream`, … */
  writes: texts(WORD),
  /** For `stream`: which offer, made on the link, it answers. */
  stream: optional(count()),
}
export type Hello = Shaped<typeof HELLO>

/** What a hello means that does not say it. */
const ABSENT = { server: false, client: false, observer: false, reads: [], writes: [] }

const REFUSAL = {
  /** Why an acceptor said no. `busy` is worth another try; the others are final for this pair. */
  code: one('busy', 'duplicate', 'firewall', 'protocol', 'self', 'topic', 'useless', 'version'),
  reason: text(ANY_TEXT),
}
export type Refusal = Shaped<typeof REFUSAL>
export type RefusalCode = Refusal['code']

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
  return { value: decode(bodyOf(bytes, PREFACE.length, end), HELLO, ABSENT) }
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
  const said = hello && decode(hello, HELLO, ABSENT)
  if (type === FrameType.refuse)
    return { value: { hello: said, refusal: decode(bodyOf(bytes, at, end), REFUSAL) } }
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
