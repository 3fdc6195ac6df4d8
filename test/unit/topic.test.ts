import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { TOPIC_BYTES, toTopic } from '../../src/topic.ts'
import { swarmError } from './helpers/errors.ts'

const Z_BASE_32 = 'ybndrfg8ejkmcpqxot1uwisza345h769'

/** The 52 digits of 32 bytes, most significant bit first, the last four bits zero. */
function zBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const fives = bits.padEnd(260, '0').match(/.{5}/g) ?? []
  return fives.map((five) => Z_BASE_32[Number.parseInt(five, 2)]).join('')
}

// From `printf NAME | b2sum -l 256`.
const hashes: readonly (readonly [name: string, hex: string])[] = [
  ['abc', 'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319'],
  ['room', '986ee9172870d241a4e2736804afe1e1b6cf2289e77d7022badef57e33bd0fe4'],
]
for (const [name, hex] of hashes) {
  test(`the topic ${name} is the BLAKE2b-256 of its name`, () => {
    const topic = toTopic(name)
    assert.equal(topic.hex, hex)
    assert.equal(topic.key.toString('hex'), hex)
    assert.equal(topic.name, name)
  })
}

test('names that differ in case, space, normal form or a last letter are different topics', () => {
  const long = 'x'.repeat(120)
  const names = ['room', 'Room', 'room ', ' room', 'é', 'e\u0301', '.', '..', '/', 'a/../b', '👍', 'a\nb']
  const topics = [...names, `${long}1`, `${long}2`, 'y'.repeat(10_000)].map((name) => toTopic(name).hex)
  assert.equal(new Set(topics).size, topics.length)
})

test('a Buffer of 32 bytes is the topic itself, copied, and has no name', () => {
  const given = Buffer.alloc(TOPIC_BYTES, 7)
  const topic = toTopic(given)
  given.fill(8)
  assert.equal(topic.hex, '07'.repeat(TOPIC_BYTES))
  assert.equal(topic.name, '')
  assert.equal(toTopic(new Uint8Array(TOPIC_BYTES)).hex, '00'.repeat(TOPIC_BYTES))
})

test('hex: and 64 digits of either case are the 32 bytes', () => {
  const hex = '0123456789abcdef'.repeat(4)
  assert.equal(toTopic(`hex:${hex}`).hex, hex)
  assert.equal(toTopic(`hex:${hex.toUpperCase()}`).hex, hex)
  assert.equal(toTopic(`hex:${hex}`).name, '')
})

test('key: and 52 z-base-32 digits are the 32 bytes', () => {
  assert.equal(toTopic(`key:${'y'.repeat(52)}`).hex, '00'.repeat(TOPIC_BYTES))
  assert.equal(toTopic(`key:${'9'.repeat(51)}o`).hex, 'ff'.repeat(TOPIC_BYTES))
})

test('every 32 bytes come back from hex: and from key:', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: TOPIC_BYTES, maxLength: TOPIC_BYTES }), (bytes) => {
      const hex = Buffer.from(bytes).toString('hex')
      assert.equal(toTopic(`hex:${hex}`).hex, hex)
      assert.equal(toTopic(`key:${zBase32(bytes)}`).hex, hex)
      assert.equal(toTopic(Buffer.from(bytes)).hex, hex)
    }),
  )
})

const wrong: readonly (readonly [value: unknown, named: RegExp])[] = [
  ['', /not empty/],
  ['\ud800', /well-formed/],
  ['hex:', /64 hex digits, not 0 characters/],
  [`hex:${'0'.repeat(63)}`, /not 63 characters \("0{20}"\)/],
  [`hex:${'0'.repeat(65)}`, /not 65 characters/],
  [`hex:${'g'.repeat(64)}`, /not 64 characters \("g{20}"\)/],
  [`key:${'y'.repeat(51)}`, /52 z-base-32 digits, not 51 characters/],
  [`key:${'y'.repeat(53)}`, /not 53 characters/],
  [`key:${'y'.repeat(51)}l`, /not 52 characters/],
  [`key:${'y'.repeat(51)}b`, /not 52 characters/],
  [`key:${'Y'.repeat(52)}`, /not 52 characters/],
  [Buffer.alloc(31), /a Buffer of 31 bytes/],
  [Buffer.alloc(33), /a Buffer of 33 bytes/],
  [new Uint8Array(0), /a Buffer of 0 bytes/],
  [undefined, /not undefined/],
  [null, /not null/],
  [5, /number 5/],
  [Number.NaN, /number NaN/],
  [5n, /bigint 5/],
  [true, /boolean true/],
  [{}, /an object/],
  [[1, 2], /an object/],
  [Symbol('room'), /symbol Symbol\(room\)/],
  [() => {}, /a function/],
]
for (const [value, named] of wrong) {
  test(`no topic: the error names what was given (${named.source})`, () => {
    assert.throws(() => toTopic(value), swarmError('TOPIC_INVALID', named))
  })
}

test('a string is a topic, or a typed error of one short line, whatever it is', () => {
  const prefixed = fc
    .tuple(fc.constantFrom('', 'hex:', 'key:'), fc.string({ unit: 'binary' }))
    .map((p) => p.join(''))
  fc.assert(
    fc.property(prefixed, (text) => {
      try {
        assert.equal(toTopic(text).key.length, TOPIC_BYTES)
      } catch (error) {
        assert.ok(swarmError('TOPIC_INVALID')(error))
        assert.ok(error instanceof Error && error.message.length < 250)
      }
    }),
  )
})
