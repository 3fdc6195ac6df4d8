/** Attacks on gossip, each with what must come of it. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { encodeControl, Operation } from '../../src/gossip/control.ts'
import { BATCH, decodeBatch, HEAD_BYTES, partOf, readHead } from '../../src/gossip/envelope.ts'
import { verifierOf } from '../../src/gossip/key-pair.ts'
import { GossipNode } from '../../src/gossip/node.ts'
import { Session, Sessions } from '../../src/gossip/sessions.ts'
import { limits } from '../../src/limits.ts'
import { swarmError } from './helpers/errors.ts'
import { Author, Member, Net, TOPIC } from './helpers/gossip-net.ts'

/** A victim with a neighbour that is honest and one that is not. */
function scene(): { net: Net; victim: Member; author: Author } {
  const net = new Net()
  const victim = net.add('victim')
  victim.node.peerUp('honest')
  victim.node.peerUp('evil')
  return { net, victim, author: new Author(1) }
}

/** The same frame with one byte changed. */
function flipped(frame: Buffer, at: number): Buffer {
  const copy = Buffer.from(frame)
  copy[at] = (copy[at] ?? 0) ^ 1
  return copy
}

test('a forged signature with the next number is dropped, and the true message is delivered', () => {
  const { victim, author } = scene()
  victim.node.receive('honest', author.frame(0, ['zero']))
  const forged = author.frame(1, ['one'])
  forged.write('two', forged.length - 3)
  victim.node.receive('evil', forged)
  assert.deepEqual(victim.texts, ['zero'])
  victim.node.receive('honest', author.frame(1, ['one']))
  assert.deepEqual(victim.texts, ['zero', 'one'])
  assert.equal(victim.node.stats.forged, 1)
})

test('a change of any byte of a batch, but its operation, makes it nobody’s', () => {
  const author = new Author(1)
  const frame = author.frame(0, ['zero', 'one'])
  for (let at = 1; at < frame.length; at++) {
    const victim = new Member('victim')
    victim.node.peerUp('evil')
    victim.node.receive('evil', flipped(frame, at))
    assert.deepEqual(victim.texts, [], `byte ${at}`)
    assert.equal(victim.node.stats.forged + victim.node.stats.malformed, 1, `byte ${at}`)
  }
})

test('what was not believed is not passed on', () => {
  const { victim, author } = scene()
  victim.sent.length = 0
  victim.node.receive('evil', flipped(author.frame(0, ['zero']), 100))
  assert.deepEqual(victim.textsTo('honest'), [])
})

test('a replay in the same topic is delivered once, at any later time', () => {
  const { net, victim, author } = scene()
  const frame = author.frame(0, ['zero'])
  victim.node.receive('honest', frame)
  for (let count = 0; count < 100; count++) {
    victim.node.receive('evil', frame)
    net.tick()
  }
  assert.deepEqual(victim.texts, ['zero'])
})

test('a replay of what is no longer kept is not delivered either', () => {
  const { victim, author } = scene()
  const first = author.frame(0, ['zero'])
  victim.node.receive('honest', first)
  const long = 'x'.repeat(60_000)
  const frames = Math.ceil(limits.gossipHistoryBytes / long.length) + 2
  for (let seq = 1; seq <= frames; seq++) victim.node.receive('honest', author.frame(seq, [long]))
  assert.equal(victim.node.store.has(readHead(first)), false, 'no longer kept')
  assert.ok(victim.node.store.bytes <= limits.gossipHistoryBytes)
  victim.node.receive('evil', first)
  assert.equal(victim.texts.filter((text) => text === 'zero').length, 1)
})

test('a replay in another topic is a forgery there', () => {
  const { victim, author } = scene()
  victim.node.receive('evil', author.frame(0, ['zero'], Buffer.alloc(32, 7)))
  assert.deepEqual(victim.texts, [])
  assert.equal(victim.node.stats.forged, 1)
})

test('a jump of the author’s own numbers past the limit is not believed, and mutes nobody', () => {
  const { victim, author } = scene()
  victim.node.receive('honest', author.frame(0, ['zero']))
  const at = limits.gossipJumpMessages + 1
  victim.node.receive('evil', author.frame(at + 1, ['far']))
  assert.equal(victim.node.stats.quarantined, 1)
  victim.node.receive('honest', author.frame(1, ['one']))
  assert.deepEqual(victim.texts, ['zero', 'one'])
})

