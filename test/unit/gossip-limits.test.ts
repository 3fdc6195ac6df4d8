/** Limits of gossip that no attack is needed for: at each, and one past it. */
import assert from 'node:assert/strict'
import { Duplex } from 'node:stream'
import test, { type TestContext } from 'node:test'
import { Channel } from '../../src/gossip/channel.ts'
import { Channels } from '../../src/gossip/channels.ts'
import { Operation } from '../../src/gossip/control.ts'
import { BATCH, decodeBatch, type Entry, Kind } from '../../src/gossip/envelope.ts'
import { Gossip } from '../../src/gossip/gossip.ts'
import { Outbox } from '../../src/gossip/outbox.ts'
import { Store } from '../../src/gossip/store.ts'
import { limits } from '../../src/limits.ts'
import { FrameType, frameHeader } from '../../src/protocol/frame.ts'
import { Link } from '../../src/protocol/link.ts'
import type { PeerInfo } from '../../src/swarm/peer.ts'
import { Hub, memory } from '../../src/transport/memory/memory.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { swarmError } from './helpers/errors.ts'
import { Author, Net, TOPIC } from './helpers/gossip-net.ts'
import { event, until } from './helpers/wait.ts'
import { createSwarm } from './helpers/ways.ts'

const entry = (bytes: number): Entry => ({ kind: Kind.bytes, body: Buffer.alloc(bytes) })

function outboxOf(...entries: readonly Entry[]): { outbox: Outbox; batches: number[] } {
  const batches: number[] = []
  const outbox = new Outbox({
    interval: -1,
    most: limits.gossipBatchMessages,
    maySend: () => true,
    send: ({ length }) => batches.push(length),
  })
  for (const one of entries) outbox.add(one)
  return { outbox, batches }
}

/** How many messages each batch of these has. */
function batchesOf(...entries: readonly Entry[]): number[] {
  const { outbox, batches } = outboxOf(...entries)
  outbox.flush()
  return batches
}

test('a batch has at most so many messages', () => {
  const entries = Array.from({ length: limits.gossipBatchMessages + 1 }, () => entry(1))
  assert.deepEqual(batchesOf(...entries), [limits.gossipBatchMessages, 1])
})

test('a batch has at most so many bytes', () => {
  const half = limits.gossipBatchBytes / 2
  assert.deepEqual(batchesOf(entry(half), entry(half)), [2])
  assert.deepEqual(batchesOf(entry(half), entry(half), entry(1)), [2, 1])
  assert.deepEqual(batchesOf(entry(half), entry(half + 1)), [1, 1])
})

test('the outbox is full at its limit, and not before', () => {
  const { outbox } = outboxOf(entry(limits.gossipOutboxBytes - 1), entry(1))
  assert.throws(() => outbox.add(entry(1)), swarmError('BUSY', /no room/))
  assert.equal(outbox.length, 2)
})

test('so many messages are kept, and the oldest make room', () => {
  const store = new Store()
  const { key } = new Author(1)
  const batch = decodeBatch(
    new Author(1).frame(
      0,
      Array.from({ length: 256 }, () => 'x'),
    ),
  )
  const batches = limits.gossipHistoryMessages / 256
  for (let at = 0; at < batches; at++) store.add({ ...batch, first: at * 256 })
  assert.equal(store.messages, limits.gossipHistoryMessages)
  assert.ok(store.overlaps({ key, first: 0, count: 1 }))
  store.add({ ...batch, first: batches * 256 })
  assert.equal(store.messages, limits.gossipHistoryMessages)
  assert.ok(!store.overlaps({ key, first: 0, count: 1 }))
  assert.ok(store.overlaps({ key, first: 256, count: 1 }))
})

test('what is ahead by the window is held, and one further gives the oldest gap up', () => {
  const net = new Net()
  const member = net.add('a')
  member.node.peerUp('b')
  const author = new Author(1)
  member.node.receive('b', author.frame(0, ['zero']))
  member.node.receive('b', author.frame(limits.gossipWindowMessages, ['held']))
  assert.deepEqual([member.texts, member.gaps.length], [['zero'], 0])
  member.node.receive('b', author.frame(limits.gossipWindowMessages + 1, ['further']))
  assert.deepEqual(
    member.gaps.map(({ from, to }) => [from, to]),
    [[1, 2]],
  )
})

test('what is there is announced to so many beyond the mesh in a tick', () => {
  const net = new Net()
  const member = net.add('a')
  for (let at = 0; at < 40; at++) member.node.peerUp(`p${at}`)
  for (let at = 0; at < 40; at++) member.node.receive(`p${at}`, Buffer.from([Operation.graft]))
  assert.equal(member.node.mesh.members.size, limits.gossipMeshLinksMax)
  member.publish('one')
  const pushed = member.sent.filter(({ frame }) => frame[0] === BATCH)
  assert.equal(pushed.length, limits.gossipMeshLinksMax)
  member.sent.length = 0
  member.node.tick()
  const told = member.sent.filter(({ frame }) => frame[0] === Operation.have)
  assert.equal(told.length, limits.gossipLazyLinks)
})

test('a gap is given up when it has stayed for its time, and not a tick before', () => {
  const member = new Net().add('a')
  member.node.peerUp('b')
  const author = new Author(1)
  member.node.receive('b', author.frame(0, ['zero']))
  member.node.receive('b', author.frame(2, ['two']))
  // The first tick sees that it is there.
  const ticks = 1 + Math.ceil(limits.gossipGapMs / limits.gossipTickMs)
  for (let tick = 1; tick < ticks; tick++) member.node.tick()
  assert.deepEqual([member.texts, member.gaps.length], [['zero'], 0])
  member.node.tick()
  assert.deepEqual([member.texts, member.gaps.length], [['zero', 'two'], 1])
})

