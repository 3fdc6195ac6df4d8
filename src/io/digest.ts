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
  if (name === 'blake2b') return new Blake2b()
  return name === 'crc32' ? new Crc32(name) : new Crc32(name, SAMPLE_BYTES, SAMPLE_EVERY_BYTES)
}

/** The first 4 KiB of each 64 KiB, a pipe's worth: no buffer can go astray and keep the samples in place. */
const SAMPLE_BYTES = 4_096
const SAMPLE_EVERY_BYTES = 65_536

/** The CRC of all bytes, or of the first `sampleBytes` of every `everyBytes`. */
class Crc32 implements Digest {
  readonly #name: string
  readonly #sampleBytes: number
  readonly #everyBytes: number
  /** Of zlib, which costs a start 1 ms (measured): loaded by those who need it. */
  readonly #crc32 = process.getBuiltinModule('node:zlib').crc32
  #value = 0
  /** How far the next byte stands behind the begin of a sample. */
  #at = 0

  constructor(name: string, sampleBytes = Number.POSITIVE_INFINITY, everyBytes = Number.POSITIVE_INFINITY) {
    this.#name = name
    this.#sampleBytes = sampleBytes
    this.#everyBytes = everyBytes
  }

  update(chunk: Buffer): void {
    for (let from = 0; from < chunk.length; ) {
      const isSampled = this.#at < this.#sampleBytes
      const bytes = Math.min(
        (isSampled ? this.#sampleBytes : this.#everyBytes) - this.#at,
        chunk.length - from,
      )
      if (isSampled) this.#value = this.#crc32(chunk.subarray(from, from + bytes), this.#value)
      this.#at = (this.#at + bytes) % this.#everyBytes
      from += bytes
    }
  }

  text(): string {
    return `${this.#name}:${this.#value.toString(16).padStart(8, '0')}`
  }
}

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
