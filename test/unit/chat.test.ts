import assert from 'node:assert/strict'
import test from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { cells } from '../../src/tui/cells.ts'
import { Completion, chatCommand } from '../../src/tui/chat-command.ts'
import { Editor, windowOf } from '../../src/tui/editor.ts'
import { Labels } from '../../src/tui/labels.ts'
import { setColours } from '../../src/tui/theme.ts'
import { FRAME_LINES_MAX, Transcript } from '../../src/tui/transcript.ts'
import { wrap } from '../../src/tui/wrap.ts'
import { until } from './helpers/wait.ts'

setColours(0)

const alice = { id: 'a'.repeat(32), name: 'alice' }
const bob = { id: 'b'.repeat(32), name: 'bob' }

function transcript(options: { bell?: boolean; hasTimes?: boolean } = {}): Transcript {
  const { bell = false, hasTimes = false } = options
  const made = new Transcript({ self: alice, time: () => '12:34', bell }, hasTimes)
  made.labels.add(bob)
  return made
}

/** The rows of a frame, without the switch that keeps the terminal from breaking them. */
function rowsOf(made: Transcript, columns = 80): string[] {
  const text = made
    .take(columns)
    .replace(/^\x1b\[\?7l/, '')
    .replace(/\x1b\[\?7h$/, '')
  return text === '' ? [] : text.replace(/\n$/, '').split('\n')
}

function said(text: string | Buffer, columns = 80): string[] {
  const made = transcript()
  made.said(bob, Buffer.concat([Buffer.from(text), Buffer.of(10)]), 10)
  return rowsOf(made, columns)
}

const plain = { ctrl: false, meta: false }
const press = (editor: Editor, ...names: string[]) => {
  for (const name of names) {
    const [, mark, bare] = /^(C-|M-)?(.*)$/.exec(name) ?? []
    assert.ok(editor.press({ name: bare, ctrl: mark === 'C-', meta: mark === 'M-' }), name)
  }
}

test('a name stands before each line, and the time if it is wanted', () => {
  assert.deepEqual(said('hello\nyou'), ['bob: hello', 'bob: you'])
  const made = transcript({ hasTimes: true })
  made.said(bob, Buffer.from('hi\n'), 10)
  assert.deepEqual(rowsOf(made), ['12:34 bob: hi'])
})

test('what a stranger says moves nothing, hides nothing and reorders nothing', () => {
  const hostile = [
    '\x1b[2J\x1b[31mred',
    '\x1b]52;c;cm0gLXJm\x07',
    '\x1bP+q544e\x1b\\',
    '\x1b_x\x1b\\\x1b^x\x1b\\',
    '\u009b2J\u0090x\u009c\u0085',
    'harmless\rmalicious\b\b\x7f\x0b\x0c',
    '\u202egnirts\u202c \u2066x\u2069 \u200f\u061c',
    'one\u2028two\u2029three',
    `e${'\u0301'.repeat(10_000)}`,
    '\ttab',
  ]
  for (const text of hostile) {
    const rows = said(text)
    assert.equal(rows.length, 1, JSON.stringify(text))
    assert.match(rows[0] ?? '', /^bob: [^\p{C}\p{Zl}\p{Zp}]*$/u)
    assert.ok((rows[0] ?? '').length < 200)
  }
  assert.doesNotMatch(said(Buffer.from([0x9b, 0x32, 0x4a, 0xff])).join(), /\p{Cc}/u)
})

test('whatever is said, every row begins with the author or with two spaces', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 12, max: 100 }),
      (text, columns) => {
        for (const row of said(text.replaceAll('\n', ' '), columns)) {
          assert.match(row, /^(bob:|\* bob| {2})/)
          assert.doesNotMatch(row, /\p{Cc}/u)
        }
      },
    ),
  )
})

test('a long line is broken here, and cannot seem to begin a line of another', () => {
  const rows = said(`${'x'.repeat(15)} alice: I owe you`, 20)
  assert.deepEqual(rows, ['bob: xxxxxxxxxxxxxxx', '  alice: I owe you'])
  assert.ok(said('日本語'.repeat(50), 21).every((row) => cells(row) <= 21))
})

