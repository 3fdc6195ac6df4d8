/**
 * Datagrams: what is said where there is no connection, closed with a key that both ends have.
 *
 *     24 random bytes · the content, encrypted · a tag of 16 bytes (ChaCha20-Poly1305)
 *
 * The random bytes make a key of their own for each datagram. So nothing is remembered of anybody, and
 * nothing learned by who has not got the key; who has it may have sent it, and sent it again: what is
 * inside has to say who wrote it, and which one it is.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { hash } from '../key.ts'

const CIPHER = 'chacha20-poly1305'
const RANDOM_BYTES = 24
const TAG_BYTES = 16
/** Each key is used once. */
const NONCE = Buffer.alloc(12)

/** How much longer a datagram is than its content. */
export const CLOSING_BYTES = RANDOM_BYTES + TAG_BYTES

export function closeDatagram(key: Buffer, content: Uint8Array): Buffer {
  const random = randomBytes(RANDOM_BYTES)
  const cipher = createCipheriv(CIPHER, keyFor(key, random), NONCE, { authTagLength: TAG_BYTES })
  return Buffer.concat([random, cipher.update(content), cipher.final(), cipher.getAuthTag()])
}

/** @returns `undefined` for what was not closed with this key */
export function openDatagram(key: Buffer, datagram: Buffer): Buffer | undefined {
  if (datagram.length < CLOSING_BYTES) return undefined
  const once = keyFor(key, datagram.subarray(0, RANDOM_BYTES))
  const decipher = createDecipheriv(CIPHER, once, NONCE, { authTagLength: TAG_BYTES })
  decipher.setAuthTag(datagram.subarray(-TAG_BYTES))
  const content = decipher.update(datagram.subarray(RANDOM_BYTES, -TAG_BYTES))
  try {
    decipher.final()
    return content
  } catch {
    return undefined
  }
}

function keyFor(key: Buffer, random: Buffer): Buffer {
  return hash(key, 'lswarm/v1/datagram-once', random)
}
