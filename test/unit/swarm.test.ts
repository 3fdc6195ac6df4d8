import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import { limits } from '../../src/limits.ts'
import { Swarm } from '../../src/swarm/swarm.ts'
import { toTopic } from '../../src/topic.ts'
import { swarmError } from './helpers/errors.ts'
import { until, within } from './helpers/wait.ts'
import { forEachWay, idsOf, joinAll, metBy, polite, readAll, untilConnected } from './helpers/ways.ts'

forEachWay('two swarms meet, and each knows who the other is', async (_t, meeting) => {
  const alice = meeting.create({ name: 'alice', verb: 'greet', pid: 7 })
  const bob = meeting.create({ name: 'bob' })
  const [byAlice, byBob] = [metBy(alice), metBy(bob)]
  await joinAll('room', alice, bob)
  await untilConnected(1, alice, bob)
  const [atAlice, atBob] = [byAlice[0]?.info, byBob[0]?.info]
  assert.ok(atAlice && atBob)
  assert.deepEqual([atAlice.id, atAlice.name, atAlice.verb, atAlice.pid], [bob.id, 'bob', 'swarm', undefined])
  assert.deepEqual([atBob.id, atBob.name, atBob.verb, atBob.pid], [alice.id, 'alice', 'greet', 7])
  for (const info of [atAlice, atBob]) {
    assert.equal(info.topic.toString('hex'), toTopic('room').hex)
    assert.equal(info.topicName, 'room')
    assert.deepEqual([info.reads, info.writes], [['raw'], ['raw']])
    assert.ok(info.address)
  }
  assert.deepEqual([atAlice.client, atBob.client], [false, true], 'the newcomer dialled')
  assert.deepEqual([alice.peers.get(bob.id), bob.peers.get(alice.id)], [atAlice, atBob])
})

forEachWay('three swarms each greet each', async (_t, meeting) => {
  const swarms = ['alice', 'bob', 'carol'].map((name) => meeting.create({ name }))
  const greetings: string[] = []
  for (const swarm of swarms) {
    swarm.on('connection', (stream, info) => {
      stream.write(`hello ${info.name}, I am ${swarm.name}`)
      stream.on('data', (text) => greetings.push(String(text)))
    })
  }
  await Promise.all(swarms.map((swarm) => swarm.join('greetings').flushed()))
  await until(() => greetings.length === 6, 'six greetings')
  const pairs = ['alice', 'bob', 'carol'].flatMap((a) =>
    ['alice', 'bob', 'carol'].filter((b) => b !== a).map((b) => `hello ${a}, I am ${b}`),
  )
  assert.deepEqual(greetings.sort(), pairs.sort())
})

forEachWay(
  'eight swarms are eight times seven connections, and looking again makes no more',
  async (_t, meeting) => {
    const swarms = Array.from({ length: 8 }, () => meeting.create())
    const met = swarms.map(metBy)
    await joinAll('room', ...swarms)
    await untilConnected(7, ...swarms)
    await Promise.all(
      swarms.map((swarm) => within(swarm.status('room')?.refresh() ?? Promise.reject(), 'refresh')),
    )
    for (const [i, swarm] of swarms.entries()) {
      const others = idsOf(swarms.filter((other) => other !== swarm))
      assert.deepEqual(idsOf(met[i]?.map(({ info }) => info) ?? []), others)
      assert.deepEqual(idsOf(swarm.peers.values()), others)
      assert.equal(swarm.connections.size, 7)
    }
  },
)

forEachWay('bytes go both ways, exactly, past what fits any buffer', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  const [byAlice, byBob] = [metBy(alice), metBy(bob)]
  await joinAll('room', alice, bob)
  await untilConnected(1, alice, bob)
  const [one, two] = [byAlice[0]?.stream, byBob[0]?.stream]
  assert.ok(one && two)
  const [fromAlice, fromBob] = [randomBytes(3_000_001), randomBytes(2_000_003)]
  one.end(fromAlice)
  two.end(fromBob)
  const [atAlice, atBob] = await Promise.all([readAll(one), readAll(two)])
  assert.ok(atBob.equals(fromAlice) && atAlice.equals(fromBob))
  await untilConnected(0, alice, bob)
  assert.deepEqual([alice.peers.size, bob.peers.size], [0, 0])
})

