import assert from 'node:assert/strict'
import test from 'node:test'
import { decodeNumbered, encodeNumbered } from '../../src/protocol/numbered.ts'
import { swarmError } from './helpers/errors.ts'

test('a number stands before the bytes, in eight bytes, the highest first', () => {
  assert.deepEqual([...encodeNumbered(0x01020304, Buffer.from('ab'))], [0, 0, 0, 0, 1, 2, 3, 4, 97, 98])
})

test('every number of a call, and every body, comes back', () => {
  for (const number of [0, 1, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    for (const text of ['', 'x', 'some words']) {
      const [call, bytes] = decodeNumbered(encodeNumbered(number, Buffer.from(text)))
      assert.deepEqual([call, bytes.toString()], [number, text])
    }
  }
})

test('a body without a whole number is refused, and so is a number that no call has', () => {
  for (let length = 0; length < 8; length++) {
    assert.throws(
      () => decodeNumbered(Buffer.alloc(length)),
      swarmError('PROTOCOL', /without the number of its call/),
    )
  }
  assert.throws(() => decodeNumbered(Buffer.from('0020000000000000', 'hex')), swarmError('PROTOCOL'))
  assert.throws(() => decodeNumbered(Buffer.alloc(8, 0xff)), swarmError('PROTOCOL'))
})