test('a row that the terminal thinks wider is cut by it, not broken', () => {
  const made = transcript()
  made.said(bob, Buffer.from('x\n'), 10)
  assert.match(made.take(80), /^\x1b\[\?7l[^\x1b]*\x1b\[\?7h$/)
})

test('/me of others is an action, under their name', () => {
  assert.deepEqual(said('/me waves'), ['* bob waves'])
  assert.deepEqual(said('* alice waves'), ['bob: * alice waves'])
})

test('a line of the program cannot be forged', () => {
  assert.deepEqual(said('-- alice left'), ['bob: -- alice left'])
  const labels = new Labels()
  for (const name of ['-- alice left', '* alice', 'alice: hi', '"', 'bob~bbbbbbbb', 'a b', 'lswarm:', '  '])
    assert.match(labels.add({ id: name, name }), /^"/, name)
  assert.equal(labels.add({ id: 'q', name: 'x": y' }), '"x\\": y"')
})

test('who looks like somebody who is here has the id after the name', () => {
  const labels = new Labels()
  assert.equal(labels.add(alice), 'alice')
  assert.equal(labels.add({ id: 'c'.repeat(32), name: 'alice' }), 'alice~cccccccc')
  assert.equal(labels.add({ id: 'd'.repeat(32), name: 'Alice' }), 'Alice~dddddddd')
  assert.equal(labels.add({ id: 'e'.repeat(32), name: 'alice\u3164' }), '"alice\\u{3164}"~eeeeeeee')
  assert.equal(labels.add({ id: 'f'.repeat(32), name: 'ａlice' }), 'ａlice~ffffffff')
  labels.delete(alice)
  assert.equal(labels.add({ id: '9'.repeat(32), name: 'alice' }), 'alice')
})

test('letters of every script are names as they are', () => {
  const labels = new Labels()
  for (const name of ['zoë', 'Ирина', '田中', 'अनु', 'ci-3', 'root-123', 'a.b@c'])
    assert.equal(labels.add({ id: name, name }), name)
})

test('arrivals and departures are folded', () => {
  const made = transcript()
  for (let n = 1; n <= 14; n++) made.moved({ id: `${n}`, name: `peer${n}` }, 'join', '')
  assert.deepEqual(rowsOf(made), ['-- peer1, peer2 and 12 others joined'])
  for (let n = 1; n <= 3; n++) made.moved({ id: `${n}`, name: `peer${n}` }, 'leave', 'left')
  made.moved({ id: '4', name: 'peer4' }, 'leave', 'the connection was lost')
  assert.deepEqual(rowsOf(made), [
    '-- peer1, peer2 and peer3 left',
    '-- peer4 left (the connection was lost)',
  ])
})

test('what somebody said stands after their arrival, and before their departure', () => {
  const made = transcript()
  const carol = { id: 'c', name: 'carol' }
  made.moved(carol, 'join', '')
  made.said(carol, Buffer.from('hi\n'), 10)
  made.moved(carol, 'leave', '')
  assert.deepEqual(rowsOf(made), ['-- carol joined', 'carol: hi', '-- carol left'])
})

test('a frame of a flood has the newest lines, and counts the others', () => {
  const made = transcript()
  for (let n = 0; n < 100; n++) {
    made.said(bob, Buffer.from(Array.from({ length: 100 }, (_, i) => `${n * 100 + i}\n`).join('')), 10)
  }
  const rows = rowsOf(made)
  assert.equal(rows[0], `… ${(10_000 - FRAME_LINES_MAX).toLocaleString('en')} lines not shown`)
  assert.equal(rows.length, FRAME_LINES_MAX + 1)
  assert.equal(rows.at(-1), 'bob: 9999')
  assert.equal(made.heard, 10_000)
  assert.deepEqual(rowsOf(made), [])
})

test('one body of a flood is cut as well, and long lines are not held whole', () => {
  const made = transcript()
  made.said(bob, Buffer.from('x\n'.repeat(500_000)), 10)
  assert.equal(rowsOf(made).length, FRAME_LINES_MAX + 1)
  for (let n = 0; n < 5; n++) made.said(bob, Buffer.from(`${'y'.repeat(900_000)}\n`), 10)
  const text = rowsOf(made).join('\n')
  assert.match(text, /^… 4 lines not shown/)
  assert.match(text, /883616\s+bytes\s+not\s+shown$/)
})

test('a flood that no frame takes is not held in memory', async () => {
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  const made = transcript()
  const line = 'a line of forty bytes, more or less.\n'
  for (let count = 0; count < 2_000; count++) made.said(bob, Buffer.alloc(1_700 * line.length, line), 10)
  const heldBytes = () => {
    collect()
    return process.memoryUsage().arrayBuffers
  }
  // 120 MiB have come; memory is given back a moment after it was collected.
  await until(() => heldBytes() < 16 * 1_048_576, 'little of it is held')
  assert.ok(made.heard > 3_000_000)
  assert.equal(rowsOf(made).length, FRAME_LINES_MAX + 1)
})

test('what we say ourselves is never left out of a flood', () => {
  const made = transcript()
  made.echo('mine')
  made.said(bob, Buffer.from('x\n'.repeat(5_000)), 10)
  assert.ok(rowsOf(made).includes('alice: mine'))
})

test('a mention rings with --bell, and only then', () => {
  for (const bell of [true, false]) {
    const made = transcript({ bell })
    made.said(bob, Buffer.from('malice\n'), 10)
    assert.doesNotMatch(made.take(80), /\x07/)
    made.said(bob, Buffer.from('hi Alice!\n'), 10)
    assert.equal(/\x07/.test(made.take(80)), bell)
  }
})

test('rows are broken between words, and between characters where there is no space', () => {
  assert.deepEqual(wrap('one two three', 8, 8), ['one two', 'three'])
  assert.deepEqual(wrap('abcdefghij', 4, 3), ['abcd', 'efg', 'hij'])
  assert.deepEqual(wrap('👩‍💻👩‍💻👩‍💻', 5, 5), ['👩‍💻👩‍💻', '👩‍💻'])
  assert.deepEqual(wrap('', 5, 5), [''])
})

test('the keys of a shell move and erase', () => {
  const editor = new Editor()
  editor.insert('one two three')
  press(editor, 'C-a', 'right', 'delete')
  assert.equal(editor.text, 'oe two three')
  press(editor, 'C-e', 'C-w')
  assert.equal(editor.text, 'oe two ')
  press(editor, 'M-b', 'C-k')
  assert.equal(editor.text, 'oe ')
  press(editor, 'C-y', 'home', 'M-f')
  assert.deepEqual([editor.text, editor.cursor], ['oe two ', 2])
  press(editor, 'C-right', 'C-left', 'C-u')
  assert.deepEqual([editor.text, editor.cursor], ['two ', 0])
  press(editor, 'end', 'left', 'backspace')
  assert.equal(editor.text, 'tw ')
  assert.equal(editor.press({ name: 'x', ...plain }), false)
})

test('the cursor moves over characters as people see them', () => {
  const editor = new Editor()
  editor.insert('a👩‍💻e\u0301')
  press(editor, 'left', 'left')
  assert.equal(editor.cursor, 1)
  press(editor, 'right', 'backspace')
  assert.equal(editor.text, 'ae\u0301')
})

test('Up and Down bring back what was said, and the draft', () => {
  const editor = new Editor()
  for (const text of ['one', 'two', 'two']) {
    editor.insert(text)
    editor.take()
  }
  editor.insert('draft')
  press(editor, 'up', 'up', 'up')
  assert.equal(editor.text, 'one')
  press(editor, 'down', 'down', 'down')
  assert.equal(editor.text, 'draft')
})

test('a line longer than the row shows the part around the cursor', () => {
  const text = 'abcdefghij'.repeat(10)
  assert.deepEqual(windowOf({ text, cursor: 0 }, 20), { text: 'abcdefghijabcdefg›', cursor: 0 })
  const end = windowOf({ text, cursor: 100 }, 20)
  assert.deepEqual(end, { text: '‹defghijabcdefghij', cursor: 18 })
  assert.deepEqual(windowOf({ text: 'one\ntwo', cursor: 7 }, 20), { text: 'one↵two', cursor: 7 })
})

test('whatever is typed, the row is never wider than it may be, nor has it controls', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.nat(200),
      fc.integer({ min: 8, max: 60 }),
      (text, at, width) => {
        const editor = new Editor()
        editor.insert(text)
        editor.move(Math.min(at, text.length))
        const shown = windowOf(editor, width)
        assert.doesNotMatch(shown.text, /\p{Cc}/u)
        assert.ok(shown.cursor < width)
        assert.ok(cells(shown.text) <= width)
      },
    ),
  )
})

