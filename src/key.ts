/**
 * A topic key is a secret of 32 bytes that some peers share. Beyond one machine a topic's name is a
 * name within a key: whoever has not got the key neither finds the topic nor can take part in it.
 *
 * As text it is `lskey1`, 52 digits of z-base-32 and six that check them, by the code of bech32m
 * (BIP 350): up to four wrong digits are always noticed, and one is found. No message ever shows a
 * part of a key.
 */
import { randomBytes, randomInt, type ScryptOptions, scrypt } from 'node:crypto'
import { promisify } from 'node:util'
import blake2b from 'blake2b'
import { SwarmError } from './errors.ts'
import { PREFIX } from './key-prefix.ts'
import type { Topic } from './topic.ts'
import { DIGITS, decodeZBase32, encodeZBase32, Z_BASE_32 } from './z-base-32.ts'

const KEY_BYTES = 32
const CHECK_DIGITS = 6
/** The prefix as the checksum takes it in: the high bits of each character, zero, the low bits. */
const PREFIX_FIVES = [
  ...[...'lskey'].map((letter) => letter.charCodeAt(0) >> 5),
  0,
  ...[...'lskey'].map((letter) => letter.charCodeAt(0) & 31),
]
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]
const BECH32M = 0x2bc830a3

/** 128 MiB and 0.4 s. */
const STRETCH = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 }
function stretch(text: string, salt: string, bytes: number, how: ScryptOptions): Promise<Buffer> {
  return promisify<string, string, number, ScryptOptions, Buffer>(scrypt)(text, salt, bytes, how)
}

const WORDS = 10
const WORD_BITS = 11n
const WORDS_CHECK_BITS = 10n
const WORDS_SECRET_BYTES = 13

export class TopicKey {
  readonly #bytes: Buffer

  /** @throws SwarmError KEY_INVALID for anything but 32 bytes */
  constructor(bytes: Uint8Array) {
    if (bytes.length !== KEY_BYTES) throw wrong(`has 32 bytes, not ${bytes.length}`)
    this.#bytes = Buffer.from(bytes)
  }

  /** A new one. */
  static random(): TopicKey {
    return new TopicKey(randomBytes(KEY_BYTES))
  }

  /** The key that everybody has: topics that are public. */
  static public(): TopicKey {
    return new TopicKey(hash(undefined, 'lswarm/v1/public'))
  }

  /** Of a word, for the local network: half a second for each guess slows a dictionary, and stops none. */
  static async stretched(word: string): Promise<TopicKey> {
    return new TopicKey(await stretch(word, 'lswarm/lan/v1', KEY_BYTES, STRETCH))
  }

