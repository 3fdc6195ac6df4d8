import assert from 'node:assert/strict'
import test from 'node:test'
import { Counters } from '../../src/verbs/counters.ts'

function told(counters: Counters) {
  const message = counters.tell(7)
  assert.ok(message.type === 'counters')
  assert.equal(message.number, 7)
  return message
}

test('what passes is counted, each direction for itself', () => {
  const counters = new Counters()
  counters.take(3)
  counters.give(5)
  counters.takeLines(Buffer.from('a\nb\n'), 10)
  counters.giveLines(Buffer.from('a\0'), 0)
  counters.queue = () => 11
  counters.dropped += 2
  const { upMs: _upMs, ...counts } = told(counters)
  assert.deepEqual(counts, {
    type: 'counters',
    number: 7,
    bytesIn: 7,
    bytesOut: 7,
    linesIn: 2,
    linesOut: 1,
    queueBytes: 11,
    dropped: 2,
  })
})

test('who speaks no lines tells none, and who sees no bytes tells none', () => {
  const counters = new Counters()
  assert.equal(told(counters).linesIn, undefined)
  assert.equal(told(counters).bytesIn, 0)
  counters.unseen = true
  assert.equal(told(counters).bytesIn, undefined)
})

test('lines of bulk are exact while somebody looks, and estimated while nobody does', () => {
  const bulk = Buffer.from(`${'x\n'.repeat(2_048)}${`${'y'.repeat(99)}\n`.repeat(100)}`)
  const counters = new Counters()
  counters.takeLines(bulk, 10)
  assert.equal(told(counters).linesIn, bulk.length / 2)
  counters.takeLines(bulk, 10)
  assert.equal(told(counters).linesIn, bulk.length / 2 + 2_148)
})
