/** The digest of a stream, computed as it passes. */
import type { Hash } from 'node:crypto'
import process from 'node:process'

export interface Digest {
  update(chunk: Buffer): void
  /** `sample:` or `crc32:` and 8 hex digits, or `blake2b:` and 128. Ends the digest. */
  text(): string
}

/**
 * @param name `sample` notices a piece that is missing, doubled or out of place, for a hundredth of the time;
 *   `crc32` every fault, at the cost of half the speed (measured); `blake2b` (512 bits, as `b2sum` prints it)
 *   every forgery too, at the cost of most of it
 */
export function createDigest(name: 'sample' | 'crc32' | 'blake2b'): Digest {
  if (name === 'sample') return new Sample()
  return name === 'crc32' ? new Crc32() : new Blake2b()
}

/** The first 4 KiB of each 64 KiB, a pipe's worth: no buffer can go astray and keep the samples in place. */
const SAMPLE_BYTES = 4_096
const SAMPLE_EVERY_BYTES = 65_536

class Sample implements Digest {
  readonly #crc32 = checksum()
  #value = 0
  /** Where in its 64 KiB the next byte stands. */
  #at = 0

  update(chunk: Buffer): void {
    for (let from = 0; from < chunk.length; ) {
      const isSampled = this.#at < SAMPLE_BYTES
      const bytes = Math.min((isSampled ? SAMPLE_BYTES : SAMPLE_EVERY_BYTES) - this.#at, chunk.length - from)
      if (isSampled) this.#value = this.#crc32(chunk.subarray(from, from + bytes), this.#value)
      this.#at = (this.#at + bytes) % SAMPLE_EVERY_BYTES
      from += bytes
    }
  }

  text(): string {
    return `sample:${hex(this.#value)}`
  }
}

class Crc32 implements Digest {
  readonly #crc32 = checksum()
  #value = 0

  update(chunk: Buffer): void {
    this.#value = this.#crc32(chunk, this.#value)
  }

  text(): string {
    return `crc32:${hex(this.#value)}`
  }
}

/** Of zlib, which costs a start 1 ms (measured): loaded by those who need it. */
function checksum() {
  return process.getBuiltinModule('node:zlib').crc32
}

const hex = (value: number) => value.toString(16).padStart(8, '0')

class Blake2b implements Digest {
  /** Not imported: loading it would cost every start what few need. */
  readonly #hash: Hash = process.getBuiltinModule('node:crypto').createHash('blake2b512')

  update(chunk: Buffer): void {
    this.#hash.update(chunk)
  }

  text(): string {
    return `blake2b:${this.#hash.digest('hex')}`
  }
}
