/**
 * Frames: one byte of type, four of length (big endian), the body.
 *
 * A length is checked against the cap of its type before anything is allocated. Types from 128 on
 * are optional: who does not know one skips it. Any other unknown type is an error.
 */
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import { CALL_NUMBER_BYTES } from './numbered.ts'

export const FRAME_HEADER_BYTES = 5

export const FrameType = Object.freeze({
  /** JSON of a `Hello`. */
  hello: 1,
  /** Empty: the acceptor has taken the connection; now the initiator may speak. */
  go: 2,
  /** JSON of a `Refusal`: the acceptor has not taken it, and ends it. */
  refuse: 3,
  /** JSON of a `Message` (see `message.ts`). */
  control: 4,
  /** Whole lines, each with its newline. */
  lines: 5,
  /** Whole records, each with its NUL. */
  records: 6,
  /** Signed messages, and what their gossip needs: an operation, and its body (see `gossip/`). Optional. */
  gossip: 129,
  /** The number of a call, and the record that its handler gets as stdin. Optional. */
  record: 130,
  /** The number of a call, and all that its handler has said. Optional. */
  reply: 131,
})

/** Caps of the frame types that a link carries; the handshake has its own, `limits.helloBytes`. */
const caps = new Map<number, number>([
  [FrameType.control, limits.controlBytes],
  [FrameType.lines, limits.frameBytes],
  [FrameType.records, limits.frameBytes],
  [FrameType.gossip, limits.gossipFrameBytes],
  [FrameType.record, CALL_NUMBER_BYTES + limits.handedBytes],
  [FrameType.reply, CALL_NUMBER_BYTES + limits.handedBytes],
])
const OPTIONAL = 128

/** The five bytes before a body of `length` bytes. */
export function frameHeader(type: number, length: number): Buffer {
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES)
  header[0] = type
  header.writeUInt32BE(length, 1)
  return header
}

/** One whole frame. */
export function encodeFrame(type: number, body: Uint8Array): Buffer {
  return Buffer.concat([frameHeader(type, body.length), body])
}

/** Cuts what a link reads into frames, at whatever places the chunks were cut. */
export class FrameDecoder {
  #header = Buffer.alloc(FRAME_HEADER_BYTES)
  #headerBytes = 0
  #body: Buffer | undefined
  #bodyBytes = 0
  #skipBytes = 0
  readonly #take: (type: number, body: Buffer) => void

  /** @param take gets each frame; its body may be a part of the chunk that was pushed */
  constructor(take: (type: number, body: Buffer) => void) {
    this.#take = take
  }

  /** True when nothing of a frame is held: the place where a link may end. */
  get between(): boolean {
    return this.#headerBytes === 0 && this.#skipBytes === 0
  }

  /** @throws SwarmError PROTOCOL for an unknown type or a length past its cap */
  push(chunk: Buffer): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, chunk.length - at)
        this.#skipBytes -= skipped
        at += skipped
        continue
      }
      if (this.#headerBytes < FRAME_HEADER_BYTES) {
        const copied = chunk.copy(this.#header, this.#headerBytes, at)
        const used = Math.min(copied, FRAME_HEADER_BYTES - this.#headerBytes)
        this.#headerBytes += used
        at += used
        if (this.#headerBytes < FRAME_HEADER_BYTES) return
      }
      at += this.#takeBody(chunk, at)
    }
  }

  /** Uses what of the body is in `chunk` from `at` on; returns how many bytes that was. */
  #takeBody(chunk: Buffer, at: number): number {
    const type = this.#header[0] ?? 0
    const length = this.#header.readUInt32BE(1)
    const there = chunk.length - at
    if (this.#body === undefined) {
      const cap = caps.get(type)
      if (cap === undefined && type < OPTIONAL) throw new SwarmError('PROTOCOL', `unknown frame type ${type}`)
      if (length > (cap ?? limits.frameBytes)) {
        throw new SwarmError('PROTOCOL', `a frame of type ${type} with ${length} bytes`)
      }
      if (cap === undefined) {
        this.#skipBytes = length
        this.#headerBytes = 0
        return 0
      }
      // The common case costs no copy: the whole body is in the chunk.
      if (length <= there) {
        this.#headerBytes = 0
        this.#take(type, chunk.subarray(at, at + length))
        return length
      }
      this.#body = Buffer.allocUnsafe(length)
      this.#bodyBytes = 0
    }
    const used = Math.min(length - this.#bodyBytes, there)
    chunk.copy(this.#body, this.#bodyBytes, at, at + used)
    this.#bodyBytes += used
    if (this.#bodyBytes === length) {
      const body = this.#body
      this.#body = undefined
      this.#headerBytes = 0
      this.#take(type, body)
    }
    return used
  }
}
