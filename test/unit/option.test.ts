import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import {
  parseChoice,
  parseCount,
  parseDuration,
  parsePort,
  parseTimeout,
  repeated,
  show,
  toggle,
  valued,
} from '../../src/cli/option.ts'
import { swarmError } from './helpers/errors.ts'

const durations: readonly (readonly [text: string, ms: number])[] = [
  ['0', 0],
  ['10', 10_000],
  ['500ms', 500],
  ['10s', 10_000],
  ['1.5s', 1_500],
  ['0.25', 250],
  ['2m', 120_000],
  ['1h', 3_600_000],
  ['2147483647ms', 2_147_483_647],
  ['596h', 2_145_600_000],
]
for (const [text, ms] of durations) {
  test(`the duration ${text} is ${ms} ms`, () => assert.equal(parseDuration(text), ms))
}

const noDurations = [
  '',
  ' ',
  '-1',
  '+1',
  '1e3',
  '1e99',
  'NaN',
  'Infinity',
  '∞',
  '.5',
  '5.',
  '1 s',
  '1S',
  '1d',
  '0x10',
]
for (const text of [...noDurations, '1s ', 's', '1s2m', '2147483648ms', '597h', '9'.repeat(400)]) {
  test(`${JSON.stringify(text.slice(0, 20))} is no duration`, () => {
    assert.throws(() => parseDuration(text), /takes a duration like 500ms, 10s or 2m, not "/)
  })
}

test('a timeout is a duration above zero', () => {
  assert.equal(parseTimeout('1ms'), 1)
  for (const text of ['0', '0s', '0.0m', '0.4ms']) assert.throws(() => parseTimeout(text), /above zero/)
})

test('a count is a whole number from its minimum up', () => {
  assert.equal(parseCount(0)('0'), 0)
  assert.equal(parseCount(1)('1'), 1)
  assert.equal(parseCount(1)('007'), 7)
  assert.equal(parseCount(1)('999999999'), 999_999_999)
  for (const text of [
    '',
    '0',
    '-1',
    '+1',
    '1.0',
    '1e1',
    'NaN',
    'Infinity',
    ' 1',
    '1 ',
    '0x1',
    '1000000000',
  ]) {
    assert.throws(() => parseCount(1)(text), /takes a whole number from 1 to 999999999, not "/, text)
  }
})

test('a port is 0 to 65535', () => {
  for (const [text, port] of [
    ['0', 0],
    ['1', 1],
    ['65535', 65_535],
  ] as const)
    assert.equal(parsePort(text), port)
  for (const text of ['', '-1', '65536', '70000', '1.5', '1e3', ' 1', '0x1', '99999999999'])
    assert.throws(() => parsePort(text), /takes a port from 0 to 65535, not "/, text)
})

test('a choice is one of its words, exactly', () => {
  const parse = parseChoice(['wait', 'drop', 'cut'])
  assert.equal(parse('drop'), 'drop')
  for (const text of ['', 'Drop', 'dro', 'drop '])
    assert.throws(() => parse(text), /takes wait, drop, cut, not "/)
})

test('whatever the text, parsing gives a number in range or an error of one short line', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[0-9.]{1,12}(ms|s|m|h)?$/))
  fc.assert(
    fc.property(text, (given) => {
      for (const parse of [parseDuration, parseTimeout, parseCount(0)]) {
        try {
          const value = parse(given)
          assert.ok(Number.isSafeInteger(value) && value >= 0 && value <= 2_147_483_647)
        } catch (error) {
          assert.ok(error instanceof Error && !(error instanceof assert.AssertionError), String(error))
          assert.match(error.message, /^takes .{1,350}$/)
        }
      }
    }),
  )
})

test('separators of lines and paragraphs in a refused value stay in one line', () => {
  for (const text of ['\u2028', '\u2029']) assert.throws(() => parseDuration(text), /^Error: takes .{1,350}$/)
})

const about = { flag: 'timeout', summary: '' }

test('an option that is not given has its default', () => {
  const option = valued(about, () => 42, parseDuration)
  assert.equal(option.read(undefined), 42)
  assert.equal(option.read({ dashed: '--timeout', texts: ['1s'] }), 1_000)
})

test('a wrong value is a typed error that names the option as it was typed, and the value', () => {
  const option = valued(about, () => undefined, parseDuration)
  for (const dashed of ['--timeout', '-t'])
    assert.throws(
      () => option.read({ dashed, texts: ['soon'] }),
      swarmError('OPTION_INVALID', new RegExp(`^${dashed}: takes .*"soon"$`)),
    )
})

test('a switch is on when it is given', () => {
  assert.equal(toggle(about).read(undefined), false)
  assert.equal(toggle(about).read({ dashed: '--timeout', texts: [] }), true)
})

test('an option that repeats gives its values in their order', () => {
  assert.deepEqual(repeated(about).read(undefined), [])
  assert.deepEqual(repeated(about).read({ dashed: '--timeout', texts: ['b', 'a', 'b'] }), ['b', 'a', 'b'])
})

test('a long text is shown shortened and quoted', () => {
  assert.equal(show('a"b\n'), '"a\\"b\\n"')
  assert.equal(show('x'.repeat(41)), `"${'x'.repeat(40)}…"`)
})
