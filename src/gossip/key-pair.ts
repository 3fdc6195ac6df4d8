/** Ed25519 keys: who an author is, signing, and verifying without trusting the key. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { messageOf, SwarmError } from '../errors.ts'

export const PUBLIC_KEY_BYTES = 32
export const SIGNATURE_BYTES = 64
const SEED_BYTES = 32

/** What DER puts before a raw key: of PKCS #8 before a seed, of SPKI before a public key. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

/** Who signs: a `KeyPair`, or whatever else holds the secret. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Buffer
  /** 64 bytes. */
  sign(data: Uint8Array): Buffer
}

/** An author's key pair. The secret is never shown: not by `inspect`, not by `JSON.stringify`. */
export class KeyPair implements Signer {
  readonly publicKey: Buffer
  readonly #secret: KeyObject

  private constructor(secret: KeyObject) {
    if (secret.asymmetricKeyType !== 'ed25519') throw new SwarmError('OPTION_INVALID', 'not an ed25519 key')
    this.#secret = secret
    const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' })
    this.publicKey = spki.subarray(-PUBLIC_KEY_BYTES)
  }

  static generate(): KeyPair {
    return new KeyPair(generateKeyPairSync('ed25519').privateKey)
  }

  /**
   * @param secret a PEM (PKCS #8, unencrypted), or the 32 bytes of a seed
   * @throws SwarmError OPTION_INVALID, which does not show what was given
   */
  static from(secret: string | Uint8Array): KeyPair {
    try {
      if (typeof secret === 'string') return new KeyPair(createPrivateKey(secret))
      if (secret.length !== SEED_BYTES)
        throw new SwarmError('OPTION_INVALID', `a seed of ${secret.length} bytes`)
      const key = Buffer.concat([PKCS8_PREFIX, secret])
      return new KeyPair(createPrivateKey({ key, format: 'der', type: 'pkcs8' }))
    } catch (error) {
      if (error instanceof SwarmError) throw error
      throw new SwarmError('OPTION_INVALID', `not an ed25519 private key: ${messageOf(error)}`)
    }
  }

  sign(data: Uint8Array): Buffer {
    return sign(null, data, this.#secret)
  }

  /** The private key as a PEM (PKCS #8), to be kept. */
  toPem(): string {
    return this.#secret.export({ format: 'pem', type: 'pkcs8' }).toString()
  }
}

/** Checks one author's signatures. */
export type Verify = (data: Uint8Array, signature: Uint8Array) => boolean

/**
 * What checks signatures of this author; `undefined` for a key that nobody made honestly: a point of
 * small order, for which signatures fit many messages, or a second spelling of the same point.
 */
export function verifierOf(publicKey: Uint8Array): Verify | undefined {
  if (publicKey.length !== PUBLIC_KEY_BYTES || !isSoundPoint(publicKey)) return undefined
  try {
    const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, publicKey]), format: 'der', type: 'spki' })
    return (data, signature) => isSoundPoint(signature) && verify(null, data, key, signature)
  } catch {
    return undefined
  }
}

/** The y of the points whose order divides 8, little endian, without the sign of x. */
const SMALL_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
])

/** The first 32 bytes are a point in its one spelling, and not of small order. */
function isSoundPoint(bytes: Uint8Array): boolean {
  const y = Buffer.from(bytes.subarray(0, PUBLIC_KEY_BYTES))
  if (y.length !== PUBLIC_KEY_BYTES) return false
  y.writeUInt8(y.readUInt8(31) & 0x7f, 31)
  // p is 2^255 - 19: what is not below it is p - 19 … with all upper bytes full.
  const isReduced =
    y.readUInt8(0) < 0xed || y.readUInt8(31) < 0x7f || y.subarray(1, 31).some((byte) => byte < 0xff)
  return isReduced && !SMALL_ORDER.has(y.toString('hex'))
}
