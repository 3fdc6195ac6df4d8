import assert from 'node:assert/strict'
import test from 'node:test'
import { colourLevel, isDumb } from '../../src/cli/colours.ts'
import { cells, cut, fit, safe } from '../../src/tui/cells.ts'
import { colourOf } from '../../src/tui/theme.ts'

test('a peer has one colour, and peers have several', () => {
  const ids = Array.from({ length: 100 }, (_, at) => at.toString(16).padStart(32, '0'))
  for (const id of ids) assert.equal(colourOf(id), colourOf(id))
  assert.ok(new Set(ids.map(colourOf)).size > 5)
  assert.ok(!ids.map(colourOf).includes('red'))
})

test('text is cut between characters as people see them, and fills its cells', () => {
  assert.equal(cut('hello', 5), 'hello')
  assert.equal(cut('hello', 4), 'hel…')
  assert.equal(cut('hello', 0), '')
  assert.equal(cut('日本語', 5), '日本…')
  assert.equal(cut('日本語', 4), '日…')
  assert.equal(cut('👨‍👩‍👧‍👦x👨‍👩‍👧‍👦', 4), '👨‍👩‍👧‍👦x…')
  for (const text of ['', 'a', '日本語', 'e\u0301e\u0301e\u0301', '👩🏽‍💻 at work', 'x'.repeat(40)]) {
    for (const width of [1, 2, 5, 12]) {
      assert.equal(cells(fit(text, width)), width)
      assert.equal(cells(fit(text, width, 'right')), width)
    }
  }
})

test('what a peer says stays one line of plain characters', () => {
  assert.equal(safe('a\u001b]52;c;AAAA\u0007b\r\n\t\u202ec'), 'a\\x1b]52;c;AAAA\\x07b\\x0d\\x0a \\u{202e}c')
})

test('the environment says how many colours there are', () => {
  const term = 'xterm-256color'
  assert.equal(colourLevel({ TERM: term }), 2)
  assert.equal(colourLevel({ TERM: 'xterm' }), 1)
  assert.equal(colourLevel({ TERM: term, COLORTERM: 'truecolor' }), 3)
  assert.equal(colourLevel({ TERM: term, NO_COLOR: '1' }), 0)
  assert.equal(colourLevel({ TERM: term, NO_COLOR: '' }), 2)
  assert.equal(colourLevel({ TERM: 'dumb' }), 0)
  assert.equal(colourLevel({ TERM: 'dumb', FORCE_COLOR: '1' }), 1)
  assert.equal(colourLevel({ TERM: term, NO_COLOR: '1', FORCE_COLOR: '3' }), 3)
  assert.equal(colourLevel({ TERM: term, FORCE_COLOR: '0' }), 0)
  assert.equal(isDumb({ TERM: 'dumb' }) && isDumb({}) && !isDumb({ TERM: 'screen' }), true)
})
