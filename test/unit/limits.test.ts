import assert from 'node:assert/strict'
import test from 'node:test'
import { limits } from '../../src/limits.ts'

test('the limits are frozen', () => {
  assert.ok(Object.isFrozen(limits))
  assert.throws(() => Object.assign(limits, { peers: 1 }), TypeError)
})

test('every limit is a whole number above zero', () => {
  for (const [name, value] of Object.entries(limits)) {
    assert.ok(Number.isSafeInteger(value) && value > 0, `${name} is ${value}`)
  }
})

test('the unit of a limit is the last word of its name', () => {
  for (const name of Object.keys(limits)) {
    assert.match(
      name,
      /^(peers|observers)$|(Bytes|Ms|Connections|Pending|Messages|Sessions|Frames|Links|Peers|Names|Warnings)(Min|Max)?$/,
    )
  }
})

test('limits that depend on each other agree', () => {
  assert.equal(limits.frameBytes, limits.lineBytes, 'the longest line fills a frame')
  assert.ok(limits.queueBytes >= limits.frameBytes)
  assert.ok(limits.outputBytes >= limits.frameBytes)
  assert.ok(limits.rescanMsMin < limits.rescanMsMax)
  assert.ok(limits.rescanMsMax < 5_000, 'a socket that was removed is published again within 5 s')
  assert.ok(limits.slowMs < limits.cutMs)
  assert.ok(limits.reapRefusalsMs < limits.reapAgeMs)
  assert.ok(
    limits.nameBytes * 2 + limits.topicNameBytes * 6 < limits.helloBytes,
    'every hello fits its frame',
  )
})
