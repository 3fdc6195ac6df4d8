/**
 * What links say beside lines: control frames, each the JSON of one message.
 *
 * A type that is not known is skipped: a newer peer may say more.
 */
import { count, decodeOneOf, type OneOf, object, one, optional, type Shaped, text, wrong } from './json.ts'

const number = count()
const reason = text(/^[\s\S]{0,1000}$/)
/** `sample` and `crc32`: 32 bits of a sixteenth, or of all of it; `blake2b`: 512 bits, as b2sum prints it. */
const digestName = one('sample', 'crc32', 'blake2b')
const digest = text(/^(sample|crc32|blake2b):[0-9a-f]{8,128}$/)

/** What a sender has open, for receivers on its machine. */
const LOAN = {
  /** `/proc/PID/fd/N`. */
  path: text(/^\/proc\/\d{1,10}\/fd\/\d{1,10}$/),
  /** Device and inode, in decimal. */
  device: text(/^\d{1,20}$/),
  inode: text(/^\d{1,20}$/),
  /** For a file: from which byte, and how many. Without a size it is a pipe. */
  at: number,
  size: optional(number),
  /** For a file: its time of modification in nanoseconds; with another one it is not what was offered. */
  modified: optional(text(/^-?\d{1,20}$/)),
}
const loan = object(LOAN)

/** The fields of each type of message. */
const MESSAGES = {
  /** This peer's own input is at its end; it will say no more lines. */
  ended: {},
  /** Lines that were dropped on their way to you, because you were slow. */
  missed: { lines: number },
  /** The last word on a link. */
  bye: { reason },
  /** A stream for you: dial me with this number to take it. */
  offer: {
    stream: number,
    digest: digestName,
    /** Its length, where it is known beforehand; a hint for people. */
    size: optional(number),
    /** Where you may read it yourself, once I say `begin`. */
    loan: optional(loan),
    /** Where you may read what I have read, as far as an `extent` says: a ring of `size` bytes. */
    spool: optional(loan),
  },
  /** I can read the loan of this offer, and its spool, myself; said before I dial for the stream. */
  borrow: { stream: number },
  /** Read the loan: nothing will come over the stream that you dialled. */
  begin: { stream: number },
  /**
   * So much of the stream is in the spool: read it, and say `progress` when you are there. Nothing will come over the
   * stream that you dialled. What you have read is right if your seat, a byte behind the ring, is 0 after it.
   */
  extent: { stream: number, bytes: number, seat: number },
  /** Where I put lines that you may read yourself, if you say `borrow` (of stream 0). */
  spool: { spool: loan },
  /** Whole lines are in my spool: `bytes` of them, up to byte `end` of all. Say `progress` when you have read them. */
  lines: { end: number, bytes: number, seat: number, separator: one(10, 0) },
  /** So much of the loan I have read; for people, and so that I do not seem to stand still. */
  progress: { stream: number, bytes: number },
  /** A command has my end of this stream: it cannot tell your death from the end, so say `abort` before you close. */
  handed: { stream: number },
  /** I have read the loan to its end: so many bytes, with this digest. Say `end` if that is the end of the stream. */
  drained: { stream: number, bytes: number, digest },
  /** A handler for me, please: with this number I shall dial you for its stream. */
  call: { stream: number },
  /** The handler is free: dial. */
  ready: { stream: number },
  /** The handler has ended, with this exit status (128+n for signal n); `reason` where there was none to end. */
  status: { stream: number, status: count(255), reason },
  /** The offer is kept: another stream is being taken now. */
  busy: { stream: number },
  /** The offer is taken back; `reason` is for people. */
  withdraw: { stream: number, reason },
  /** The stream's true end; so many bytes, with this digest, unless a command wrote them past us. */
  end: { stream: number, bytes: optional(number), digest: optional(digest) },
  /** All of it arrived where it was meant to, with the same digest, unless a command read them past us. */
  confirm: { stream: number, bytes: optional(number), digest: optional(digest) },
  /** The stream will not be finished, said by either side. `bytes` were good. */
  abort: {
    stream: number,
    bytes: number,
    /** `busy`: no room for a call; `closed`: the reader went away; `output`: it could not write; `digest`: content differs; `slow`: given up. */
    code: one('busy', 'closed', 'digest', 'input', 'interrupted', 'output', 'slow'),
    reason,
  },
  /** From an observer: what have you counted? The answer has the same number. */
  ask: { number },
  /** What this peer has counted since it began; what it does not know is absent. */
  counters: {
    number,
    upMs: number,
    bytesIn: optional(number),
    bytesOut: optional(number),
    linesIn: optional(number),
    linesOut: optional(number),
    /** Waiting for peers now. */
    queueBytes: number,
    /** Lines that slow peers missed. */
    dropped: number,
  },
  /** From an observer: a line for this peer alone. */
  say: { text: reason },
  /** From an observer of the same user: leave, and say that it cut you. */
  cut: {},
}

export type Message = OneOf<typeof MESSAGES>
export type Loan = Shaped<typeof LOAN>
export type DigestName = Extract<Message, { type: 'offer' }>['digest']
export type AbortCode = Extract<Message, { type: 'abort' }>['code']

export function encodeMessage(message: Message): Buffer {
  return Buffer.from(JSON.stringify(message))
}

/**
 * @returns the message, or `undefined` when its type is not known
 * @throws SwarmError PROTOCOL when it is not what its type promises
 */
export function decodeMessage(body: Uint8Array): Message | undefined {
  const message = decodeOneOf(body, MESSAGES)
  // Length and digest are given together, or not at all.
  if (message?.type === 'end' || message?.type === 'confirm') {
    if ((message.bytes === undefined) !== (message.digest === undefined)) throw wrong('digest')
  }
  return message
}