test('a jump at the limit is believed: what is between is a gap, and no more is held than the window', () => {
  const { net, victim, author } = scene()
  victim.node.receive('honest', author.frame(0, ['zero']))
  victim.node.receive('evil', author.frame(limits.gossipJumpMessages + 1, ['far']))
  assert.equal(victim.node.stats.quarantined, 0)
  net.despair()
  net.despair()
  assert.deepEqual(victim.texts, ['zero', 'far'])
  assert.equal(victim.node.stats.missed, limits.gossipJumpMessages)
})

test('numbers at and past 2^53, and 2^64 - 1, are refused', () => {
  const { victim, author } = scene()
  for (const seq of [2n ** 53n - 1n, 2n ** 53n, 2n ** 64n - 1n]) {
    const frame = author.frame(0, ['zero'])
    frame.writeBigUInt64BE(seq, 41)
    assert.throws(() => readHead(frame), swarmError('PROTOCOL', /past 2\^53/))
    victim.node.receive('evil', frame)
  }
  assert.equal(victim.node.stats.malformed, 3)
  assert.deepEqual(victim.bans, ['evil'])
})

test('of two messages with one number the first is kept, and both are shown', () => {
  const { victim, author } = scene()
  const other = author.frame(0, ['another'])
  victim.node.receive('honest', author.frame(0, ['zero']))
  victim.node.receive('evil', other)
  victim.node.receive('evil', other)
  assert.deepEqual(victim.texts, ['zero'])
  const shown = victim.conflicts.map(({ kept, other }) =>
    [kept, other].map(({ item }) => item.body.toString()),
  )
  assert.deepEqual(shown, [['zero', 'another']])
  assert.deepEqual(victim.textsTo('honest'), [], 'the second is not passed on')
})

test('two messages with one number are noticed also inside other batches', () => {
  const { victim, author } = scene()
  victim.node.receive('honest', author.frame(0, ['zero', 'one', 'two']))
  victim.node.receive('evil', author.frame(2, ['other', 'three']))
  assert.deepEqual(victim.texts, ['zero', 'one', 'two', 'three'])
  assert.deepEqual(
    victim.conflicts.map(({ kept }) => kept.item.seq),
    [2],
  )
})

test('a second signature of the same message is no second message', () => {
  const { victim, author } = scene()
  victim.node.receive('honest', author.frame(0, ['zero', 'one']))
  victim.node.receive('evil', author.frame(0, ['zero']))
  assert.deepEqual(victim.texts, ['zero', 'one'])
  assert.deepEqual(victim.conflicts, [])
})

test('a million invented authors leave the memory bounded, and the honest ones known', () => {
  const sessions = new Sessions()
  const honest = Array.from({ length: 100 }, (_, at) => `honest ${at}`)
  for (const key of honest) sessions.add(new Session(key, () => true, 'a neighbour', 0))
  for (let at = 0; at < 1_000_000; at++) sessions.add(new Session(`invented ${at}`, () => true, 'evil', 0))
  assert.equal(sessions.all.size, limits.gossipSessions)
  for (const key of honest) assert.ok(sessions.all.get(key) !== undefined, key)
})

test('a link brings so many new authors at once, and one past them is not looked at', () => {
  const verified: string[] = []
  const node = new GossipNode(
    {
      topic: TOPIC,
      signer: new Author(0).keyPair,
      session: Buffer.alloc(8),
      history: 0,
      verifierOf: (key) => () => verified.push(Buffer.from(key).toString('hex')) > 0,
      random: () => 0,
    },
    {
      send: () => {},
      ban: () => assert.fail('banned'),
      deliver: () => {},
      gap: () => {},
      equivocation: () => {},
    },
  )
  node.settle()
  node.peerUp('evil')
  node.peerUp('honest')
  const frame = new Author(1).frame(0, ['hello'])
  for (let at = 0; at < limits.gossipNewSessions + 1; at++) {
    frame.writeUInt32BE(at, 1)
    node.receive('evil', frame)
  }
  assert.equal(verified.length, limits.gossipNewSessions)
  assert.equal(node.stats.strangers, 1)
  frame.writeUInt32BE(limits.gossipNewSessions + 1, 1)
  node.receive('honest', frame)
  assert.equal(node.stats.delivered, limits.gossipNewSessions + 1, 'other links are not concerned')
})

test('claims of sessions that nobody has are forgotten, and no gap is invented', () => {
  const { net, victim } = scene()
  for (let at = 0; at < 50; at++) {
    const ranges = [{ key: new Author(at).key, from: 0, to: 1_000_000 }]
    for (const frame of encodeControl(Operation.have, ranges)) victim.node.receive('evil', frame)
  }
  net.despair()
  net.despair()
  assert.deepEqual(victim.gaps, [])
})

