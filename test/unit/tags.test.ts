import assert from 'node:assert/strict'
import test from 'node:test'
import { decodeTags, encodeTags } from '../../src/gossip/tags.ts'
import { limits } from '../../src/limits.ts'
import { encodeKey, toTopic } from '../../src/topic.ts'
import { swarmError } from './helpers/errors.ts'

const roundTrip = (tags: Parameters<typeof encodeTags>[0]) => {
  const bytes = encodeTags(tags)
  return bytes && decodeTags(Buffer.concat([bytes, Buffer.from('body')]))
}

test('tags come back as they were, and the body begins after them', () => {
  assert.deepEqual(roundTrip({ name: 'alice', label: 'log' }), {
    tags: { name: 'alice', label: 'log' },
    bytes: 10,
  })
  assert.deepEqual(roundTrip({ name: 'alice' }), { tags: { name: 'alice' }, bytes: 7 })
  assert.deepEqual(roundTrip({ label: 'Ä' }), { tags: { label: 'Ä' }, bytes: 4 })
})

test('no tags are no bytes', () => {
  assert.equal(encodeTags({}), undefined)
  assert.equal(encodeTags({ name: '', label: '' }), undefined)
})

test('a tag may be as long as a name, and is printable', () => {
  const long = 'x'.repeat(limits.nameBytes)
  assert.deepEqual(roundTrip({ name: long })?.tags, { name: long })
  for (const name of [`${long}x`, 'a\nb', '\u202e', '\u001b[2J', '\ud800'])
    assert.throws(() => encodeTags({ name }), swarmError('OPTION_INVALID', /printable/), JSON.stringify(name))
})

test('what a stranger sends instead of tags is none', () => {
  for (const bytes of [[], [1], [2, 97], [0], [0, 3, 97], [1, 0xff, 0], [1, 10, 0]])
    assert.equal(decodeTags(Buffer.from(bytes)), undefined, JSON.stringify(bytes))
  assert.deepEqual(decodeTags(Buffer.from([0, 0, 120])), { tags: {}, bytes: 2 })
})

test('a key as text is the topic of its bytes', () => {
  for (const byte of [0, 1, 0x5a, 0xff]) {
    const bytes = Buffer.alloc(32, byte)
    assert.match(encodeKey(bytes), /^key:[ybndrfg8ejkmcpqxot1uwisza345h769]{52}$/)
    assert.deepEqual(toTopic(encodeKey(bytes)).key, bytes)
  }
})
