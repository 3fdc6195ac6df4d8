/** Datagrams: closed with the topic key, and what a gossip makes of those that came. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { TopicKey } from '../../src/key.ts'
import { limits } from '../../src/limits.ts'
import { CLOSING_BYTES, closeDatagram, openDatagram } from '../../src/protocol/datagram.ts'
import { toTopic } from '../../src/topic.ts'
import { Author, Net, TOPIC } from './helpers/gossip-net.ts'

const topicKey = TopicKey.random()
const key = topicKey.datagram(toTopic('news'))

test('a datagram is opened with its key, and says nothing without', () => {
  const closed = closeDatagram(key, Buffer.from('hello'))
  assert.equal(closed.length, 5 + CLOSING_BYTES)
  assert.equal(openDatagram(key, closed)?.toString(), 'hello')
  assert.equal(openDatagram(topicKey.datagram(toTopic('olds')), closed), undefined, 'another topic')
  assert.equal(openDatagram(TopicKey.public().datagram(toTopic('news')), closed), undefined, 'another key')
  assert.ok(!closed.equals(closeDatagram(key, Buffer.from('hello'))), 'never the same twice')
})

test('cut or changed anywhere it is not opened', () => {
  const closed = closeDatagram(key, Buffer.from('hello'))
  for (let at = 0; at < closed.length; at++) {
    assert.equal(openDatagram(key, closed.subarray(0, at)), undefined)
    const changed = Buffer.from(closed)
    changed.writeUInt8(closed.readUInt8(at) ^ 1, at)
    assert.equal(openDatagram(key, changed), undefined)
  }
})

test('what a datagram brings is given on once, in order, and told to neighbours', () => {
  const net = new Net()
  const [a, b] = [net.add('a'), net.add('b')]
  net.link(a, b)
  net.run()
  const author = new Author(1)
  for (const seq of [5, 7, 6, 6, 5]) a.node.hear(author.frame(seq, [`message ${seq}`]))
  net.run()
  // Who has been there all the time asks for what was before; nobody has it.
  net.despair()
  assert.deepEqual(a.texts, ['message 5', 'message 6', 'message 7'])
  assert.deepEqual(b.texts, a.texts)
  assert.equal(a.node.stats.copies, 2)
})

test('a gap is given up after a while, and counted', () => {
  const net = new Net()
  const a = net.add('a')
  const author = new Author(1)
  a.node.hear(author.frame(0, ['one']))
  a.node.hear(author.frame(3, ['four']))
  assert.deepEqual(a.texts, ['one'])
  net.despair()
  assert.deepEqual(a.texts, ['one', 'four'])
  assert.deepEqual(a.gaps, [{ key: author.key, from: 1, to: 3 }])
})

test('what is forged, of another topic, or no message at all is counted, and blamed on nobody', () => {
  const net = new Net()
  const a = net.add('a')
  const author = new Author(1)
  const other = Buffer.alloc(32, 7)
  for (let time = 0; time < limits.gossipInvalidFrames; time++) a.node.hear(author.frame(0, ['x'], other))
  const half = author.frame(0, ['x']).subarray(0, 100)
  for (const frame of [Buffer.alloc(0), Buffer.from([2]), half]) a.node.hear(frame)
  assert.equal(a.node.stats.forged, limits.gossipInvalidFrames)
  assert.equal(a.node.stats.malformed, 3)
  assert.deepEqual(a.bans, [])
  a.node.hear(author.frame(0, ['true'], TOPIC))
  assert.deepEqual(a.texts, ['true'])
})

test('so many are looked at in a tick, and those past it are counted', () => {
  const a = new Net().add('a')
  const author = new Author(1)
  const forged = author.frame(0, ['x'], Buffer.alloc(32, 7))
  for (let time = 0; time < limits.gossipDatagramFrames; time++) a.node.hear(forged)
  assert.equal(a.node.stats.overrun, 0)
  a.node.hear(author.frame(0, ['true']))
  assert.equal(a.node.stats.overrun, 1)
  a.node.tick()
  a.node.hear(author.frame(0, ['true']))
  assert.deepEqual(a.texts, ['true'])
})
