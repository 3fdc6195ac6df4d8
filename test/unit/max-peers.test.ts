import assert from 'node:assert/strict'
import { within } from './helpers/wait.ts'
import { forEachWay, joinAll, metBy, untilConnected } from './helpers/ways.ts'

const server = { client: false }
const client = { server: false }

forEachWay('a full swarm lets nobody in: at the limit yes, one past it no', async (_t, meeting) => {
  const alice = meeting.create({ maxPeers: 3 })
  await within(alice.join('room', server).flushed(), 'flushed')
  const others = Array.from({ length: 4 }, () => meeting.create())
  for (const swarm of others) await within(swarm.join('room', client).flushed(), 'flushed')
  assert.deepEqual(
    others.map(({ connections }) => connections.size),
    [1, 1, 1, 0],
  )
  assert.equal(alice.connections.size, 3)
})

forEachWay('of many that come at once, as many are let in as there is room for', async (_t, meeting) => {
  const alice = meeting.create({ maxPeers: 3 })
  const byAlice = metBy(alice)
  await within(alice.join('room', server).flushed(), 'flushed')
  const others = Array.from({ length: 8 }, () => meeting.create())
  await within(Promise.all(others.map((swarm) => swarm.join('room', client).flushed())), 'flushed')
  await untilConnected(3, alice)
  assert.equal(byAlice.length, 3)
  assert.equal(others.filter(({ connections }) => connections.size === 1).length, 3)
})

forEachWay('a full swarm dials nobody, however often it looks', async (_t, meeting) => {
  const others = Array.from({ length: 4 }, () => meeting.create())
  for (const swarm of others) await within(swarm.join('room', server).flushed(), 'flushed')
  const alice = meeting.create({ maxPeers: 2 })
  const byAlice = metBy(alice)
  const discovery = alice.join('room', client)
  await within(discovery.flushed(), 'flushed')
  assert.deepEqual([alice.connections.size, byAlice.length], [2, 2])
  const met = others.map(metBy)
  for (let i = 0; i < 3; i++) await within(discovery.refresh(), 'refresh')
  assert.deepEqual(
    met.map((list) => list.length),
    [0, 0, 0, 0],
  )
  assert.equal(byAlice.length, 2)
})

forEachWay('who was turned away for want of room is let in when there is some', async (_t, meeting) => {
  const [alice, bob, carol] = [meeting.create({ maxPeers: 1 }), meeting.create(), meeting.create()]
  await within(alice.join('room', server).flushed(), 'flushed')
  await within(bob.join('room', client).flushed(), 'flushed')
  const discovery = carol.join('room', client)
  await within(discovery.flushed(), 'flushed')
  assert.equal(carol.connections.size, 0)
  await bob.destroy({ lingerMs: 0 })
  for (const stream of alice.connections) stream.destroy()
  await untilConnected(0, alice)
  await within(discovery.refresh(), 'refresh')
  await untilConnected(1, alice, carol)
})

forEachWay('the limit is for all topics together', async (_t, meeting) => {
  const alice = meeting.create({ maxPeers: 1 })
  await joinAll('one', alice)
  await joinAll('two', alice)
  const [bob, carol] = [meeting.create(), meeting.create()]
  await joinAll('one', bob)
  await joinAll('two', carol)
  assert.deepEqual(
    [alice, bob, carol].map(({ connections }) => connections.size),
    [1, 1, 0],
  )
})
