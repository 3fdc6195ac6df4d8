/** What gossips say to each other beside messages: short binary frames, each an operation and a list. */
import { SwarmError } from '../errors.ts'
import { PUBLIC_KEY_BYTES } from './key-pair.ts'

/** The first byte of a frame; `BATCH` is 1. A peer skips an operation that it does not know. */
export const Operation = Object.freeze({
  /** What I hold, said when we are linked: all there was before that. `from`: the oldest, `to`: one past the last in order. */
  summary: 2,
  /** The same of what has changed, said now and then to those whom it was not pushed. */
  have: 3,
  /** Please give me these again. */
  want: 4,
  /** I do not have these. */
  lack: 5,
  /** Do not push this author's messages: they come to me another way. Go on announcing them. */
  choke: 6,
  /** Push them again. */
  unchoke: 7,
  /** Please be of my mesh: push to me, as I do to you. */
  graft: 8,
  /** Be of it no longer, or not at all. */
  prune: 9,
  /** The last `to` messages of the topic, please: of all authors, `key` is zero. */
  history: 10,
  /** They follow, numbered from `from` to before `to` of each author; `key` zero: so many there are. */
  recent: 11,
})

/** A range of one session's numbers: `from` to before `to`. */
export interface Range {
  /** Author and session, in hex. */
  readonly key: string
  readonly from: number
  readonly to: number
}

export interface Control {
  readonly operation: number
  readonly ranges: readonly Range[]
}

const KEY_BYTES = PUBLIC_KEY_BYTES + 8
const RANGE_BYTES = KEY_BYTES + 16
/** Ranges in one frame. */
export const RANGES_MAX = 512
/** Where a range is of nobody. */
export const NOBODY = '0'.repeat(2 * KEY_BYTES)

/** As many frames as the ranges need: one, if there are none. */
export function encodeControl(operation: number, ranges: readonly Range[] = []): Buffer[] {
  const frames: Buffer[] = []
  let done = 0
  do {
    const part = ranges.slice(done, done + RANGES_MAX)
    const frame = Buffer.alloc(1 + part.length * RANGE_BYTES)
    frame[0] = operation
    part.forEach(({ key, from, to }, index) => {
      const at = 1 + index * RANGE_BYTES
      frame.write(key, at, 'hex')
      frame.writeBigUInt64BE(BigInt(from), at + KEY_BYTES)
      frame.writeBigUInt64BE(BigInt(to), at + KEY_BYTES + 8)
    })
    frames.push(frame)
    done += part.length
  } while (done < ranges.length)
  return frames
}

/** All that is held. Its last frame is known by having room for one more. */
export function encodeSummary(operation: number, held: readonly Range[]): Buffer[] {
  const frames = encodeControl(operation, held)
  const isFull = held.length > 0 && held.length % RANGES_MAX === 0
  return isFull ? [...frames, ...encodeControl(operation)] : frames
}

/** @throws SwarmError PROTOCOL */
export function decodeControl(frame: Buffer): Control {
  const operation = frame[0] ?? 0
  const count = (frame.length - 1) / RANGE_BYTES
  if (!Number.isInteger(count) || count > RANGES_MAX) {
    throw new SwarmError('PROTOCOL', `gossip of ${frame.length} bytes`)
  }
  const ranges = Array.from({ length: count }, (_, index) => {
    const at = 1 + index * RANGE_BYTES
    const from = Number(frame.readBigUInt64BE(at + KEY_BYTES))
    const to = Number(frame.readBigUInt64BE(at + KEY_BYTES + 8))
    if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from > to) {
      throw new SwarmError('PROTOCOL', 'gossip of numbers that cannot be')
    }
    return { key: frame.toString('hex', at, at + KEY_BYTES), from, to }
  })
  return { operation, ranges }
}
