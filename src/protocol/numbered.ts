/** What belongs to one call of a link: the call's number, in eight bytes, and the bytes themselves. */
import { SwarmError } from '../errors.ts'

export const CALL_NUMBER_BYTES = 8

export function encodeNumbered(call: number, bytes: Uint8Array): Buffer {
  const body = Buffer.allocUnsafe(CALL_NUMBER_BYTES + bytes.length)
  body.writeBigUInt64BE(BigInt(call))
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
  const call = Number(body.readBigUInt64BE())
  if (!Number.isSafeInteger(call)) throw new SwarmError('PROTOCOL', 'a frame whose call has no such number')
  return [call, body.subarray(CALL_NUMBER_BYTES)]
}
