/** Buffers for reading: page-aligned with WebAssembly, plain without it, shorter where memory is short. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { mock, test } from 'node:test'
import { pageBuffer } from '../../src/io/page-buffer.ts'
import { Spool } from '../../src/io/spool.ts'

const MIB = 1_048_576

test('a buffer begins at the start of its memory, which WebAssembly puts at a page', () => {
  const buffer = pageBuffer(MIB)
  assert.equal(buffer.length, MIB)
  assert.equal(buffer.byteOffset, 0)
})

test('where WebAssembly gives no memory, a plain buffer serves, and it is asked once only', () => {
  const memory = mock.method(WebAssembly, 'Memory', function refuse() {
    throw new RangeError('could not allocate memory')
  })
  const plain = mock.method(Buffer, 'allocUnsafeSlow')
  assert.equal(pageBuffer(MIB).length, MIB)
  assert.equal(pageBuffer(MIB).length, MIB)
  assert.equal(plain.mock.callCount(), 2)
  assert.equal(memory.mock.callCount(), 1)
  mock.restoreAll()
})

test('a ring holds nothing of the memory that a plain buffer had before', (t) => {
  const spool = Spool.open(['/dev/shm'], { ringBytes: MIB, batchBytes: MIB / 4 })
  if (spool === undefined) return t.skip('no tmpfs, or no /proc')
  const { allocUnsafeSlow } = Buffer
  mock.method(Buffer, 'allocUnsafeSlow', (bytes: number) => allocUnsafeSlow(bytes).fill(0xff))
  assert.ok(spool.reserve(() => {}))
  assert.ok(readFileSync(spool.loan.path).every((byte) => byte === 0))
  spool.close()
  mock.restoreAll()
})

test('where memory is nearly exhausted, the buffer is shorter', () => {
  const { allocUnsafeSlow } = Buffer
  mock.method(Buffer, 'allocUnsafeSlow', (bytes: number) => {
    if (bytes > MIB / 4) throw new RangeError('Array buffer allocation failed')
    return allocUnsafeSlow(bytes)
  })
  assert.equal(pageBuffer(MIB).length, MIB / 4)
  mock.restoreAll()
})

test('where there is no memory at all, that is an error to be caught', () => {
  mock.method(Buffer, 'allocUnsafeSlow', () => {
    throw new RangeError('Array buffer allocation failed')
  })
  assert.throws(() => pageBuffer(MIB), RangeError)
  mock.restoreAll()
})
