/** Gossip over real swarms. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test, { type TestContext } from 'node:test'
import type { GossipOptions } from '../../src/gossip/api.ts'
import { seal } from '../../src/gossip/envelope.ts'
import { Gossip } from '../../src/gossip/gossip.ts'
import { KeyPair } from '../../src/gossip/key-pair.ts'
import type { GossipMessage } from '../../src/gossip/message.ts'
import { limits } from '../../src/limits.ts'
import { Link } from '../../src/protocol/link.ts'
import { toTopic } from '../../src/topic.ts'
import { Hub, memory } from '../../src/transport/memory/memory.ts'
import { swarmError } from './helpers/errors.ts'
import { text } from './helpers/gossip-net.ts'
import { event, until, within } from './helpers/wait.ts'
import { createSwarm, forEachWay, type Meeting } from './helpers/ways.ts'

/** Everything that a gossip hears, as it comes. */
function heardBy(gossip: Gossip): GossipMessage[] {
  const list: GossipMessage[] = []
  gossip.on('message', (message) => list.push(message))
  return list
}

function gossipOn(meeting: Meeting, options?: GossipOptions): Gossip {
  return new Gossip(meeting.create(), 'news', options)
}

const dataOf = (messages: readonly GossipMessage[]) => messages.map(({ data }) => data)

forEachWay(
  'strings, bytes and JSON values arrive as what they were, with who, when and in what order',
  async (_t, meeting) => {
    const [a, b] = [gossipOn(meeting), gossipOn(meeting)]
    const heard = heardBy(b)
    const before = Date.now()
    const published = [
      a.publish('text'),
      a.publish(Buffer.from([0, 255])),
      a.publish({ x: [1, null] }),
      a.publish(null),
    ]
    await until(() => heard.length === 4, 'four messages')
    assert.deepEqual(dataOf(heard), ['text', Buffer.from([0, 255]), { x: [1, null] }, null])
    assert.deepEqual(
      heard.map(({ type }) => type),
      ['text', 'bytes', 'json', 'json'],
    )
    for (const [index, { author, session, seq, time, receivedFrom }] of heard.entries()) {
      assert.deepEqual({ session, seq }, published[index])
      assert.equal(author, a.id)
      assert.equal(receivedFrom, a.swarm.id)
      assert.ok(time >= before && time <= Date.now())
    }
  },
)

forEachWay('what is published before the first peer is kept, and delivered to it', async (_t, meeting) => {
  const a = gossipOn(meeting)
  await a.listen()
  a.publish('early')
  a.publish('earlier')
  const heard = heardBy(gossipOn(meeting))
  await until(() => heard.length === 2, 'both')
  assert.deepEqual(dataOf(heard), ['early', 'earlier'])
})

forEachWay('connected is told once, and flushed when a peer has it', async (_t, meeting) => {
  const a = gossipOn(meeting)
  let count = 0
  a.on('connected', () => (count += 1))
  const [b, c] = [gossipOn(meeting), gossipOn(meeting)]
  await within(a.linked(2), 'linked')
  a.publish('one')
  await within(a.flushed(2), 'flushed')
  assert.equal(count, 1)
  assert.deepEqual(a.peers.map(({ id }) => id).sort(), [b, c].map(({ swarm }) => swarm.id).sort())
})

forEachWay(
  'a newcomer gets the last messages of those who are there, if it wants them',
  async (_t, meeting) => {
    const [a, b] = [gossipOn(meeting), gossipOn(meeting)]
    const heard = heardBy(b)
    for (let count = 0; count < 10; count++) a.publish(count)
    await until(() => heard.length === 10, 'all ten')
    await a.leave()
    const late = heardBy(gossipOn(meeting, { history: 3 }))
    await until(() => late.length === 3, 'the last three')
    assert.deepEqual(dataOf(late), [7, 8, 9])
  },
)

forEachWay('a peer that starts again with the same keys is heard', async (_t, meeting) => {
  const heard = heardBy(gossipOn(meeting))
  const keyPair = KeyPair.generate()
  for (const word of ['first', 'second']) {
    const author = gossipOn(meeting, { keyPair })
    author.publish(word)
    await within(author.flushed(), 'flushed')
    await until(() => dataOf(heard).includes(word), word)
    await author.leave()
  }
  assert.deepEqual(dataOf(heard), ['first', 'second'])
  assert.equal(new Set(heard.map(({ author }) => author)).size, 1)
  assert.equal(new Set(heard.map(({ session }) => session)).size, 2)
})

forEachWay('for await gives the messages, and ends when the topic is left', async (_t, meeting) => {
  const [a, b] = [gossipOn(meeting), gossipOn(meeting)]
  const messages = b[Symbol.asyncIterator]()
  const first = messages.next()
  a.publish('one')
  a.publish('two')
  const { value } = await within(first, 'a message')
  assert.equal(value?.data, 'one')
  assert.equal((await within(messages.next(), 'another')).value?.data, 'two')
  const last = messages.next()
  await b.leave()
  assert.equal((await within(last, 'the end')).done, true)
})

forEachWay('by hand: nothing is sent before gossip() is called', async (_t, meeting) => {
  const [a, b] = [gossipOn(meeting, { interval: -1 }), gossipOn(meeting)]
  const heard = heardBy(b)
  await event(b, 'connected')
  const [first, second] = [a.publish('one'), a.publish('two')]
  assert.deepEqual([first.seq, second.seq], [0, 1])
  const c = gossipOn(meeting)
  c.publish('by c')
  await until(() => heard.length === 1, 'the message of another')
  assert.deepEqual(dataOf(heard), ['by c'])
  a.gossip()
  await until(() => heard.length === 3, 'those of a')
})