test('a megabyte of paste is taken, and more is not', () => {
  const editor = new Editor()
  assert.equal(editor.insert('x'.repeat(1_048_576)), true)
  assert.equal(editor.insert('x'), false)
  assert.equal(windowOf(editor, 80).cursor, 78)
})

test('commands are read', () => {
  assert.deepEqual(chatCommand('hello'), { does: 'say', text: 'hello' })
  assert.deepEqual(chatCommand('//etc'), { does: 'say', text: '/etc' })
  assert.deepEqual(chatCommand('/to bob hi there'), { does: 'to', name: 'bob', text: 'hi there' })
  assert.deepEqual(chatCommand('/me waves'), { does: 'say', text: '/me waves' })
  for (const does of ['who', 'quit', 'help', 'time']) assert.deepEqual(chatCommand(`/${does}`), { does })
  for (const wrong of ['/to', '/to bob', '/me', '/nope', '/'])
    assert.equal(chatCommand(wrong).does, 'complain')
})

test('Tab completes commands and names, one after another', () => {
  const tab = new Completion()
  const names = ['bob', 'Bert', 'carol']
  assert.deepEqual(tab.next('/w', 2, names), { text: '/who ', cursor: 5 })
  tab.reset()
  assert.equal(tab.next('/to b', 5, names)?.text, '/to Bert ')
  assert.equal(tab.next('/to Bert ', 9, names)?.text, '/to bob ')
  assert.equal(tab.next('/to bob ', 8, names)?.text, '/to Bert ')
  tab.reset()
  assert.equal(tab.next('ca', 2, names)?.text, 'carol: ')
  tab.reset()
  assert.equal(tab.next('hi ca', 5, names)?.text, 'hi carol ')
  tab.reset()
  assert.equal(tab.next('', 0, names), undefined)
})
