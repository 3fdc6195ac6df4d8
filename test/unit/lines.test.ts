import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { countLines, eachLine, inFrames, LineCutter } from '../../src/io/lines.ts'
import { limits } from '../../src/limits.ts'
import { byByte, chunked } from './helpers/bytes.ts'

interface Cut {
  /** What was taken, one after the other. */
  readonly bodies: readonly Buffer[]
  readonly text: string
  readonly refused: number
}

/** Cuts chunks into lines; each chunk is written over afterwards, as a reused buffer would be. */
function cut(chunks: readonly Buffer[], separator = 10): Cut {
  const bodies: Buffer[] = []
  let refused = 0
  const cutter = new LineCutter(
    separator,
    (lines) => bodies.push(lines),
    () => {
      refused += 1
    },
  )
  for (const chunk of chunks) {
    const reused = Buffer.from(chunk)
    cutter.push(reused)
    reused.fill('!')
  }
  cutter.end()
  for (const body of bodies) {
    assert.ok(body.length > 0 && body.length <= limits.frameBytes, `a body of ${body.length} bytes`)
    assert.equal(body.at(-1), separator)
  }
  return { bodies, text: Buffer.concat(bodies).toString('latin1'), refused }
}

/** A line of `bytes` bytes, its newline included. */
function lineOf(bytes: number, letter = 'x'): string {
  return `${letter.repeat(bytes - 1)}\n`
}

test('lines come out whole, wherever the input is cut in two', () => {
  const input = Buffer.from('one\n\ntwo\nthree\n\n\nfour')
  for (let at = 0; at <= input.length; at++) {
    const { text, refused } = cut(chunked(input, [at]))
    assert.equal(text, `${input}\n`, `cut at ${at}`)
    assert.equal(refused, 0)
  }
})

test('lines come out whole when every byte comes alone', () => {
  const input = Buffer.from('one\n\ntwo\nthree')
  const { text } = cut(byByte(input))
  assert.equal(text, `${input}\n`)
})

test('what was taken, put together, is the input, however it is chunked', () => {
  const bytes = fc
    .array(fc.constantFrom(10, 0, 13, 65, 255), { maxLength: 200 })
    .map((list) => Buffer.from(list))
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(9)), fc.constantFrom(10, 0), (input, lengths, separator) => {
      const { text, refused } = cut(chunked(input, lengths), separator)
      const whole = input.length === 0 || input.at(-1) === separator
      assert.equal(text, input.toString('latin1') + (whole ? '' : String.fromCharCode(separator)))
      assert.equal(refused, 0)
    }),
    { numRuns: 5_000 },
  )
})

test('with NUL as separator, newlines are content', () => {
  assert.equal(cut([Buffer.from('a\nb\0c\n\0')], 0).text, 'a\nb\0c\n\0')
})

test('a last line without its newline is given one', () => {
  assert.equal(cut([Buffer.from('a\nb')]).text, 'a\nb\n')
  assert.equal(cut([Buffer.from('a\nb\n')]).text, 'a\nb\n')
  assert.equal(cut([]).text, '')
  assert.equal(cut([Buffer.alloc(0)]).text, '')
})

const cuts: readonly (readonly [how: string, lengths: readonly number[]])[] = [
  ['in one chunk', []],
  ['cut after its first byte', [1]],
  ['cut before its newline', [limits.lineBytes - 1]],
  ['cut after its newline', [limits.lineBytes]],
  ['in chunks of 64 KiB', Array.from({ length: 40 }, () => 65_536)],
]
for (const [how, lengths] of cuts) {
  test(`a line at the limit is taken, ${how}`, () => {
    const input = Buffer.from(`${lineOf(limits.lineBytes)}next\n`)
    const { text, refused } = cut(chunked(input, lengths))
    assert.ok(text === input.toString(), 'all of it')
    assert.equal(refused, 0)
  })

  test(`a line one past the limit is refused once, and the next one is taken, ${how}`, () => {
    const input = Buffer.from(`before\n${lineOf(limits.lineBytes + 1)}next\n`)
    const { text, refused } = cut(chunked(input, [7, ...lengths]))
    assert.equal(text, 'before\nnext\n')
    assert.equal(refused, 1)
  })
}

test('a last line at the limit, or one past it, is judged with the newline it is given', () => {
  const last = Buffer.alloc(limits.lineBytes, 'x')
  assert.equal(cut([last.subarray(1)]).text.length, limits.lineBytes)
  const { text, refused } = cut([last])
  assert.deepEqual([text, refused], ['', 1])
})

test('each of several long lines is refused for itself, and the short ones between are taken', () => {
  const long = lineOf(limits.lineBytes + 5)
  const input = Buffer.from(`a\n${long}b\n${long}${long}c`)
  for (const lengths of [[], [3], [limits.lineBytes], Array.from({ length: 100 }, () => 50_021)]) {
    const { text, refused } = cut(chunked(input, lengths))
    assert.deepEqual([text, refused], ['a\nb\nc\n', 3])
  }
})

test('a hundred million bytes without a newline are refused once, and nothing of them is kept', () => {
  const chunk = Buffer.alloc(65_536, 'x')
  let refused = 0
  const taken: string[] = []
  const cutter = new LineCutter(
    10,
    (lines) => taken.push(lines.toString()),
    () => {
      refused += 1
    },
  )
  for (let i = 0; i < 1_600; i++) cutter.push(chunk)
  cutter.push(Buffer.from('\nnext\n'))
  cutter.end()
  assert.deepEqual([taken, refused], [['next\n'], 1])
})

test('a chunk longer than a frame is cut between lines, at the last place that fits', () => {
  const lines = [lineOf(limits.frameBytes - 1, 'a'), '\n', lineOf(300_000, 'b'), lineOf(900_000, 'c')]
  const { bodies, text } = cut([Buffer.from(lines.join(''))])
  assert.ok(text === lines.join(''))
  assert.deepEqual(
    bodies.map((body) => body.length),
    [limits.frameBytes, 300_000, 900_000],
  )
})

test('inFrames cuts a long body between lines, at the last place that fits', () => {
  const lines = [
    lineOf(limits.frameBytes - 1, 'a'),
    '\n',
    lineOf(300_000, 'b'),
    lineOf(limits.lineBytes, 'c'),
    'd\n',
  ]
  const parts = inFrames(Buffer.from(lines.join('')), 10)
  assert.deepEqual(
    parts.map((part) => part.length),
    [limits.frameBytes, 300_000, limits.frameBytes, 2],
  )
  assert.ok(Buffer.concat(parts).equals(Buffer.from(lines.join(''))))
  assert.deepEqual(inFrames(Buffer.from('a\nb\n'), 10), [Buffer.from('a\nb\n')])
})

test('eachLine gives the lines of a body without their separators', () => {
  const seen: string[] = []
  eachLine(Buffer.from('a\n\nb\n'), 10, (line) => seen.push(line.toString()))
  assert.deepEqual(seen, ['a', '', 'b'])
  assert.equal(countLines(Buffer.from('a\n\nb\n'), 10), 3)
  assert.equal(countLines(Buffer.alloc(0), 10), 0)
})