forEachWay('a stream that is ended one way goes on the other way', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  const [byAlice, byBob] = [metBy(alice), metBy(bob)]
  await joinAll('room', alice, bob)
  await untilConnected(1, alice, bob)
  const [one, two] = [byAlice[0]?.stream, byBob[0]?.stream]
  assert.ok(one && two)
  one.end('question')
  assert.equal(String(await readAll(two)), 'question')
  assert.deepEqual([alice.connections.size, bob.connections.size], [1, 1])
  two.end('answer')
  assert.equal(String(await readAll(one)), 'answer')
  await untilConnected(0, alice, bob)
})

forEachWay(
  'bytes that are written at once, before the other side listens, are not lost',
  async (_t, meeting) => {
    const [alice, bob] = [meeting.create(), meeting.create()]
    for (const swarm of [alice, bob]) swarm.on('connection', (stream) => stream.end(swarm.id))
    const [byAlice, byBob] = [metBy(alice), metBy(bob)]
    await joinAll('room', alice, bob)
    await until(() => byAlice.length === 1 && byBob.length === 1, 'both have met')
    const [one, two] = [byAlice[0]?.stream, byBob[0]?.stream]
    assert.ok(one && two)
    const [atAlice, atBob] = await Promise.all([readAll(one), readAll(two)])
    assert.deepEqual([String(atAlice), String(atBob)], [bob.id, alice.id])
  },
)

forEachWay(
  'a connection that one side destroys is gone on both, and the next look makes a new one',
  async (_t, meeting) => {
    const [alice, bob] = [meeting.create(), meeting.create()]
    const byBob = metBy(bob)
    polite(bob)
    const byAlice = metBy(alice)
    await joinAll('room', alice, bob)
    await untilConnected(1, alice, bob)
    byAlice[0]?.stream.destroy()
    await untilConnected(0, alice, bob)
    assert.deepEqual([alice.peers.size, bob.peers.size], [0, 0])
    await within(alice.status('room')?.refresh() ?? Promise.reject(), 'refresh')
    await untilConnected(1, alice, bob)
    assert.deepEqual([byAlice.length, byBob.length], [2, 2])
  },
)

const long = 'x'.repeat(120)
const apart: readonly (readonly [what: string, one: string, other: string])[] = [
  ['a common prefix of 120 characters', `${long}1`, `${long}2`],
  ['names that differ in case', 'room', 'Room'],
  ['the same first 16 digits', `hex:${'ab'.repeat(32)}`, `hex:${'ab'.repeat(8)}${'cd'.repeat(24)}`],
]
for (const [what, one, other] of apart) {
  forEachWay(`two topics with ${what} do not meet`, async (_t, meeting) => {
    const [alice, bob, carol] = [meeting.create(), meeting.create(), meeting.create()]
    const met = [alice, bob, carol].map(metBy)
    await joinAll(one, alice)
    await joinAll(other, bob)
    await joinAll(one, carol)
    await untilConnected(1, alice, carol)
    await Promise.all([alice, bob, carol].map((swarm) => swarm.flush()))
    assert.deepEqual(
      met.map((list) => list.length),
      [1, 0, 1],
    )
    assert.equal(bob.connections.size, 0)
  })
}

forEachWay('a topic as bytes, in hex and by its name is the same topic', async (_t, meeting) => {
  const swarms = [meeting.create(), meeting.create(), meeting.create()] as const
  const met = swarms.map(metBy)
  await joinAll('room', swarms[0])
  await joinAll(toTopic('room').key, swarms[1])
  await joinAll(`hex:${toTopic('room').hex}`, swarms[2])
  await untilConnected(2, ...swarms)
  const names = new Set(met.flat().map(({ info }) => `${info.topicName}`))
  assert.deepEqual([...names].sort(), ['', 'room'], 'only who typed the name can tell it')
})

for (const [bytes, told] of [
  [limits.topicNameBytes, true],
  [limits.topicNameBytes + 1, false],
] as const) {
  forEachWay(`a topic name of ${bytes} bytes is ${told ? 'told' : 'only hashed'}`, async (_t, meeting) => {
    const name = 'ä'.repeat(bytes / 2) + 'x'.repeat(bytes % 2)
    const [alice, bob] = [meeting.create(), meeting.create()]
    const met = [alice, bob].map(metBy)
    await joinAll(name, alice, bob)
    await untilConnected(1, alice, bob)
    for (const list of met) assert.equal(list[0]?.info.topicName, told ? name : '')
  })
}

