/** What belongs to one call of a link: the call's number, in eight bytes, and the bytes themselves. */
import { SwarmError } from '../errors.ts'

export const CALL_NUMBER_BYTES = 8
const HALF = 2 ** 32

export function encodeNumbered(call: number, bytes: Uint8Array): Buffer {
  const body = Buffer.allocUnsafe(CALL_NUMBER_BYTES + bytes.length)
  body.writeUInt32BE(Math.floor(call / HALF), 0)
  body.writeUInt32BE(call % HALF, 4)
  body.set(bytes, CALL_NUMBER_BYTES)
  return body
}

/**
 * @returns the number, and the bytes: a part of `body`
 * @throws SwarmError PROTOCOL when it is too short, or its number is too high
 */
export function decodeNumbered(body: Buffer): [call: number, bytes: Buffer] {
  if (body.length < CALL_NUMBER_BYTES)
    throw new SwarmError('PROTOCOL', 'a frame without the number of its call')
  const call = body.readUInt32BE(0) * HALF + body.readUInt32BE(4)
  if (!Number.isSafeInteger(call)) throw new SwarmError('PROTOCOL', 'a frame whose call has no such number')
  return [call, body.subarray(CALL_NUMBER_BYTES)]
}
