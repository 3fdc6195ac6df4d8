import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { createDigest } from '../../src/io/digest.ts'
import { chunked, chunkLengths } from './helpers/bytes.ts'

function digestOf(name: 'sample' | 'crc32' | 'blake2b', chunks: readonly Buffer[]): string {
  const digest = createDigest(name)
  for (const chunk of chunks) digest.update(chunk)
  return digest.text()
}

test('crc32 is that of zlib, in eight digits', () => {
  assert.equal(digestOf('crc32', []), 'crc32:00000000')
  assert.equal(digestOf('crc32', [Buffer.from('123456789')]), 'crc32:cbf43926')
})

test('blake2b is what b2sum prints', () => {
  // RFC 7693, appendix A.
  const abc =
    'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923'
  assert.equal(digestOf('blake2b', [Buffer.from('abc')]), `blake2b:${abc}`)
})

test('a digest is the same however the bytes are cut', () => {
  const bytes = fc.uint8Array({ maxLength: 500 }).map((list) => Buffer.from(list))
  fc.assert(
    fc.property(
      bytes,
      chunkLengths,
      fc.constantFrom('sample', 'crc32', 'blake2b'),
      (input, lengths, name) => {
        assert.equal(digestOf(name, chunked(input, lengths)), digestOf(name, [input]))
      },
    ),
  )
})

test('a sample is the crc32 of the first 4 KiB of each 64 KiB', () => {
  const bytes = Buffer.alloc(200_000)
  for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 7 + (at >> 8)) & 255
  const sampled = [0, 65_536, 131_072, 196_608].map((at) => bytes.subarray(at, at + 4_096))
  assert.equal(digestOf('sample', [bytes]), digestOf('crc32', sampled).replace('crc32', 'sample'))
})

test('a sample is the same however a long stream is cut', () => {
  const bytes = Buffer.alloc(300_000)
  for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 31 + (at >> 9)) & 255
  const lengths = fc.array(fc.integer({ min: 1, max: 70_000 }), { maxLength: 20 })
  fc.assert(
    fc.property(lengths, (cuts) => {
      assert.equal(digestOf('sample', chunked(bytes, cuts)), digestOf('sample', [bytes]))
    }),
  )
})

test('a sample notices a piece that is missing, doubled, or in the place of another', () => {
  const pieces = Array.from({ length: 8 }, (_, index) => Buffer.alloc(65_536, index + 1))
  const [a = Buffer.of(), b = Buffer.of(), ...rest] = pieces
  const whole = digestOf('sample', pieces)
  for (const wrong of [
    [b, ...rest],
    [a, a, b, ...rest],
    [b, a, ...rest],
  ])
    assert.notEqual(digestOf('sample', wrong), whole)
})
