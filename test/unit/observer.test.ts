import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { limits } from '../../src/limits.ts'
import { toTopic } from '../../src/topic.ts'
import { swarmError } from './helpers/errors.ts'
import { turns, until, within } from './helpers/wait.ts'
import { forEachWay, idsOf, joinAll, metBy, overSockets, polite, untilConnected } from './helpers/ways.ts'

forEachWay("an observer sees the peers, and is nobody's peer", async (_t, meeting) => {
  const [alice, bob] = [meeting.create({ name: 'alice' }), meeting.create({ name: 'bob' })]
  await joinAll('room', alice, bob)
  await untilConnected(1, alice, bob)
  const met = [alice, bob].map(metBy)
  const observer = meeting.create({ observer: true })
  await joinAll('room', observer)
  assert.deepEqual(idsOf(observer.peers.values()), idsOf([alice, bob]))
  assert.deepEqual([...observer.peers.values()].map(({ name }) => name).sort(), ['alice', 'bob'])
  assert.deepEqual(
    met.map((list) => list.length),
    [0, 0],
  )
  for (const swarm of [alice, bob]) {
    assert.equal(swarm.connections.size, 1)
    assert.equal(swarm.peers.has(observer.id), false)
  }
})

forEachWay('an observer sees who comes after it, and who goes', async (_t, meeting) => {
  const observer = meeting.create({ observer: true })
  polite(observer)
  const discovery = observer.join('room')
  await within(discovery.flushed(), 'flushed')
  const alice = meeting.create()
  await joinAll('room', alice)
  await within(discovery.refresh(), 'refresh')
  assert.deepEqual([...observer.peers.keys()], [alice.id])
  await within(alice.destroy(), 'destroy')
  await until(() => observer.peers.size === 0, 'the peer is gone')
})

forEachWay('observers do not see each other, and need no room', async (_t, meeting) => {
  const [alice, bob] = [meeting.create({ maxPeers: 1 }), meeting.create()]
  await joinAll('room', alice, bob)
  const observers = Array.from({ length: 3 }, () => meeting.create({ observer: true }))
  await joinAll('room', ...observers)
  for (const observer of observers) assert.deepEqual(idsOf(observer.peers.values()), idsOf([alice, bob]))
})

forEachWay('the firewall is not asked about an observer', async (_t, meeting) => {
  const alice = meeting.create({ firewall: () => true })
  await joinAll('room', alice)
  const observer = meeting.create({ observer: true })
  await joinAll('room', observer)
  assert.deepEqual([...observer.peers.keys()], [alice.id])
})

forEachWay(
  `${limits.observers} observers are let in, one more is not, until one leaves`,
  async (_t, meeting) => {
    const alice = meeting.create()
    await joinAll('room', alice)
    const observers = Array.from({ length: limits.observers }, () => meeting.create({ observer: true }))
    await joinAll('room', ...observers)
    for (const observer of observers) assert.equal(observer.connections.size, 1)
    const late = meeting.create({ observer: true })
    late.join('room')
    const [first] = observers
    await turns(50)
    assert.equal(late.connections.size, 0)
    await first?.destroy({ lingerMs: 0 })
    await untilConnected(1, late)
  },
)

overSockets('an observer leaves no trace', async (_t, meeting) => {
  const observer = meeting.create({ observer: true })
  await joinAll('room', observer)
  assert.deepEqual(readdirSync(meeting.basedir), [])
  const alice = meeting.create()
  await joinAll('room', alice)
  await within(observer.status('room')?.refresh() ?? Promise.reject(), 'refresh')
  assert.equal(observer.connections.size, 1)
  assert.equal(readdirSync(meeting.basedir, { recursive: true }).length, 2)
})

overSockets('a survey finds the peers of every topic, with the names that they tell', async (_t, meeting) => {
  const [alice, bob, carol] = [meeting.create(), meeting.create(), meeting.create()]
  await joinAll('one', alice, bob)
  await joinAll('two', alice)
  await joinAll(Buffer.alloc(32), carol)
  const observer = meeting.create({ observer: true })
  const met = metBy(observer)
  await within(observer.survey(), 'survey')
  const seen = met.map(({ info }) => `${info.topicName}:${info.topic.toString('hex')}:${info.id}`).sort()
  const [one, two] = [toTopic('one').hex, toTopic('two').hex]
  assert.deepEqual(seen, [
    `:${'00'.repeat(32)}:${carol.id}`,
    ...[`one:${one}:${alice.id}`, `one:${one}:${bob.id}`].sort(),
    `two:${two}:${alice.id}`,
  ])
})

forEachWay('who is no observer cannot survey', async (_t, meeting) => {
  await assert.rejects(meeting.create().survey(), swarmError('OPTION_INVALID', /only an observer/))
})
