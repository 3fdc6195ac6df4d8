/**
 * What links say beside lines: control frames, each the JSON of one message.
 *
 * A type that is not known is skipped: a newer peer may say more.
 */
import { SwarmError } from '../errors.ts'
import { Fields } from './json.ts'

export type Message =
  /** This peer's own input is at its end; it will say no more lines. */
  | { readonly type: 'ended' }
  /** Lines that were dropped on their way to you, because you were slow. */
  | { readonly type: 'missed'; readonly lines: number }
  /** The last word on a link. */
  | { readonly type: 'bye'; readonly reason: string }
  /** A stream for you: dial me with this number to take it. */
  | {
      readonly type: 'offer'
      readonly stream: number
      readonly digest: DigestName
      /** Its length, where it is known beforehand; a hint for people. */
      readonly size?: number
      /** Where you may read it yourself, once I say `begin`. */
      readonly loan?: Loan
      /** Where you may read what I have read, as far as an `extent` says: a ring of `size` bytes. */
      readonly spool?: Loan
    }
  /** I can read the loan of this offer, and its spool, myself; said before I dial for the stream. */
  | { readonly type: 'borrow'; readonly stream: number }
  /** Read the loan: nothing will come over the stream that you dialled. */
  | { readonly type: 'begin'; readonly stream: number }
  /**
   * So much of the stream is in the spool: read it, and say `progress` when you are there. Nothing will come over the
   * stream that you dialled. What you have read is right if your seat, a byte behind the ring, is 0 after it.
   */
  | { readonly type: 'extent'; readonly stream: number; readonly bytes: number; readonly seat: number }
  /** Where I put lines that you may read yourself, if you say `borrow` (of stream 0). */
  | { readonly type: 'spool'; readonly spool: Loan }
  /** Whole lines are in my spool: `bytes` of them, up to byte `end` of all. Say `progress` when you have read them. */
  | {
      readonly type: 'lines'
      readonly end: number
      readonly bytes: number
      readonly seat: number
      readonly separator: 10 | 0
    }
  /** So much of the loan I have read; for people, and so that I do not seem to stand still. */
  | { readonly type: 'progress'; readonly stream: number; readonly bytes: number }
  /** A command has my end of this stream: it cannot tell your death from the end, so say `abort` before you close. */
  | { readonly type: 'handed'; readonly stream: number }
  /** I have read the loan to its end: so many bytes, with this digest. Say `end` if that is the end of the stream. */
  | { readonly type: 'drained'; readonly stream: number; readonly bytes: number; readonly digest: string }
  /** A handler for me, please: with this number I shall dial you for its stream. */
  | { readonly type: 'call'; readonly stream: number }
  /** The handler is free: dial. */
  | { readonly type: 'ready'; readonly stream: number }
  /** The handler has ended, with this exit status (128+n for signal n); `reason` where there was none to end. */
  | { readonly type: 'status'; readonly stream: number; readonly status: number; readonly reason: string }
  /** The offer is kept: another stream is being taken now. */
  | { readonly type: 'busy'; readonly stream: number }
  /** The offer is taken back; `reason` is for people. */
  | { readonly type: 'withdraw'; readonly stream: number; readonly reason: string }
  /** The stream's true end; so many bytes, with this digest, unless a command wrote them past us. */
  | { readonly type: 'end'; readonly stream: number; readonly bytes?: number; readonly digest?: string }
  /** All of it arrived where it was meant to, with the same digest, unless a command read them past us. */
  | { readonly type: 'confirm'; readonly stream: number; readonly bytes?: number; readonly digest?: string }
  /** The stream will not be finished, said by either side. `bytes` were good. */
  | {
      readonly type: 'abort'
      readonly stream: number
      readonly bytes: number
      readonly code: AbortCode
      readonly reason: string
    }

  /** From an observer: what have you counted? The answer has the same number. */
  | { readonly type: 'ask'; readonly number: number }
  /** What this peer has counted since it began; what it does not know is absent. */
  | {
      readonly type: 'counters'
      readonly number: number
      readonly upMs: number
      readonly bytesIn?: number
      readonly bytesOut?: number
      readonly linesIn?: number
      readonly linesOut?: number
      /** Waiting for peers now. */
      readonly queueBytes: number
      /** Lines that slow peers missed. */
      readonly dropped: number
    }
  /** From an observer: a line for this peer alone. */
  | { readonly type: 'say'; readonly text: string }
  /** From an observer of the same user: leave, and say that it cut you. */
  | { readonly type: 'cut' }

/** `sample` and `crc32`: 32 bits of a sixteenth, or of all of it; `blake2b`: 512 bits, as b2sum prints it. */
export type DigestName = 'sample' | 'crc32' | 'blake2b'

/** What a sender has open, for receivers on its machine. */
export interface Loan {
  /** `/proc/PID/fd/N`. */
  readonly path: string
  /** Device and inode, in decimal. */
  readonly device: string
  readonly inode: string
  /** For a file: from which byte, and how many. Without a size it is a pipe. */
  readonly at: number
  readonly size?: number
  /** For a file: its time of modification in nanoseconds; with another one it is not what was offered. */
  readonly modified?: string
}

/** `busy`: no room for a call; `closed`: the reader went away; `output`: it could not write; `digest`: content differs; `slow`: given up. */
export type AbortCode = 'busy' | 'closed' | 'digest' | 'input' | 'interrupted' | 'output' | 'slow'