const someone: PeerInfo = {
  id: '0'.repeat(32),
  name: 'someone',
  topic: TOPIC,
  topicName: '',
  client: true,
  transport: 'memory',
  verb: 'swarm',
  reads: [],
  writes: [],
  address: undefined,
  pid: undefined,
}

/** The channel with a peer that takes nothing. */
function stuckChannel(t: TestContext): Channel {
  const stream = new Duplex({ read() {}, write() {} })
  t.after(() => stream.destroy())
  return new Channel(
    new Link(stream),
    someone,
    () => {},
    () => true,
  )
}

test('what is published waits for a peer that is behind by more than the limit', (t) => {
  const channel = stuckChannel(t)
  channel.send(Buffer.alloc(limits.gossipAheadBytes - frameHeader(FrameType.gossip, 0).length), () => {})
  assert.equal(channel.queuedBytes, limits.gossipAheadBytes)
  assert.ok(!channel.isSlow, 'at the limit')
  channel.send(Buffer.alloc(0), () => {})
  assert.ok(channel.isSlow, 'past it')
})

test('nobody waits for a peer that has taken nothing for two ticks', (t) => {
  const channel = stuckChannel(t)
  channel.send(Buffer.alloc(limits.gossipAheadBytes), () => {})
  channel.tick()
  assert.ok(channel.isSlow)
  channel.tick()
  assert.ok(!channel.isSlow)
})

test('so many peers stay banned, and of one more the first is forgiven', (t) => {
  const { node } = new Net().add('a')
  const channels = new Channels(
    node,
    () => {},
    () => {},
  )
  const isBanned = (id: string) => {
    const stream = new Duplex({ read() {}, write() {} })
    t.after(() => stream.destroy())
    return !channels.open(stream, { ...someone, id })
  }
  for (let at = 0; at < limits.gossipBannedPeers; at++) channels.ban(`p${at}`)
  assert.ok(isBanned('p0'))
  channels.ban('one more')
  assert.ok(!isBanned('p0'))
  assert.ok(isBanned('p1') && isBanned('one more'))
})

/** A gossip, and a bare link with it. */
async function withStranger(t: TestContext): Promise<{ gossip: Gossip; link: Link; transport: Transport }> {
  const transport = memory(new Hub())
  const gossip = new Gossip(createSwarm(t, { transports: [transport] }), 'news')
  const stranger = createSwarm(t, { transports: [transport] })
  const met = new Promise<Link>((resolve) =>
    stranger.once('connection', (stream) => resolve(new Link(stream))),
  )
  stranger.join('news', { reads: ['messages'], writes: ['messages'] })
  await event(gossip, 'connected')
  return { gossip, link: await met, transport }
}

test('a link with more signatures than its share of a tick waits, and loses nothing', async (t) => {
  const { gossip, link } = await withStranger(t)
  const topic = gossip.swarm.topics()[0] ?? Buffer.alloc(0)
  const author = new Author(1)
  const count = limits.gossipVerifiedFrames * 2 + 10
  for (let seq = 0; seq < count; seq++) link.writeGossip(author.frame(seq, ['x'], topic), () => {})
  await until(() => gossip.stats.delivered >= limits.gossipVerifiedFrames, 'a first share')
  await until(() => gossip.stats.delivered === count, 'all of it')
})

test('a paused gossip reads nothing, and goes on where it was', async (t) => {
  const { gossip, link } = await withStranger(t)
  const topic = gossip.swarm.topics()[0] ?? Buffer.alloc(0)
  const author = new Author(1)
  gossip.pause()
  await new Promise<void>((resolve) => link.writeGossip(author.frame(0, ['x'], topic), () => resolve()))
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(gossip.stats.delivered, 0)
  gossip.resume()
  await until(() => gossip.stats.delivered === 1, 'the message')
})

test('a reader of for await that is behind by the limit pauses the links', async (t) => {
  const { gossip, link } = await withStranger(t)
  const topic = gossip.swarm.topics()[0] ?? Buffer.alloc(0)
  const author = new Author(1)
  const messages = gossip[Symbol.asyncIterator]()
  const first = messages.next()
  const count = limits.gossipUnreadMessages + 5_000
  for (let seq = 0; seq < count; seq += 100) {
    const words = Array.from({ length: 100 }, (_, at) => `${seq + at}`)
    link.writeGossip(author.frame(seq, words, topic), () => {})
  }
  assert.equal((await first).value?.data, '0')
  await until(() => gossip.stats.delivered > limits.gossipUnreadMessages, 'a full queue')
  assert.ok(gossip.stats.delivered < count, 'the rest waits')
  for (let at = 1; at < count; at++) assert.equal((await messages.next()).value?.data, `${at}`)
})

test('a flood of forged frames is looked at three times, and the others are heard meanwhile', async (t) => {
  const { gossip, link, transport } = await withStranger(t)
  const honest = new Gossip(createSwarm(t, { transports: [transport] }), 'news')
  await honest.linked(1)
  const heard: unknown[] = []
  gossip.on('message', ({ data }) => heard.push(data))
  const author = new Author(1)
  const flooded = new Promise<void>((resolve) => link.once('close', () => resolve()))
  for (let seq = 0; seq < 10_000; seq++) link.writeGossip(author.frame(seq, ['x']), () => {})
  for (let at = 0; at < 100; at++) honest.publish(at)
  await until(() => heard.length === 100, 'the honest messages')
  await flooded
  assert.equal(gossip.stats.forged, limits.gossipInvalidFrames)
  assert.deepEqual(heard, [...Array(100).keys()])
})
