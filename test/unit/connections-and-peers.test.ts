/** Connections and peers lead to each other: from a stream to who it is, and from a peer to its streams. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type { Swarm } from '../../src/index.ts'
import { KINDS, meetingOver } from './helpers/places.ts'
import { event, turns } from './helpers/wait.ts'
import { metBy, polite, untilConnected } from './helpers/ways.ts'

/** Every stream has its peer, every peer its streams, and there is nothing else. */
function assertConsistent(swarm: Swarm): void {
  const ids = new Set<string>()
  for (const stream of swarm.connections) {
    const info = swarm.infoOf(stream)
    assert.ok(info, 'a stream of nobody')
    ids.add(info.id)
    assert.ok(swarm.connectionsOf(info.id).includes(stream))
  }
  assert.deepEqual([...swarm.peers.keys()].sort(), [...ids].sort())
  let count = 0
  for (const [id, info] of swarm.peers) {
    assert.equal(info.id, id)
    const streams = swarm.connectionsOf(id)
    assert.ok(streams.length > 0, 'a peer without a stream')
    assert.ok(streams.some((stream) => swarm.infoOf(stream) === info))
    assert.equal(new Set(streams).size, streams.length)
    count += streams.length
  }
  assert.equal(count, swarm.connections.size)
}

for (const kind of KINDS) {
  test(`${kind}: from a stream to its peer, and from a peer to its streams on all topics`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const [host, guest] = [meeting.create('host'), polite(meeting.create('guest'))]
    const met = metBy(host)
    // What a listener throws is a warning.
    const warnings: string[] = []
    host.on('warning', (message) => warnings.push(message))
    host.on('connection', (stream, info) => {
      assert.equal(host.infoOf(stream), info)
      assertConsistent(host)
      stream.once('close', () => {
        assert.equal(host.infoOf(stream), undefined)
        assert.equal(host.connectionsOf(info.id).includes(stream), false)
        assertConsistent(host)
      })
    })
    for (const topic of ['one', 'two', 'three']) for (const swarm of [host, guest]) swarm.join(topic)
    await untilConnected(3, host, guest)
    for (const swarm of [host, guest]) assertConsistent(swarm)
    assert.deepEqual(new Set(host.connectionsOf(guest.id)), host.connections)
    assert.deepEqual(
      host
        .connectionsOf(guest.id)
        .map((stream) => host.infoOf(stream)?.topicName)
        .sort(),
      ['one', 'three', 'two'],
    )
    host.connectionsOf(guest.id).pop()
    assert.equal(host.connectionsOf(guest.id).length, 3, 'what is given is a copy')
    assert.deepEqual(host.connectionsOf('0'.repeat(32)), [])
    await host.leave('one')
    assertConsistent(host)
    for (const [index, { stream }] of met.entries()) {
      const closed = event(stream, 'close')
      stream.destroy()
      await closed
      assert.equal(host.infoOf(stream), undefined)
      // Whoever looks again may be linked anew: counts are not said here, only that all agrees.
      assertConsistent(host)
      if (index === 0) assert.ok(host.peers.has(guest.id), 'there on other topics still')
    }
    await guest.destroy({ lingerMs: 0 })
    await untilConnected(0, host)
    assert.deepEqual([host.peers.size, host.connectionsOf(guest.id)], [0, []])
    assert.deepEqual(warnings, [])
  })
}

test('connections and peers agree in a crowd that comes, goes, leaves and joins again', async (t) => {
  const meeting = await meetingOver(t, 'short circuit')
  const swarms = Array.from({ length: 6 }, () => polite(meeting.create('host')))
  const warnings: string[] = []
  for (const swarm of swarms)
    swarm
      .on('warning', (message) => warnings.push(message))
      .on('connection', (stream) => {
        assertConsistent(swarm)
        stream.once('close', () => assertConsistent(swarm))
      })
  const topics = ['one', 'two', 'three']
  for (let step = 0; step < 120; step++) {
    const swarm = swarms[(step * 7) % swarms.length]
    const topic = topics[(step * 5) % topics.length]
    assert.ok(swarm && topic)
    if (step % 4 === 3) await swarm.leave(topic)
    else if (step % 6 === 5) for (const stream of swarm.connections) stream.destroy()
    else swarm.join(topic)
    await turns(3)
    for (const one of swarms) assertConsistent(one)
  }
  assert.ok(swarms.some(({ connections }) => connections.size > 0))
  assert.deepEqual(warnings, [])
})
