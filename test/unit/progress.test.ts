import assert from 'node:assert/strict'
import test from 'node:test'
import { parseSize } from '../../src/cli/option.ts'
import { bytesText, Pacer, progressFields, progressLine, timeText } from '../../src/cli/progress-line.ts'
import { laggardOf, type Progress } from '../../src/verbs/progress.ts'

const MIB = 1_048_576

function progress(bytes: number, rest: Partial<Progress> = {}): Progress {
  return { bytes, size: 100 * MIB, peers: ['bob'], laggard: undefined, ...rest }
}

test('a line says how much, of how much, how fast, how long still, and to whom', () => {
  const pacer = new Pacer()
  pacer.pace(progress(0), 0)
  const pace = pacer.pace(progress(20 * MIB), 2_000)
  assert.equal(progressLine(pace, 'receiver'), '20%  20.0 MiB of 100 MiB  10.0 MiB/s  8 s left  receiver bob')
})

test('a bar stands before it where there is room', () => {
  const pace = new Pacer().pace(progress(50 * MIB), 0)
  assert.match(progressLine(pace, 'receiver', 10), /^\[#####-----\] {2}50% /)
})

test('it never says 100 % too early, and never more', () => {
  const line = (bytes: number) => progressLine(new Pacer().pace(progress(bytes), 0), 'receiver')
  assert.match(line(100 * MIB - 1), /^99%/)
  assert.match(line(100 * MIB), /^100%/)
  assert.match(line(300 * MIB), /^100%/)
})

test('without a size there is neither a share nor a time', () => {
  const pacer = new Pacer()
  pacer.pace(progress(0, { size: undefined }), 0)
  const pace = pacer.pace(progress(MIB, { size: undefined, peers: ['a', 'b'], laggard: 'b' }), 1_000)
  assert.equal(progressLine(pace, 'receiver'), '1.0 MiB  1.0 MiB/s  2 receivers, slow: b')
})

test('an empty stream is complete', () => {
  const pace = new Pacer().pace(progress(0, { size: 0 }), 0)
  assert.match(progressLine(pace, 'receiver'), /^100% {2}0 B of 0 B/)
})

test('where a command has the stream, no bytes are told', () => {
  const pace = new Pacer().pace(progress(0, { bytes: undefined }), 0)
  assert.equal(progressLine(pace, 'receiver'), 'a command has the stream itself  receiver bob')
})

test('names are made safe', () => {
  const line = (peers: string[], laggard: string) =>
    progressLine(new Pacer().pace(progress(0, { peers, laggard }), 0), 'receiver')
  assert.match(line(['\x1b[2J'], '\x1b[2J'), /receiver \\x1b\[2J, slow$/)
  assert.match(line(['alice', '\u202ebob'], '\u202ebob'), /2 receivers, slow: \\u\{202e\}bob$/)
})

test('the rate is that of the last seconds, not of the wait before or of yesterday', () => {
  const pacer = new Pacer()
  for (let ms = 0; ms <= 60_000; ms += 1_000) pacer.pace(progress(0), ms)
  for (let s = 1; s <= 10; s++) pacer.pace(progress(s * MIB), 60_000 + s * 1_000)
  assert.equal(pacer.pace(progress(11 * MIB), 71_000).bytesPerSecond, MIB)
  for (let s = 12; s <= 30; s++) pacer.pace(progress(11 * MIB), 60_000 + s * 1_000)
  const stopped = pacer.pace(progress(11 * MIB), 91_000)
  assert.equal(stopped.bytesPerSecond, 0)
  assert.equal(stopped.secondsLeft, undefined)
})

test('a next stream begins anew', () => {
  const pacer = new Pacer()
  pacer.pace(progress(0), 0)
  pacer.pace(progress(50 * MIB), 1_000)
  pacer.pace(progress(0), 2_000)
  assert.equal(pacer.pace(progress(MIB), 3_000).bytesPerSecond, MIB)
})

test('for programs the same is an object', () => {
  const pacer = new Pacer()
  pacer.pace(progress(0), 0)
  assert.deepEqual(progressFields(pacer.pace(progress(10 * MIB, { laggard: 'bob' }), 1_000)), {
    level: 'progress',
    bytes: 10 * MIB,
    size: 100 * MIB,
    bytesPerSecond: 10 * MIB,
    secondsLeft: 9,
    peers: ['bob'],
    laggard: 'bob',
  })
})

test('bytes and times are told in units', () => {
  assert.deepEqual([0, 1_023, 1_024, 1_535, 102_400, MIB - 1, 3 * 1_024 ** 5].map(bytesText), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '1.5 KiB',
    '100 KiB',
    '1.0 MiB',
    '3.0 PiB',
  ])
  assert.deepEqual([0.2, 59, 60, 187, 9_900, 400_000].map(timeText), [
    '1 s',
    '59 s',
    '1:00 min',
    '3:07 min',
    '2:45 h',
    '5 days',
  ])
})

test('a laggard is one that the others wait for', () => {
  const runner = (name: string, behindBytes: number, stuckTicks = 0) => ({ name, behindBytes, stuckTicks })
  assert.equal(laggardOf([]), undefined)
  assert.equal(laggardOf([runner('a', 2 * MIB)]), undefined)
  assert.equal(laggardOf([runner('a', 2 * MIB, 2)]), 'a')
  assert.equal(laggardOf([runner('a', 2 * MIB), runner('b', 0)]), 'a')
  assert.equal(laggardOf([runner('a', 2 * MIB), runner('b', 1.9 * MIB)]), undefined)
  assert.equal(laggardOf([runner('a', 1_000), runner('b', 0)]), undefined)
})

test('sizes are read by 1024, and by 1000 where it says so', () => {
  assert.deepEqual(['500', '10K', '10KiB', '10kB', '1.5G', '7B'].map(parseSize), [
    500,
    10_240,
    10_240,
    10_000,
    1.5 * 1_024 ** 3,
    7,
  ])
  for (const bad of ['', '-1', '1e3', '1.', 'K', '10X', '10i', '99999999999P'])
    assert.throws(() => parseSize(bad), /takes a size like/)
})
