/** The decoder of frames, given anything: failures.md Z1. On failure fast-check prints the seed that repeats it. */
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { SwarmError } from '../../src/errors.ts'
import { limits } from '../../src/limits.ts'
import { encodeFrame, FrameDecoder } from '../../src/protocol/frame.ts'
import { byByte, chunked, chunkLengths, mutated } from './helpers/bytes.ts'

interface Outcome {
  readonly frames: readonly string[]
  /** The message of the error that ended it, or whether the end was between two frames. */
  readonly end: string | boolean
}

function outcome(chunks: readonly Buffer[]): Outcome {
  const frames: string[] = []
  const decoder = new FrameDecoder((type, body) => {
    assert.ok(body.length <= limits.frameBytes)
    frames.push(`${type}:${body.toString('hex')}`)
  })
  try {
    for (const chunk of chunks) decoder.push(chunk)
    return { frames, end: decoder.between }
  } catch (error) {
    assert.ok(error instanceof SwarmError && error.code === 'PROTOCOL', String(error))
    return { frames, end: error.message }
  }
}

function assertSameHoweverCut(bytes: Buffer, lengths: readonly number[]): void {
  const whole = outcome([bytes])
  assert.deepEqual(outcome(chunked(bytes, lengths)), whole)
  assert.deepEqual(outcome(byByte(bytes)), whole)
}

const type = fc.oneof(fc.constantFrom(4, 5, 6, 128, 129, 255), fc.nat(255))
const body = fc.uint8Array({ maxLength: 40 })
const frames = fc
  .array(fc.tuple(type, body), { maxLength: 8 })
  .map((list) => Buffer.concat(list.map(([kind, bytes]) => encodeFrame(kind, bytes))))
const random = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes))

const inputs: readonly (readonly [what: string, bytes: fc.Arbitrary<Buffer>, runs: number])[] = [
  ['valid frames', frames, 10_000],
  ['frames with bytes changed, added and lost', mutated(frames), 20_000],
  ['random bytes', random, 10_000],
]
for (const [what, bytes, numRuns] of inputs) {
  test(`${what} give the same frames or the same PROTOCOL error, however they are cut`, () => {
    fc.assert(fc.property(bytes, chunkLengths, assertSameHoweverCut), { numRuns })
  })
}

test('frames of known types come back as they were sent', () => {
  const known = fc.array(fc.tuple(fc.constantFrom(4, 5, 6, 129), body), { maxLength: 8 })
  fc.assert(
    fc.property(known, chunkLengths, (list, lengths) => {
      const stream = Buffer.concat(list.map(([kind, bytes]) => encodeFrame(kind, bytes)))
      const sent = list.map(([kind, bytes]) => `${kind}:${Buffer.from(bytes).toString('hex')}`)
      assert.deepEqual(outcome(chunked(stream, lengths)), { frames: sent, end: true })
    }),
    { numRuns: 10_000 },
  )
})
