/** The digest of a stream, computed as it passes. */
import { createHash, type Hash } from 'node:crypto'
import { crc32 } from 'node:zlib'

export interface Digest {
  update(chunk: Buffer): void
  /** `crc32:` and 8 hex digits, or `blake2b:` and 128. Ends the digest. */
  text(): string
}

/**
 * @param name `crc32` guards against faults at several GB/s; `blake2b` (512 bits, as `b2sum` prints
 *   it) against everything, at the cost of most of the speed
 */
export function createDigest(name: 'crc32' | 'blake2b'): Digest {
  return name === 'crc32' ? new Crc32() : new Blake2b()
}

class Crc32 implements Digest {
  #value = 0

  update(chunk: Buffer): void {
    this.#value = crc32(chunk, this.#value)
  }

  text(): string {
    return `crc32:${this.#value.toString(16).padStart(8, '0')}`
  }
}

class Blake2b implements Digest {
  readonly #hash: Hash = createHash('blake2b512')

  update(chunk: Buffer): void {
    this.#hash.update(chunk)
  }

  text(): string {
    return `blake2b:${this.#hash.digest('hex')}`
  }
}
