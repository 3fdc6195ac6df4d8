import assert from 'node:assert/strict'
import test from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Swarm } from '../../src/swarm/swarm.ts'
import { toTopic } from '../../src/topic.ts'
import { Hub, memory } from '../../src/transport/memory/memory.ts'
import { swarmError } from './helpers/errors.ts'
import { event, turns, until, within } from './helpers/wait.ts'
import { forEachWay, joinAll, metBy, untilConnected } from './helpers/ways.ts'

forEachWay('leave keeps the connections, and the swarm is found no longer', async (_t, meeting) => {
  const [alice, bob, carol] = [meeting.create(), meeting.create(), meeting.create()]
  const byAlice = metBy(alice)
  await joinAll('room', alice, bob)
  await untilConnected(1, alice, bob)
  await within(alice.leave('room'), 'leave')
  await joinAll('room', carol)
  await untilConnected(2, bob)
  await untilConnected(1, alice, carol)
  assert.equal(carol.peers.has(alice.id), false)
  const received = new Promise((resolve) => byAlice[0]?.stream.once('data', resolve))
  const [stream] = bob.connections
  stream?.write('still here')
  assert.equal(String(await within(received, 'a word on the old connection')), 'still here')
})

forEachWay('a swarm that left does not look for others any more', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  const discovery = alice.join('room')
  await within(discovery.flushed(), 'flushed')
  await alice.leave('room')
  await joinAll('room', bob)
  await assert.rejects(within(discovery.refresh(), 'refresh'), swarmError('DESTROYED'))
  assert.deepEqual([alice.connections.size, bob.connections.size], [0, 0])
})

forEachWay('joining twice gives two sessions, and the topic is left with the last', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  const [one, two] = [alice.join('room'), alice.join('room')]
  assert.notEqual(one, two)
  await Promise.all([one.flushed(), two.flushed()])
  await one.destroy()
  assert.deepEqual([one.destroyed, two.destroyed], [true, false])
  assert.equal(alice.status('room'), two)
  await joinAll('room', bob)
  await untilConnected(1, alice, bob)
  await two.destroy()
  await two.destroy()
  await one.destroy()
  assert.equal(alice.status('room'), null)
  assert.equal(alice.connections.size, 1)
  const carol = meeting.create()
  await joinAll('room', carol)
  await untilConnected(1, carol)
  assert.equal(carol.peers.has(alice.id), false)
})

forEachWay('leave ends all sessions of the topic, and no other topic', async (_t, meeting) => {
  const alice = meeting.create()
  const sessions = [alice.join('one'), alice.join('one'), alice.join('two')]
  await alice.flush()
  await within(alice.leave('one'), 'leave')
  assert.deepEqual(
    sessions.map(({ destroyed }) => destroyed),
    [true, true, false],
  )
  assert.deepEqual(
    alice.topics().map((key) => key.toString('hex')),
    [toTopic('two').hex],
  )
  await alice.leave('one')
  await alice.leave('never joined')
})

forEachWay('a second session can add a role to the first', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  await within(alice.join('room', { server: false }).flushed(), 'flushed')
  await within(bob.join('room', { server: false }).flushed(), 'flushed')
  assert.equal(bob.connections.size, 0)
  await within(alice.join('room', { client: false }).flushed(), 'flushed')
  await within(bob.status('room')?.refresh() ?? Promise.reject(), 'refresh')
  await untilConnected(1, alice, bob)
})

forEachWay('joining again after leaving keeps the one connection of the pair', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  const met = [alice, bob].map(metBy)
  await joinAll('room', alice, bob)
  await untilConnected(1, alice, bob)
  await alice.leave('room')
  await joinAll('room', alice)
  for (const swarm of [bob, alice, bob]) {
    await within(swarm.status('room')?.refresh() ?? Promise.reject(), 'refresh')
  }
  assert.deepEqual([alice.connections.size, bob.connections.size], [1, 1])
  assert.deepEqual(
    met.map((list) => list.length),
    [1, 1],
  )
  await Promise.all([alice.leave('room'), bob.leave('room')])
  await joinAll('room', alice, bob)
  assert.deepEqual([alice.connections.size, bob.connections.size], [1, 1])
  assert.deepEqual(
    met.map((list) => list.length),
    [1, 1],
  )
})

forEachWay('a topic can be joined again while it is still being left', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  await joinAll('room', alice)
  const left = alice.leave('room')
  const session = alice.join('room')
  await within(left, 'leave')
  assert.equal(alice.status('room'), session)
  await within(session.flushed(), 'flushed')
  await joinAll('room', bob)
  await untilConnected(1, alice, bob)
})

