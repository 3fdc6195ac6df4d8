import assert from 'node:assert/strict'
import test from 'node:test'
import { limits } from '../../src/limits.ts'
import {
  encodeFrame,
  FRAME_HEADER_BYTES,
  FrameDecoder,
  FrameType,
  frameHeader,
} from '../../src/protocol/frame.ts'
import { byByte, chunked } from './helpers/bytes.ts'
import { swarmError } from './helpers/errors.ts'

/** What a decoder makes of these chunks. */
function decode(...chunks: readonly Buffer[]): { frames: [type: number, body: string][]; between: boolean } {
  const frames: [type: number, body: string][] = []
  const decoder = new FrameDecoder((type, body) => frames.push([type, body.toString('latin1')]))
  for (const chunk of chunks) decoder.push(chunk)
  return { frames, between: decoder.between }
}

const caps: readonly (readonly [name: string, type: number, bytes: number])[] = [
  ['control', FrameType.control, limits.controlBytes],
  ['lines', FrameType.lines, limits.frameBytes],
  ['records', FrameType.records, limits.frameBytes],
  ['gossip', FrameType.gossip, limits.gossipFrameBytes],
  ['record', FrameType.record, limits.handedBytes + 8],
  ['reply', FrameType.reply, limits.handedBytes + 8],
]
const OPTIONAL = [128, 200, 255]

test('a header is the type, and the length with its highest byte first', () => {
  assert.deepEqual([...frameHeader(5, 0x01020304)], [5, 1, 2, 3, 4])
  assert.deepEqual([...encodeFrame(6, Buffer.from('ab'))], [6, 0, 0, 0, 2, 97, 98])
})

for (const [name, type, bytes] of caps) {
  test(`a ${name} frame of no bytes is taken as soon as its header is there`, () => {
    assert.deepEqual(decode(frameHeader(type, 0)), { frames: [[type, '']], between: true })
    assert.deepEqual(decode(...byByte(frameHeader(type, 0))), { frames: [[type, '']], between: true })
  })

  test(`a ${name} frame at its limit is taken, in one chunk and in many`, () => {
    const frame = encodeFrame(type, Buffer.alloc(bytes, 'x'))
    for (const lengths of [[], [1, 3], [FRAME_HEADER_BYTES], [FRAME_HEADER_BYTES + bytes - 1]]) {
      const { frames, between } = decode(...chunked(frame, lengths))
      assert.equal(frames.length, 1)
      assert.ok(frames[0]?.[1] === 'x'.repeat(bytes))
      assert.ok(between)
    }
  })

  for (const length of [bytes + 1, 2 ** 31, 2 ** 32 - 1]) {
    test(`a ${name} frame of ${length} bytes is refused at its header, and nothing is allocated`, () => {
      const before = process.memoryUsage().arrayBuffers
      for (let i = 0; i < 100; i++) {
        const error = swarmError('PROTOCOL', new RegExp(`a frame of type ${type} with ${length} bytes`))
        assert.throws(() => decode(frameHeader(type, length)), error)
      }
      assert.ok(process.memoryUsage().arrayBuffers - before < 1_048_576)
    })
  }
}

test('types below 128 that a link does not carry are refused, whatever their length', () => {
  const carried = caps.map(([, type]) => type)
  for (let type = 0; type < 128; type++) {
    if (carried.includes(type)) continue
    for (const length of [0, 1, 2 ** 32 - 1]) {
      assert.throws(
        () => decode(frameHeader(type, length)),
        swarmError('PROTOCOL', new RegExp(`unknown frame type ${type}$`)),
      )
    }
  }
})

for (const type of OPTIONAL) {
  test(`a frame of the optional type ${type} is skipped, wherever it is cut`, () => {
    const [before, after] = [encodeFrame(5, Buffer.from('a\n')), encodeFrame(5, Buffer.from('b\n'))]
    const stream = Buffer.concat([
      before,
      encodeFrame(type, Buffer.from('ccc')),
      encodeFrame(type, Buffer.alloc(0)),
      after,
    ])
    for (let at = 0; at <= stream.length; at++) {
      const frames = [
        [5, 'a\n'],
        [5, 'b\n'],
      ]
      assert.deepEqual(decode(...chunked(stream, [at])), { frames, between: true }, `cut at ${at}`)
    }
  })

  test(`an optional frame of type ${type} is skipped at the limit and refused past it`, () => {
    const skipped = decode(
      encodeFrame(type, Buffer.alloc(limits.frameBytes)),
      encodeFrame(4, Buffer.from('{}')),
    )
    assert.deepEqual(skipped, { frames: [[4, '{}']], between: true })
    assert.throws(() => decode(frameHeader(type, limits.frameBytes + 1)), swarmError('PROTOCOL'))
    assert.throws(() => decode(frameHeader(type, 2 ** 32 - 1)), swarmError('PROTOCOL'))
  })

  test(`an optional frame of type ${type} without a body leaves nothing open`, () => {
    assert.deepEqual(decode(frameHeader(type, 0)), { frames: [], between: true })
  })
}

test('a stream that is cut off at any byte gives its whole frames, and says where it is inside one', () => {
  const parts = [
    encodeFrame(FrameType.lines, Buffer.from('one\n')),
    encodeFrame(FrameType.control, Buffer.from('{"type":"ended"}')),
    encodeFrame(200, Buffer.from('zz')),
    encodeFrame(FrameType.records, Buffer.alloc(0)),
    encodeFrame(FrameType.records, Buffer.from('two\0')),
  ]
  const stream = Buffer.concat(parts)
  const ends = parts.map((_part, i) => Buffer.concat(parts.slice(0, i + 1)).length)
  const taken = parts.map((part) => part[0] !== 200)
  for (let at = 0; at <= stream.length; at++) {
    const whole = ends.filter((end, i) => end <= at && taken[i]).length
    for (const chunks of [[stream.subarray(0, at)], byByte(stream.subarray(0, at))]) {
      const { frames, between } = decode(...chunks)
      assert.equal(frames.length, whole, `cut off at ${at}`)
      assert.equal(between, at === 0 || ends.includes(at), `cut off at ${at}`)
    }
  }
})

test('a body keeps its bytes when the chunks after it are overwritten', () => {
  const bodies: Buffer[] = []
  const decoder = new FrameDecoder((_type, body) => bodies.push(body))
  const frame = encodeFrame(FrameType.lines, Buffer.from('hello\n'))
  for (const part of byByte(frame)) {
    decoder.push(part)
    part.fill(0)
  }
  assert.equal(bodies.join(''), 'hello\n')
})
