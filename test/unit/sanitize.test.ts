import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { sanitize, sanitizeBytes } from '../../src/io/sanitize.ts'

const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/
const INVISIBLE = /[\u00ad\u2028\u2029\u2060\ufeff]/

/** What a terminal may be given: fails for anything that could move, hide or reorder. */
function assertSafe(text: string): void {
  assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
  assert.doesNotMatch(text, BIDI)
  assert.doesNotMatch(text, INVISIBLE)
  for (const byte of Buffer.from(text)) assert.ok(byte >= 0x20 || byte === 9 || byte === 10)
}

const escapes: readonly (readonly [what: string, text: string, shown: string])[] = [
  ['a colour', '\u001b[31mred', '\\x1b[31mred'],
  ['a title (OSC 0)', '\u001b]0;root\u0007', '\\x1b]0;root\\x07'],
  ['the clipboard (OSC 52)', '\u001b]52;c;cm0gLXJm\u001b\\', '\\x1b]52;c;cm0gLXJm\\x1b\\'],
  ['a device control string', '\u001bPq\u001b\\', '\\x1bPq\\x1b\\'],
  ['a C1 CSI', '\u009b2J', '\\x9b2J'],
  ['a bell', 'a\u0007', 'a\\x07'],
  ['a carriage return that would overwrite', 'safe\revil', 'safe\\x0devil'],
  ['a backspace', 'ab\b\bcd', 'ab\\x08\\x08cd'],
  ['a NUL', 'a\0b', 'a\\x00b'],
  ['DEL', 'a\u007fb', 'a\\x7fb'],
  ['a newline that would forge a label', 'hi\n[alice] pay me', 'hi\\x0a[alice] pay me'],
  ['a line separator', 'a\u2028b', 'a\\u{2028}b'],
  ['a right-to-left override', 'gpj.\u202eexe', 'gpj.\\u{202e}exe'],
  ['a bidi isolate', '\u2066a\u2069', '\\u{2066}a\\u{2069}'],
  ['a zero-width word joiner', 'a\u2060b', 'a\\u{2060}b'],
  ['a tag character', 'a\u{e0041}b', 'a\\u{e0041}b'],
]
for (const [what, text, shown] of escapes) {
  test(`${what} is shown, not obeyed`, () => assert.equal(sanitize(text), shown))
}

test('text of every script, emoji, joiners and tabs pass unchanged', () => {
  for (const text of ['Grüße', 'héllo', '你好', 'שלום', 'नमस्ते', 'a\tb', '👩‍👩‍👧‍👦 🇩🇪 👍🏽', 'نامه‌ای', 'ự']) {
    assert.equal(sanitize(text), text)
  }
})

test('ten thousand combining marks become a few and a word about the rest', () => {
  const shown = sanitize(`a${'\u0301'.repeat(10_000)}b`)
  assert.equal(shown, `a${'\u0301'.repeat(4)}\\u{301}…b`)
})

test('bytes that are not UTF-8 become U+FFFD', () => {
  assert.equal(sanitizeBytes(Buffer.from([0x61, 0xff, 0x62, 0xc3])), 'a\ufffdb\ufffd')
  assertSafe(sanitizeBytes(Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))))
})

test('no text leaves anything unsafe, and one line stays one line', () => {
  const nasty = fc.constantFrom(
    '\u001b',
    '\u009b',
    '\n',
    '\r',
    '\u202e',
    '\u2066',
    '\u200f',
    '\u007f',
    '\u0301',
    'a',
  )
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.oneof(nasty, fc.string()) }))
  fc.assert(
    fc.property(text, (given) => {
      const shown = sanitize(given)
      assertSafe(shown)
      assert.ok(!shown.includes('\n'))
    }),
    { numRuns: 20_000 },
  )
})

test('no bytes leave anything unsafe', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => assertSafe(sanitizeBytes(Buffer.from(bytes)))),
    { numRuns: 5_000 },
  )
})

test('what is safe already is not changed by a second time', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (given) => {
      const once = sanitize(given)
      assert.equal(sanitize(once), once)
    }),
  )
})