const COUNTS = ['bytesIn', 'bytesOut', 'linesIn', 'linesOut'] as const
const REASON = /^[\s\S]{0,1000}$/
const DIGEST = /^(sample|crc32|blake2b):[0-9a-f]{8,128}$/
const LENT = /^\/proc\/\d{1,10}\/fd\/\d{1,10}$/
const DECIMAL = /^\d{1,20}$/
const TIME = /^-?\d{1,20}$/
const DIGEST_NAME = /^(sample|crc32|blake2b)$/
const CODE = /^(busy|closed|digest|input|interrupted|output|slow)$/

export function encodeMessage(message: Message): Buffer {
  return Buffer.from(JSON.stringify(message))
}

/**
 * @returns the message, or `undefined` when its type is not known
 * @throws SwarmError PROTOCOL when it is not what its type promises
 */
export function decodeMessage(body: Uint8Array): Message | undefined {
  const fields = Fields.of(body)
  const type = fields.text('type', /^[a-z-]{1,32}$/)
  switch (type) {
    case 'ended':
      return { type }
    case 'missed':
      return { type, lines: fields.count('lines') }
    case 'bye':
      return { type, reason: fields.text('reason', REASON) }
    case 'offer': {
      const digest = fields.text('digest', DIGEST_NAME)
      if (!isDigestName(digest)) throw new SwarmError('PROTOCOL', 'an offer without a digest')
      const size = fields.optionalCount('size')
      const loan = loanOf(fields.optionalObject('loan'))
      const spool = loanOf(fields.optionalObject('spool'))
      return {
        type,
        stream: fields.count('stream'),
        digest,
        ...(size !== undefined && { size }),
        ...(loan !== undefined && { loan }),
        ...(spool !== undefined && { spool }),
      }
    }
    case 'call':
    case 'ready':
    case 'busy':
    case 'borrow':
    case 'begin':
    case 'handed':
      return { type, stream: fields.count('stream') }
    case 'progress':
      return { type, stream: fields.count('stream'), bytes: fields.count('bytes') }
    case 'drained':
      return {
        type,
        stream: fields.count('stream'),
        bytes: fields.count('bytes'),
        digest: fields.text('digest', DIGEST),
      }
    case 'spool': {
      const spool = loanOf(fields.optionalObject('spool'))
      if (spool === undefined) throw new SwarmError('PROTOCOL', 'a loan with a wrong "spool"')
      return { type, spool }
    }
    case 'lines': {
      const [end, bytes, seat] = [fields.count('end'), fields.count('bytes'), fields.count('seat')]
      const separator = fields.count('separator')
      if (separator !== 10 && separator !== 0)
        throw new SwarmError('PROTOCOL', 'lines with a wrong "separator"')
      return { type, end, bytes, seat, separator }
    }
    case 'extent': {
      const [stream, bytes, seat] = [fields.count('stream'), fields.count('bytes'), fields.count('seat')]
      return { type, stream, bytes, seat }
    }
    case 'withdraw':
      return { type, stream: fields.count('stream'), reason: fields.text('reason', REASON) }
    case 'status': {
      const status = fields.count('status')
      if (status > 255) throw new SwarmError('PROTOCOL', `an exit status of ${status}`)
      return { type, stream: fields.count('stream'), status, reason: fields.text('reason', REASON) }
    }
    case 'end':
    case 'confirm':
      return { type, stream: fields.count('stream'), ...measure(fields) }
    case 'ask':
      return { type, number: fields.count('number') }
    case 'counters':
      return {
        type,
        number: fields.count('number'),
        upMs: fields.count('upMs'),
        ...COUNTS.reduce<Counted>((told, key) => counted(told, key, fields.optionalCount(key)), {}),
        queueBytes: fields.count('queueBytes'),
        dropped: fields.count('dropped'),
      }
    case 'say':
      return { type, text: fields.text('text', REASON) }
    case 'cut':
      return { type }
    case 'abort': {
      const code = fields.text('code', CODE)
      if (!isAbortCode(code)) throw new SwarmError('PROTOCOL', 'an abort without a reason')
      return {
        type,
        stream: fields.count('stream'),
        bytes: fields.count('bytes'),
        code,
        reason: fields.text('reason', REASON),
      }
    }
    default:
      return undefined
  }
}

type Counted = { readonly [key in (typeof COUNTS)[number]]?: number }

function counted(told: Counted, key: (typeof COUNTS)[number], count: number | undefined): Counted {
  return count === undefined ? told : { ...told, [key]: count }
}

/** Length and digest, given together or not at all. */
function measure(fields: Fields): { bytes?: number; digest?: string } {
  const bytes = fields.optionalCount('bytes')
  return bytes === undefined ? {} : { bytes, digest: fields.text('digest', DIGEST) }
}

function loanOf(fields: Fields | undefined): Loan | undefined {
  if (fields === undefined) return undefined
  const size = fields.optionalCount('size')
  const modified = fields.optionalText('modified', TIME)
  return {
    path: fields.text('path', LENT),
    device: fields.text('device', DECIMAL),
    inode: fields.text('inode', DECIMAL),
    at: fields.count('at'),
    ...(size !== undefined && { size }),
    ...(modified !== undefined && { modified }),
  }
}

function isDigestName(name: string): name is DigestName {
  return DIGEST_NAME.test(name)
}

function isAbortCode(code: string): code is AbortCode {
  return CODE.test(code)
}
