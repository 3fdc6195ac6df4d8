/** A wrong option is refused where it is given, by its name; it is never ignored, and never fails later. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { Bridge, Gossip, Hub, local, memory, Swarm, type SwarmError } from '../../src/index.ts'
import { swarmError } from './helpers/errors.ts'
import { loosely, refuses } from './helpers/options.ts'
import { KINDS, meetingOver } from './helpers/places.ts'
import { temporaryDirectory } from './helpers/scene.ts'
import { within } from './helpers/wait.ts'
import { createSwarm, joinAll, metBy, untilConnected } from './helpers/ways.ts'

const construct = loosely((options: object) => new Swarm(options))

const wrong: Readonly<Record<string, readonly unknown[]>> = {
  reads: [
    'raw',
    ['JSON'],
    [''],
    ['a'.repeat(33)],
    ['-a'],
    ['1a'],
    [7],
    ['raw', null],
    {},
    7,
    ['a b'],
    ['a_b'],
  ],
  writes: [
    'raw',
    ['JSON'],
    [''],
    ['a'.repeat(33)],
    ['-a'],
    ['1a'],
    [7],
    ['raw', null],
    {},
    7,
    ['a b'],
    ['a_b'],
  ],
  firewall: ['x', 1, true, {}, []],
  transports: [[], 'local', {}, [7], ['local'], [{}], [null], local()],
  maxPeers: ['10', 0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, true, []],
  name: ['', 'a\nb', 'x'.repeat(65), 7, {}, '\u001b[31m'],
  basedir: ['', 7, {}, true],
  shortcircuit: ['yes', 1, {}],
  observer: ['yes', 1, {}],
  verb: ['', 'Two Words', 7, 'JSON', 'x'.repeat(33)],
  pid: ['1', -1, 1.5, Number.NaN, {}],
}
for (const [name, values] of Object.entries(wrong)) {
  test(`new Swarm refuses a wrong ${name}`, () => {
    for (const value of values)
      assert.throws(() => construct({ [name]: value }), refuses(name), JSON.stringify(value))
  })
}

for (const name of ['topic', 'maxPeer', 'MaxPeers', 'announce', 'key', 'bootstrap', 'toString', '__proto__x'])
  test(`new Swarm refuses the unknown option ${name}`, () => {
    assert.throws(() => construct({ [name]: true }), refuses(name))
  })

test('new Swarm refuses what is no object of options', () => {
  for (const value of ['x', 7, null, true, () => {}])
    assert.throws(() => construct(value), swarmError('OPTION_INVALID'), String(value))
})

test('options that are right are taken, `undefined` included', async () => {
  const swarms = [
    new Swarm(),
    construct(undefined),
    construct({ name: undefined, firewall: undefined, reads: undefined, transports: undefined }),
    construct({ reads: [], writes: [] }),
    construct({ reads: ['a', 'a1-b', 'x'.repeat(32)], maxPeers: 1, pid: 1, verb: 'chat', observer: true }),
    construct({ transports: [memory(new Hub())], firewall: () => false }),
  ]
  for (const swarm of swarms) await swarm.destroy()
})

const wrongRoles: readonly (readonly [name: string, roles: unknown])[] = [
  ['announce', { announce: false }],
  ['lookup', { lookup: false }],
  ['limit', { limit: 3 }],
  ['server', { server: 'yes' }],
  ['server', { server: 1 }],
  ['server', { server: null }],
  ['client', { client: 0 }],
  ['client', { client: 'no' }],
  ['reads', { reads: ['JSON'] }],
  ['reads', { reads: 'raw' }],
  ['writes', { writes: [7] }],
  ['writes', { writes: {} }],
  ['server', { server: false, client: false }],
]
for (const [name, roles] of wrongRoles)
  test(`join refuses ${JSON.stringify(roles)}, and joins nothing`, async (t) => {
    const swarm = createSwarm(t, { basedir: temporaryDirectory(t) })
    const join = loosely(swarm.join.bind(swarm))
    assert.throws(() => join('room', roles), refuses(name))
    assert.deepEqual([swarm.topics(), swarm.status('room')], [[], null])
    await within(swarm.join('room').flushed(), 'flushed')
  })

test('join refuses what is no object of roles', (t) => {
  const swarm = createSwarm(t, { basedir: temporaryDirectory(t) })
  const join = loosely(swarm.join.bind(swarm))
  for (const roles of ['server', 7, null, true, () => {}])
    assert.throws(() => join('room', roles), swarmError('OPTION_INVALID'), String(roles))
  assert.deepEqual(swarm.topics(), [])
})

test('what is wrong with a topic is told of the topic', (t) => {
  const swarm = createSwarm(t, { basedir: temporaryDirectory(t) })
  const join = loosely(swarm.join.bind(swarm))
  for (const topic of [undefined, 7, '', new Uint8Array(31), new Uint16Array(32), [], {}])
    assert.throws(() => join(topic), swarmError('TOPIC_INVALID'))
})

test('destroy refuses a wrong time, and then is asked again', async (t) => {
  const swarm = createSwarm(t, { basedir: temporaryDirectory(t) })
  const destroy = loosely(swarm.destroy.bind(swarm))
  for (const lingerMs of ['1', -1, Number.NaN, {}, Number.POSITIVE_INFINITY])
    await assert.rejects(
      within((async () => destroy({ lingerMs }))(), 'a rejection'),
      refuses('lingerMs'),
      String(lingerMs),
    )
  await assert.rejects(within((async () => destroy({ linger: 1 }))(), 'a rejection'), refuses('linger'))
  assert.equal(swarm.destroyed, false)
  await within(swarm.destroy({ lingerMs: 0 }), 'destroy')
})

test('Gossip refuses what is no swarm, and wrong and unknown options', async (t) => {
  const gossip = loosely((swarm: never, topic: never, options: never) => new Gossip(swarm, topic, options))
  for (const swarm of ['news', undefined, null, 7, {}, Swarm])
    assert.throws(() => gossip(swarm, 'news'), refuses('swarm'), String(swarm))
  const swarm = createSwarm(t, { transports: [memory(new Hub())] })
  for (const [name, value] of [
    ['history', -1],
    ['history', '1'],
    ['interval', 1.5],
    ['interval', '1'],
    ['keyPair', 'alice'],
    ['keyPair', {}],
    ['accept', true],
    ['datagrams', 'udp'],
    ['historyy', 1],
    ['seed', Buffer.alloc(32)],
  ] as const)
    assert.throws(() => gossip(swarm, 'news', { [name]: value }), refuses(name), name)
  assert.deepEqual(swarm.topics(), [], 'nothing is joined')
  assert.equal(swarm.listenerCount('connection'), 0)
  const right = new Gossip(swarm, 'news', { history: 1, interval: -1 })
  await right.leave()
})

test('Bridge refuses wrong and unknown options', () => {
  const bridge = loosely(
    (topic: never, transports: never, options: never) => new Bridge(topic, transports, options),
  )
  const two = () => [memory(new Hub()), memory(new Hub())]
  for (const [name, value] of [
    ['name', 7],
    ['name', 'a\nb'],
    ['pid', '1'],
    ['onwarning', true],
    ['onbytes', 'x'],
    ['onerror', () => {}],
  ] as const)
    assert.throws(() => bridge('room', two(), { [name]: value }), refuses(name), name)
  for (const transports of [[], [memory(new Hub())], 'xy', [1, 2], undefined])
    assert.throws(() => bridge('room', transports), swarmError('OPTION_INVALID'))
})

for (const kind of KINDS) {
  test(`${kind}: a topic of a Uint8Array is the topic of a Buffer`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const [host, guest] = [meeting.create('host'), meeting.create('guest')]
    const topic = new Uint8Array(32).fill(7)
    const session = host.join(topic)
    assert.deepEqual(session.topic, Buffer.alloc(32, 7))
    guest.join(Buffer.alloc(32, 7))
    await untilConnected(1, host, guest)
    assert.equal(host.status(topic), session)
    await within(host.leave(topic), 'leave')
    assert.deepEqual(host.topics(), [])
  })
}

test('transport is `memory` where two swarms of one process met without a socket', async (t) => {
  const basedir = temporaryDirectory(t)
  const [alice, bob, carol] = [
    createSwarm(t, { basedir, name: 'alice' }),
    createSwarm(t, { basedir, name: 'bob' }),
    createSwarm(t, { basedir, name: 'carol', shortcircuit: false }),
  ]
  const met = [alice, bob, carol].map(metBy)
  await joinAll('room', alice, bob, carol)
  await untilConnected(2, alice, bob, carol)
  const ways = met.map((list) => list.map(({ info }) => `${info.name} by ${info.transport}`).sort())
  assert.deepEqual(ways, [
    ['bob by memory', 'carol by local'],
    ['alice by memory', 'carol by local'],
    ['alice by local', 'bob by local'],
  ])
  // And it can be dialled for a stream by that info.
  const info = alice.peers.get(bob.id)
  assert.equal(info?.transport, 'memory')
  bob.on('stream', (incoming) => incoming.accept().stream.end('a stream'))
  assert.ok(info)
  const { stream } = await within(alice.openStream(info, 1), 'a stream')
  stream.destroy()
})

test('an error of an option is one line, and says what was given', () => {
  for (const options of [{ firewall: 'x' }, { reads: ['JSON'] }, { transports: [] }, { colour: 'red' }])
    assert.throws(
      () => construct(options),
      (error: SwarmError) => error.code === 'OPTION_INVALID' && !/[\n]/.test(error.message),
    )
})