forEachWay('an interval gathers what is published in it', async (_t, meeting) => {
  const [a, b] = [gossipOn(meeting, { interval: 20 }), gossipOn(meeting)]
  const heard = heardBy(b)
  a.publish('one')
  a.publish('two')
  await until(() => heard.length === 2, 'both')
  assert.deepEqual(dataOf(heard), ['one', 'two'])
})

forEachWay('who is not accepted is not heard, and passed on all the same', async (_t, meeting) => {
  const [a, b, c] = [gossipOn(meeting), gossipOn(meeting, { accept: () => false }), gossipOn(meeting)]
  const [atB, atC] = [heardBy(b), heardBy(c)]
  // Who comes when it has been said already has not asked for it.
  await Promise.all([b, c].map((gossip) => within(gossip.listen(), 'listening')))
  a.publish('one')
  await until(() => atC.length === 1 && b.stats.delivered === 1, 'at c, and through b')
  assert.deepEqual(atB, [])
})

forEachWay('many peers and many messages: each once to each, in order', async (_t, meeting) => {
  const all = Array.from({ length: 12 }, () => gossipOn(meeting))
  const heard = all.map(heardBy)
  await Promise.all(all.map((gossip) => within(gossip.listen(), 'listening')))
  for (let count = 0; count < 20; count++) {
    for (const gossip of all) gossip.publish(count)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await until(() => heard.every((list) => list.length >= 220), 'all at all')
  for (const list of heard) {
    const byAuthor = new Map<string, unknown[]>()
    for (const { author, data } of list) byAuthor.set(author, [...(byAuthor.get(author) ?? []), data])
    assert.equal(byAuthor.size, 11)
    for (const data of byAuthor.values())
      assert.deepEqual(
        data,
        Array.from({ length: 20 }, (_, index) => index),
      )
  }
})

forEachWay('a full outbox refuses more, and takes it when there is room again', async (_t, meeting) => {
  const a = gossipOn(meeting)
  const long = 'x'.repeat(limits.gossipMessageBytes)
  const fits = Math.floor(limits.gossipOutboxBytes / long.length)
  for (let count = 0; count < fits; count++) a.publish(long)
  assert.throws(() => a.publish('x'), swarmError('BUSY', /no room/))
  const ready = a.ready()
  const heard = heardBy(gossipOn(meeting))
  await within(ready, 'room')
  a.publish('after')
  await until(() => heard.length === fits + 1, 'all of it')
  assert.equal(heard.at(-1)?.data, 'after')
})

test('what cannot be published is refused', async (t) => {
  const gossip = lonely(t)
  const circle: Record<string, unknown> = {}
  circle.self = circle
  const long = 'x'.repeat(limits.gossipMessageBytes)
  gossip.publish(long)
  for (const data of [undefined, () => {}, circle, 1n, `${long}x`, Buffer.alloc(long.length + 1)]) {
    assert.throws(() => gossip.publish(data), swarmError('OPTION_INVALID'))
  }
  await gossip.leave()
  assert.throws(() => gossip.publish('x'), swarmError('DESTROYED'))
  await assert.rejects(gossip.flushed(), swarmError('DESTROYED'))
})

test('wrong options are refused', (t) => {
  const { swarm } = lonely(t)
  for (const options of [{ history: -1 }, { history: limits.gossipHistoryMessages + 1 }, { interval: -2 }]) {
    assert.throws(() => new Gossip(swarm, 'other', options), swarmError('OPTION_INVALID'))
  }
  assert.throws(() => new Gossip(swarm, 'news'), swarmError('OPTION_INVALID', /joined this topic already/))
  assert.throws(() => new Gossip(swarm, ''), swarmError('TOPIC_INVALID'))
})

forEachWay(
  'a flood of bad signatures: who sends them is banned, and others keep their rate',
  async (_t, meeting) => {
    const [a, b] = [gossipOn(meeting), gossipOn(meeting)]
    const heard = heardBy(b)
    await Promise.all([event(a, 'connected'), event(b, 'connected')])
    const author = KeyPair.from(createHash('sha256').update('somebody').digest())
    const given = { topic: toTopic('news').key, session: Buffer.alloc(8), first: 0, time: 0 }
    const forged = Buffer.from(seal([text('forged')], author, given).frame)
    forged.write('x', forged.length - 1)
    const evil = meeting.create()
    let connections = 0
    evil.on('connection', (stream) => {
      connections += 1
      const link = new Link(stream)
      const flood = () => {
        if (link.ending) return
        for (let count = 0; count < 500; count++) link.writeGossip(forged, () => {})
        setImmediate(flood)
      }
      flood()
    })
    const banned = event(b, 'ban')
    evil.join('news', { reads: ['messages'], writes: ['messages'] })
    for (let count = 0; count < 2000; count++) {
      a.publish(count)
      if (count % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
    }
    await banned
    await until(() => heard.length === 2000, 'all that the honest peer said')
    assert.ok(connections >= 1)
    assert.ok(
      b.stats.forged <= limits.gossipInvalidFrames * connections,
      'three for each connection, and no more',
    )
  },
)

forEachWay('a peer that says nothing of gossip is no neighbour', async (_t, meeting) => {
  const raw = meeting.create()
  let count = 0
  raw.on('connection', () => (count += 1))
  await raw.join('news').flushed()
  const [a, b] = [gossipOn(meeting), gossipOn(meeting)]
  const heard = heardBy(b)
  a.publish('one')
  await until(() => heard.length === 1, 'a message')
  assert.equal(count, 0)
})

/** Alone on its topic. */
function lonely(t: TestContext): Gossip {
  return new Gossip(createSwarm(t, { transports: [memory(new Hub())] }), 'news')
}
