import assert from 'node:assert/strict'
import test from 'node:test'
import { cells } from '../../src/tui/cells.ts'
import { cell, GAP, peerColumns, place, sorted, topicColumns } from '../../src/tui/columns.ts'
import { peerEntry, topicEntries, totals } from '../../src/tui/entries.ts'
import { sparkline } from '../../src/tui/sparkline.ts'
import { age, amount, perSecond, shortly } from '../../src/verbs/figures.ts'
import { row } from './helpers/rows.ts'

const full = row({
  name: '日本語の友達👩🏽‍💻',
  since: Date.now(),
  bytesIn: 2 ** 50,
  bytesOut: 0,
  linesIn: 999,
  linesOut: 1023,
  rate: 2 ** 40,
  rates: [0, 1, 2, 8],
  queueBytes: 123456,
  dropped: 99999,
  roundTripMs: 12345,
})

for (const columns of [peerColumns, topicColumns]) {
  test(`a table of ${columns.length} columns fits every width, and its cells are as wide as they say`, () => {
    for (let width = 1; width <= 220; width++) {
      const placed = place(columns, width)
      const used = placed.reduce((sum, one) => sum + one.width, GAP.length * (placed.length - 1))
      assert.ok(used <= width, `${used} cells in ${width}`)
      for (const one of placed) assert.equal(cells(cell(one, peerEntry(full), Date.now())), one.width)
    }
  })
}

test('a narrow window keeps the name, the verb and the rate; a wide one has all', () => {
  const ids = (width: number) => place(peerColumns, width).map(({ column }) => column.id)
  assert.deepEqual(ids(10), ['name'])
  assert.deepEqual(ids(32), ['name', 'verb', 'rate'])
  assert.equal(ids(200).length, peerColumns.length)
})

test('a column sorts figures from the largest and words from the first; what is unknown is last', () => {
  const entries = [row({ name: 'b', bytesIn: 1 }), row({ name: 'c' }), row({ name: 'a', bytesIn: 5 })].map(
    peerEntry,
  )
  const names = (id: string, reversed: boolean) => {
    const column = peerColumns.find((one) => one.id === id)
    assert.ok(column)
    return sorted(entries, column, reversed)
      .map(({ name }) => name)
      .join('')
  }
  assert.equal(names('name', false), 'abc')
  assert.equal(names('name', true), 'cba')
  assert.equal(names('in', false), 'abc')
  assert.equal(names('in', true), 'bac')
})

test('a topic has the sums of its peers', () => {
  const rows = [
    row({ name: 'a', bytesIn: 1, rate: 2, rates: [1, 2] }),
    row({ name: 'b', bytesIn: 10, dropped: 3, rates: [5] }),
    row({ name: 'a', topic: 'other' }),
  ]
  assert.deepEqual(
    topicEntries(rows).map(({ name, peers, bytesIn, dropped }) => [name, peers, bytesIn, dropped]),
    [
      ['room', 2, 11, 3],
      ['other', 1, 0, 0],
    ],
  )
  assert.deepEqual(totals(rows).rates, [1, 7])
})

test('figures are short', () => {
  const short = [0, 1, 999, 1000, 1023, 1024, 10_188, 10_240, 2 ** 20, 2 ** 50].map(amount)
  assert.deepEqual(short, ['0', '1', '999', '1.0K', '1.0K', '1.0K', '9.9K', '10K', '1.0M', '1.0P'])
  assert.deepEqual([0, 0.4, 1, 2048].map(perSecond), ['0', '0', '1/s', '2.0K/s'])
  assert.deepEqual([0.04, 9.9, 10, 999, 1500, 61_000].map(shortly), [
    '0.0ms',
    '9.9ms',
    '10ms',
    '999ms',
    '1.5s',
    '61s',
  ])
  assert.deepEqual([0, 59_999, 192_000, 7_500_000, 367_200_000].map(age), [
    '0s',
    '59s',
    '3m12s',
    '2h05m',
    '4d06h',
  ])
})

test('a trend is scaled to its highest, the newest at the right', () => {
  assert.equal(sparkline([], 3), '   ')
  assert.equal(sparkline([0, 0], 3), '   ')
  assert.equal(sparkline([0, 1, 8], 4), '  ▂█')
  assert.equal(sparkline([9, 9, 1, 8], 2), '▂█')
})

test('the column that sorts stays, however narrow the window is', () => {
  for (const sort of peerColumns) {
    const placed = place(peerColumns, 30, sort).map(({ column }) => column)
    assert.ok(placed.includes(sort), sort.id)
    assert.equal(placed[0]?.id, 'name')
  }
})