forEachWay(
  'a pair on two topics has a connection for each, and is a peer until the last is closed',
  async (_t, meeting) => {
    const [alice, bob] = [meeting.create(), meeting.create()]
    const byAlice = metBy(alice)
    for (const swarm of [alice, bob]) polite(swarm)
    await joinAll('one', alice, bob)
    await joinAll('two', alice, bob)
    await untilConnected(2, alice, bob)
    assert.deepEqual(byAlice.map(({ info }) => info.topicName).sort(), ['one', 'two'])
    assert.deepEqual([alice.peers.size, bob.peers.size], [1, 1])
    await Promise.all([alice.leave('one'), alice.leave('two')])
    byAlice[1]?.stream.destroy()
    await untilConnected(1, alice, bob)
    assert.deepEqual([[...alice.peers.keys()], [...bob.peers.keys()]], [[bob.id], [alice.id]])
    byAlice[0]?.stream.destroy()
    await untilConnected(0, alice, bob)
    assert.deepEqual([alice.peers.size, bob.peers.size], [0, 0])
  },
)

const roles: readonly (readonly [what: string, one: object, other: object, meet: boolean])[] = [
  ['a server and a client', { client: false }, { server: false }, true],
  ['a client and a server that comes later', { server: false }, { client: false }, true],
  ['two servers', { client: false }, { client: false }, false],
  ['two clients', { server: false }, { server: false }, false],
]
for (const [what, one, other, meet] of roles) {
  forEachWay(`${what} ${meet ? 'meet' : 'do not meet'}`, async (_t, meeting) => {
    const [alice, bob] = [meeting.create(), meeting.create()]
    const first = alice.join('room', one)
    await within(first.flushed(), 'flushed')
    await within(bob.join('room', other).flushed(), 'flushed')
    await within(first.refresh(), 'refreshed')
    if (meet) await untilConnected(1, alice, bob)
    assert.deepEqual([alice.connections.size, bob.connections.size], meet ? [1, 1] : [0, 0])
  })
}

forEachWay('peers with nothing to say to each other do not connect', async (_t, meeting) => {
  const talker = meeting.create({ reads: [], writes: ['lines'] })
  const another = meeting.create({ reads: [], writes: ['lines'] })
  const listener = meeting.create({ reads: ['lines'], writes: [] })
  const other = meeting.create({ reads: ['raw'], writes: ['raw'] })
  await joinAll('room', talker, another, listener, other)
  await untilConnected(2, listener)
  await untilConnected(1, talker, another)
  assert.equal(other.connections.size, 0)
})

test('a swarm that is not named is called by the first digits of its id', async () => {
  const swarm = new Swarm()
  assert.match(swarm.id, /^[0-9a-f]{32}$/)
  assert.equal(swarm.name, swarm.id.slice(0, 8))
  await swarm.destroy()
})

for (const name of ['', 'x'.repeat(65), 'a\nb', '\u001b[2J', '\u202e']) {
  test(`the name ${JSON.stringify(name.slice(0, 10))} is refused`, () => {
    assert.throws(() => new Swarm({ name }), swarmError('OPTION_INVALID', /1 to 64 bytes/))
  })
}

for (const maxPeers of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
  test(`maxPeers ${maxPeers} is refused by its value`, () => {
    assert.throws(() => new Swarm({ maxPeers }), swarmError('OPTION_INVALID', new RegExp(`not ${maxPeers}`)))
  })
}

test('a topic that is none is refused before anything happens', async () => {
  const swarm = new Swarm()
  assert.throws(() => swarm.join(Buffer.alloc(31)), swarmError('TOPIC_INVALID', /31 bytes/))
  assert.throws(() => swarm.join(''), swarmError('TOPIC_INVALID'))
  assert.throws(() => swarm.status('key:'), swarmError('TOPIC_INVALID'))
  assert.deepEqual(swarm.topics(), [])
  await swarm.destroy()
})
