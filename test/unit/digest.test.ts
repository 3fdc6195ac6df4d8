import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { createDigest } from '../../src/io/digest.ts'
import { chunked, chunkLengths } from './helpers/bytes.ts'

function digestOf(name: 'crc32' | 'blake2b', chunks: readonly Buffer[]): string {
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
    fc.property(bytes, chunkLengths, fc.constantFrom('crc32', 'blake2b'), (input, lengths, name) => {
      assert.equal(digestOf(name, chunked(input, lengths)), digestOf(name, [input]))
    }),
  )
})