test('a message at the limit is taken, and one byte past it is refused', () => {
  const { victim, author } = scene()
  victim.node.receive('honest', author.frame(0, ['x'.repeat(limits.gossipMessageBytes)]))
  assert.equal(victim.texts[0]?.length, limits.gossipMessageBytes)
  const frame = author.frame(1, ['x'])
  const long = Buffer.concat([frame, Buffer.alloc(limits.gossipMessageBytes)])
  long.writeUInt32BE(limits.gossipMessageBytes + 1, HEAD_BYTES + 1)
  victim.node.receive('evil', long)
  assert.equal(victim.node.stats.malformed, 1)
})

test('a batch of 256 messages is taken, and one more is refused', () => {
  const { victim, author } = scene()
  const words = Array.from({ length: limits.gossipBatchMessages }, (_, at) => `${at}`)
  victim.node.receive('honest', author.frame(0, words))
  assert.equal(victim.texts.length, limits.gossipBatchMessages)
  const frame = author.frame(words.length, ['x'])
  frame.writeUInt16BE(limits.gossipBatchMessages + 1, 49)
  victim.node.receive('evil', frame)
  assert.equal(victim.node.stats.malformed, 1)
})

test('malformed frames end the link at the third, whatever is wrong with them', () => {
  const author = new Author(1)
  const frame = author.frame(0, ['zero', 'one'])
  const part = partOf(decodeBatch(author.frame(0, ['zero', 'y'.repeat(500)])), (seq) => seq === 0)
  const wrong = [
    ...Array.from({ length: frame.length - 1 }, (_, at) => frame.subarray(0, at + 1)),
    ...Array.from({ length: part.length - 1 }, (_, at) => part.subarray(0, at + 1)),
    Buffer.concat([frame, Buffer.from('x')]),
    flipped(part, part.length - 1),
    Buffer.from([Operation.have, 1, 2, 3]),
    Buffer.from([Operation.want, ...Buffer.alloc(55)]),
  ]
  for (const bytes of wrong) {
    const victim = new Member('victim')
    victim.node.peerUp('evil')
    for (let count = 0; count < limits.gossipInvalidFrames; count++) {
      assert.deepEqual(victim.bans, [], 'not before the third')
      victim.node.receive('evil', bytes)
    }
    assert.deepEqual(victim.bans, ['evil'], bytes.toString('hex'))
    assert.deepEqual(victim.texts, [])
  }
})

test('an operation that is not known is skipped: a newer peer may say more', () => {
  const { victim } = scene()
  for (const operation of [0, 12, 255].filter((one) => one > Operation.recent)) {
    for (let count = 0; count < 5; count++) victim.node.receive('evil', Buffer.from([operation, 1, 2]))
  }
  assert.deepEqual(victim.bans, [])
})

test('who asks for everything again and again gets its share of a tick', () => {
  const { victim, author } = scene()
  const long = 'x'.repeat(60_000)
  for (let seq = 0; seq < 100; seq++) victim.node.receive('honest', author.frame(seq, [long]))
  victim.sent.length = 0
  for (let count = 0; count < 20; count++) {
    const ranges = [{ key: author.key, from: 0, to: 100 }]
    for (const frame of encodeControl(Operation.want, ranges)) victim.node.receive('evil', frame)
  }
  const bytes = victim.sent.reduce((sum, { frame }) => sum + (frame[0] === BATCH ? frame.length : 0), 0)
  assert.ok(bytes <= limits.gossipServedBytes + 2 * long.length, `${bytes} bytes`)
})

test('what comes before its turn is held within the window and within its bytes', () => {
  const { victim, author } = scene()
  const long = 'x'.repeat(60_000)
  const count = Math.ceil(limits.gossipHeldBytes / long.length) + 10
  for (let seq = 1; seq <= count; seq++) victim.node.receive('evil', author.frame(seq, [long]))
  assert.equal(victim.gaps.length, 1, 'the gap before them was given up to make room')
  assert.equal(victim.texts.length, count)
})

test('a peer that is banned has no say any more', () => {
  const { victim, author } = scene()
  for (let count = 0; count < 3; count++) victim.node.receive('evil', flipped(author.frame(0, ['zero']), 100))
  assert.deepEqual(victim.bans, ['evil'])
  victim.node.receive('evil', author.frame(0, ['zero']))
  assert.deepEqual(victim.texts, [])
})

test('a key whose point is of small order signs for nobody', () => {
  assert.equal(verifierOf(Buffer.alloc(32)), undefined)
})