  /** The only thing about a topic that others on the way learn. */
  discovery(topic: Topic): Buffer {
    return hash(this.#bytes, 'lswarm/v1/discovery', topic.key)
  }

  /** What a topic is called, inside the encryption. */
  topicId(topic: Topic): Buffer {
    return hash(this.#bytes, 'lswarm/v1/topic', topic.key)
  }

  /** With this, peers prove to each other that they have the key. */
  auth(): Buffer {
    return hash(this.#bytes, 'lswarm/v1/auth')
  }

  /** Closes the datagrams of a topic. */
  datagram(topic: Topic): Buffer {
    return hash(this.#bytes, 'lswarm/v1/datagram', topic.key)
  }

  /** For a peer that wants to be the same each time: the seed of its key pair. */
  seed(): Buffer {
    return hash(this.#bytes, 'lswarm/v1/seed')
  }

  /** The key as text, for people and files. */
  toText(): string {
    const digits = encodeZBase32(this.#bytes)
    const fives = [...digits].map((digit) => Z_BASE_32.indexOf(digit))
    const check = checksum([...fives, 0, 0, 0, 0, 0, 0]) ^ BECH32M
    const last = Array.from({ length: CHECK_DIGITS }, (_, at) => Z_BASE_32[(check >> (25 - 5 * at)) & 31])
    return `${PREFIX}${digits}${last.join('')}`
  }
}

/**
 * The key that a text says: `lskey1…`, or the words of `newWords`.
 * @throws SwarmError KEY_INVALID, saying which character or word is wrong where that can be known
 */
export async function parseKey(text: string): Promise<TopicKey> {
  const trimmed = text.trim().toLowerCase()
  if (trimmed === '') throw wrong('is empty')
  if (/\s/.test(trimmed)) return parseWords(trimmed.split(/\s+/))
  if (!trimmed.startsWith(PREFIX)) throw wrong(`begins with ${PREFIX}, or is ${WORDS} words`)
  return parseDigits(trimmed.slice(PREFIX.length))
}

/** A new key as words of the English list of BIP 39, for people to say: 100 random bits, and 10 that check them. */
export async function newWords(): Promise<string> {
  const { words } = await import('./words.lazy.ts')
  const secret = randomBytes(WORDS_SECRET_BYTES)
  secret[0] = randomInt(16)
  const value = (BigInt(`0x${secret.toString('hex')}`) << WORDS_CHECK_BITS) | wordsCheck(secret)
  const indices = Array.from({ length: WORDS }, (_, at) =>
    Number((value >> (BigInt(WORDS - 1 - at) * WORD_BITS)) & 2047n),
  )
  return indices.map((index) => words[index]).join(' ')
}

async function parseWords(said: readonly string[]): Promise<TopicKey> {
  if (said.length !== WORDS) throw wrong(`has ${WORDS} words, not ${said.length}`)
  const { words } = await import('./words.lazy.ts')
  const value = said.reduce((sum, word, at) => {
    const index = words.indexOf(word)
    if (index < 0) throw wrong(`is mistyped: word ${at + 1} is not in the list`)
    return (sum << WORD_BITS) | BigInt(index)
  }, 0n)
  const digits = (value >> WORDS_CHECK_BITS).toString(16).padStart(WORDS_SECRET_BYTES * 2, '0')
  const secret = Buffer.from(digits, 'hex')
  if ((value & ((1n << WORDS_CHECK_BITS) - 1n)) !== wordsCheck(secret))
    throw wrong('is mistyped: a word is wrong, or in the wrong place')
  return new TopicKey(hash(undefined, 'lswarm/v1/words', secret))
}

function wordsCheck(secret: Buffer): bigint {
  return BigInt(hash(undefined, 'lswarm/v1/words-check', secret).readUInt16BE(0) >> 6)
}

function parseDigits(digits: string): TopicKey {
  const fives = [...digits].map((digit) => Z_BASE_32.indexOf(digit))
  const strange = fives.indexOf(-1)
  // People count from one, and from the beginning of what they see.
  const place = (at: number) => PREFIX.length + at + 1
  if (strange >= 0) throw wrong(`is mistyped: character ${place(strange)} is in no key`)
  const missing = DIGITS + CHECK_DIGITS - fives.length
  if (missing !== 0) {
    const count = Math.abs(missing)
    throw wrong(
      `is mistyped: ${count} character${count === 1 ? '' : 's'} too ${missing > 0 ? 'few' : 'many'}`,
    )
  }
  if (checksum(fives) !== BECH32M) throw wrong(`is mistyped${whereWrong(fives, place)}`)
  const bytes = decodeZBase32(digits.slice(0, DIGITS))
  if (bytes === undefined) throw wrong(`is mistyped: character ${place(DIGITS - 1)} cannot be there`)
  return new TopicKey(bytes)
}

/** The place of one wrong digit, or of two that changed places: the code leaves no second answer. */
function whereWrong(fives: readonly number[], place: (at: number) => number): string {
  for (let at = 0; at < fives.length; at++) {
    for (let five = 0; five < 32; five++) {
      if (checksum(fives.with(at, five)) === BECH32M) return `: character ${place(at)} is wrong`
    }
  }
  for (let at = 0; at + 1 < fives.length; at++) {
    const swapped = fives.with(at, fives[at + 1] ?? 0).with(at + 1, fives[at] ?? 0)
    if (checksum(swapped) === BECH32M)
      return `: characters ${place(at)} and ${place(at + 1)} have changed places`
  }
  return ': several characters are wrong'
}

/** The code of bech32 over digits of five bits. */
function checksum(fives: readonly number[]): number {
  return [...PREFIX_FIVES, ...fives].reduce((sum, five) => {
    const top = sum >>> 25
    const next = ((sum & 0x1ffffff) << 5) ^ five
    return GENERATORS.reduce((mixed, generator, bit) => ((top >> bit) & 1 ? mixed ^ generator : mixed), next)
  }, 1)
}

/** BLAKE2b-256, keyed where there is a key; the use of each hash is its first words. */
export function hash(key: Buffer | undefined, use: string, content: Uint8Array = Buffer.alloc(0)): Buffer {
  const digest = Buffer.alloc(32)
  blake2b(32, key)
    .update(Buffer.from(`${use}\0`))
    .update(content)
    .digest(digest)
  return digest
}

function wrong(why: string): SwarmError {
  return new SwarmError('KEY_INVALID', `a key ${why}`)
}