forEachWay('status and topics tell what is joined', async (_t, meeting) => {
  const alice = meeting.create()
  assert.deepEqual([alice.status('room'), alice.topics()], [null, []])
  const session = alice.join('room', { client: false })
  assert.equal(alice.status('room'), session)
  assert.equal(alice.status(toTopic('room').key), session)
  assert.deepEqual([session.isServer, session.isClient, session.destroyed], [true, false, false])
  assert.ok(session.topic.equals(toTopic('room').key))
  alice.join(Buffer.alloc(32))
  assert.deepEqual(
    alice.topics().map((key) => key.toString('hex')),
    [toTopic('room').hex, '00'.repeat(32)],
  )
})

forEachWay('flush resolves when all that were there are connected', async (_t, meeting) => {
  const [alice, bob, carol] = [meeting.create(), meeting.create(), meeting.create()]
  await joinAll('one', alice)
  await joinAll('two', bob)
  carol.join('one')
  carol.join('two')
  await within(carol.flush(), 'flush')
  assert.equal(carol.connections.size, 2)
  await within(meeting.create().flush(), 'flush of nothing')
})

forEachWay('listen resolves when the swarm can be met', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  alice.join('room', { client: false })
  await within(alice.listen(), 'listen')
  const met = event(alice, 'connection')
  bob.join('room')
  await met
})

test('a session needs a role', async () => {
  const swarm = new Swarm()
  assert.throws(
    () => swarm.join('room', { server: false, client: false }),
    swarmError('OPTION_INVALID', /as server, as client/),
  )
  assert.deepEqual(swarm.topics(), [])
  await swarm.destroy()
})

test('a destroyed swarm joins nothing', async () => {
  const swarm = new Swarm()
  await swarm.destroy()
  assert.ok(swarm.destroyed)
  assert.throws(() => swarm.join('room'), swarmError('DESTROYED'))
  await swarm.leave('room')
  await assert.rejects(swarm.flush(), swarmError('DESTROYED'))
  await assert.rejects(swarm.listen(), swarmError('DESTROYED'))
  await swarm.destroy()
})

forEachWay('nothing is emitted after destroy', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  const byAlice = metBy(alice)
  await joinAll('room', alice)
  const destroyed = alice.destroy()
  bob.join('room')
  await destroyed
  const met = byAlice.length
  await bob.flush()
  await turns(10)
  assert.equal(byAlice.length, met)
  assert.equal(alice.connections.size, 0)
  assert.equal(bob.connections.size, 0)
})

forEachWay(
  'a session ends without an error, though its topic was left or its swarm destroyed',
  async (_t, meeting) => {
    const alice = meeting.create()
    const left = [alice.join('one'), alice.join('one')]
    await alice.flush()
    await within(alice.leave('one'), 'leave')
    const ended = [alice.join('two'), alice.join('two')]
    const ends = Promise.all([...left, ended[0]].map((session) => session?.destroy()))
    await within(alice.destroy({ lingerMs: 0 }), 'destroy')
    await within(ends, 'the end of sessions')
    await within(ended[1]?.destroy() ?? Promise.reject(), 'the end of a session')
  },
)

forEachWay('joining and leaving often adds no listener to a connection that stays', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  await joinAll('room', alice, bob)
  await untilConnected(1, alice, bob)
  const [stream] = bob.connections
  const listeners = () => stream?.eventNames().map((name) => [name, stream.listenerCount(name)])
  await bob.leave('room')
  bob.join('room')
  const before = listeners()
  for (let round = 0; round < 12; round++) {
    await bob.leave('room')
    bob.join('room')
  }
  assert.deepEqual(listeners(), before)
  stream?.destroy()
  await untilConnected(1, alice, bob)
})

forEachWay("destroy in a 'close' listener before ours leaves no connection", async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  await joinAll('room', alice, bob)
  await untilConnected(1, alice, bob)
  const [stream] = bob.connections
  const left = new Promise<number>((resolve) => {
    stream?.prependListener('close', () => {
      void bob.destroy().then(() => resolve(bob.connections.size))
    })
  })
  stream?.destroy()
  assert.equal(await within(left, 'destroy'), 0)
})

test('a swarm keeps nothing of a session that has ended, however many there were', async () => {
  const swarm = new Swarm({ transports: [memory(new Hub())] })
  const joinOnce = async (): Promise<WeakRef<object>> => {
    const session = swarm.join('room')
    await session.flushed()
    await session.destroy()
    return new WeakRef(session)
  }
  const ended: WeakRef<object>[] = []
  for (let round = 0; round < 5; round++) ended.push(await joinOnce())
  swarm.join('room')
  setFlagsFromString('--expose-gc')
  const collect: () => void = runInNewContext('gc')
  await until(() => {
    collect()
    return ended.every((session) => session.deref() === undefined)
  }, 'all are collected')
  await swarm.destroy()
})
