/** Swarms that meet on a private DHT on loopback. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import test, { type TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { SwarmError } from '../../src/errors.ts'
import { KeyPair } from '../../src/gossip/key-pair.ts'
import { TopicKey } from '../../src/key.ts'
import type { SwarmOptions } from '../../src/swarm/api.ts'
import type { Swarm } from '../../src/swarm/swarm.ts'
import { toTopic } from '../../src/topic.ts'
import { type DhtOptions, dht } from '../../src/transport/dht/dht.ts'
import { lan } from '../../src/transport/lan/lan.ts'
import { local } from '../../src/transport/local/local.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { freePort, privateDht } from './helpers/dht.ts'
import { defer, temporaryDirectory } from './helpers/scene.ts'
import { event, until, within } from './helpers/wait.ts'
import { createSwarm, metBy, polite, readAll, untilConnected } from './helpers/ways.ts'

const key = TopicKey.random()

/** Makes swarms on one private DHT. */
async function meeting(t: TestContext) {
  const bootstrap = [await privateDht(t)]
  return (more: DhtOptions = { key }, options: SwarmOptions = {}): Swarm =>
    createSwarm(t, { transports: [dht({ ...more, bootstrap })], ...options })
}

test('peers with the same key and topic meet once, and speak both ways', async (t) => {
  const create = await meeting(t)
  const swarms = [create(), create(), create()]
  const met = swarms.map((swarm) => metBy(polite(swarm)))
  for (const swarm of swarms) swarm.join('t')
  await untilConnected(2, ...swarms)
  const [one] = met[0] ?? []
  assert.equal(one?.info.transport, 'dht')
  const other = met.flat().find(({ info }) => info.id === swarms[0]?.id && info.name !== one?.info.name)
  assert.ok(one && other)
  for (const swarm of swarms) assert.equal(swarm.peers.size, 2)
  one.stream.write('hello')
  one.stream.end()
  assert.deepEqual(
    met.map((list) => list.length),
    [2, 2, 2],
  )
})

test('bytes are exact in both directions, and ends are heard', async (t) => {
  const create = await meeting(t)
  const [a, b] = [create(), create()]
  const [metA, metB] = [metBy(a), metBy(b)]
  a.join('t')
  b.join('t')
  await untilConnected(1, a, b)
  const [near, far] = [metA[0]?.stream, metB[0]?.stream]
  assert.ok(near && far)
  const large = Buffer.alloc(3_000_000, 'lswarm')
  near.end(large)
  far.end('short')
  const [there, back] = await Promise.all([readAll(far), readAll(near)])
  assert.ok(there.equals(large))
  assert.equal(back.toString(), 'short')
})

test('another key, and another topic within the key, meet nobody', async (t) => {
  const create = await meeting(t)
  const [a, b, otherKey, otherTopic] = [create(), create(), create({ key: TopicKey.random() }), create()]
  await within(otherKey.join('t').flushed(), 'flushed')
  await within(otherTopic.join('u').flushed(), 'flushed')
  await within(a.join('t').flushed(), 'flushed')
  await within(b.join('t').flushed(), 'flushed')
  await untilConnected(1, a, b)
  assert.equal(otherKey.connections.size + otherTopic.connections.size, 0)
})

test('several topics share one encrypted connection', async (t) => {
  const create = await meeting(t)
  const [a, b] = [create(), create()]
  for (const topic of ['t', 'u']) {
    a.join(topic)
    b.join(topic)
  }
  await untilConnected(2, a, b)
  assert.deepEqual([a.peers.size, b.peers.size], [1, 1])
})

test('who only seeks finds who comes later', async (t) => {
  const create = await meeting(t)
  const [seeker, late] = [create(), create()]
  await within(seeker.join('t', { server: false, client: true }).flushed(), 'flushed')
  late.join('t', { server: true, client: false })
  await untilConnected(1, seeker, late)
})

test('a peer that ends is gone for the others', async (t) => {
  const create = await meeting(t)
  const [a, b] = [create(), create()]
  polite(a).join('t')
  polite(b).join('t')
  await untilConnected(1, a, b)
  await b.destroy()
  await untilConnected(0, a)
})

test('public topics are for all who know the name', async (t) => {
  const create = await meeting(t)
  const [a, b] = [create({ public: true }), create({ public: true })]
  a.join('t')
  b.join('t')
  await untilConnected(1, a, b)
})

test('a firewall turns peers away by their public key', async (t) => {
  const create = await meeting(t)
  const asked: string[] = []
  const firewall = (publicKey: Buffer) => {
    asked.push(publicKey.toString('hex'))
    return true
  }
  const [wall, other, third] = [create({ key, firewall }), create(), create()]
  for (const swarm of [wall, other, third]) swarm.join('t')
  await untilConnected(1, other, third)
  await until(() => asked.length > 0, 'the firewall is asked')
  assert.equal(wall.connections.size, 0)
})

/** An attacker announces the topic `t` under so many keys. */
async function crowd(t: TestContext, address: string, count: number): Promise<void> {
  const program = fileURLToPath(new URL('../fixtures/crowd.mjs', import.meta.url))
  const target = key.discovery(toTopic('t')).toString('hex')
  const attacker = spawn(process.execPath, [program, address, target, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  defer(t, () => void attacker.kill('SIGKILL'))
  await once(attacker.stdout, 'data')
}

test('friends stay together when a crowd announces their topic, and nobody of it is met', async (t) => {
  const address = await privateDht(t)
  const create = () =>
    createSwarm(t, { transports: [dht({ key, bootstrap: [address], maxPeers: 8 })], maxPeers: 8 })
  const friends = [create(), create()]
  const met = friends.map(metBy)
  for (const swarm of friends) swarm.join('t')
  await untilConnected(1, ...friends)
  await crowd(t, address, 200)
  for (const swarm of friends) await within(swarm.status('t')?.refresh() ?? Promise.resolve(), 'refresh')
  assert.deepEqual(
    met.map((list) => list.length),
    [1, 1],
  )
  for (const swarm of friends) assert.equal(swarm.connections.size, 1)
})

test('in a crowd friends meet who allow each other, and nobody else', async (t) => {
  const address = await privateDht(t)
  await crowd(t, address, 40)
  const seeds = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const allowed = seeds.map((seed) => KeyPair.from(seed).publicKey.toString('hex'))
  const firewall = (publicKey: Buffer) => !allowed.includes(publicKey.toString('hex'))
  const friends = seeds.map((seed) =>
    createSwarm(t, { transports: [dht({ key, bootstrap: [address], seed, firewall })] }),
  )
  for (const swarm of friends) swarm.join('t')
  await untilConnected(1, ...friends)
})

test('a seed makes the same address each time', async (t) => {
  const create = await meeting(t)
  const seed = Buffer.alloc(32, 5)
  const addresses: (string | undefined)[] = []
  for (let run = 0; run < 2; run++) {
    const [a, b] = [create({ key, seed }), create()]
    const met = metBy(b)
    a.join(`t${run}`)
    b.join(`t${run}`)
    await untilConnected(1, a, b)
    addresses.push(met[0]?.info.address)
    await a.destroy({ lingerMs: 0 })
  }
  assert.match(addresses[0] ?? '', /^[0-9a-f]{64}$/)
  assert.equal(addresses[0], addresses[1])
})

/**
 * Two swarms of one machine and one elsewhere, in the DHT and on the ways `more` too: they meet,
 * and looking again brings nobody twice.
 * @returns for each, whom it met and how
 */
async function meetOnce(t: TestContext, more: () => readonly Transport[] = () => []) {
  const bootstrap = [await privateDht(t)]
  const basedir = temporaryDirectory(t)
  const create = (where: string) =>
    createSwarm(t, {
      transports: [local({ basedir: where, shortcircuit: false }), ...more(), dht({ key, bootstrap })],
    })
  const [a, b, far] = [create(basedir), create(basedir), create(temporaryDirectory(t))]
  const met = [a, b, far].map(metBy)
  for (const swarm of [a, b, far]) swarm.join('t')
  await untilConnected(2, a, b, far)
  for (const swarm of [a, b, far]) await within(swarm.status('t')?.refresh() ?? Promise.resolve(), 'refresh')
  assert.deepEqual(
    met.map((list) => list.length),
    [2, 2, 2],
  )
  return met.map((list) =>
    list.map(({ info }) => `${info.id === far.id ? 'far' : 'here'} by ${info.transport}`).sort(),
  )
}

test('peers of one machine are met there, and not in the DHT too', async (t) => {
  const here = ['far by dht', 'here by local']
  assert.deepEqual(await meetOnce(t), [here, here, ['here by dht', 'here by dht']])
})

test('a peer that can be met by socket, nearby and in the DHT is one peer, on the way that is best', async (t) => {
  const [a, b] = await meetOnce(t, () => [lan({ key })])
  for (const ways of [a, b]) assert.match(ways?.join(', ') ?? '', /^far by (lan|dht), here by local$/)
})

test('a bootstrap node that is not there is told of, and peers of the machine meet', async (t) => {
  const bootstrap = [`127.0.0.1:${await freePort()}`]
  const basedir = temporaryDirectory(t)
  const create = () => createSwarm(t, { transports: [local({ basedir }), dht({ key, bootstrap })] })
  const [a, b] = [create(), create()]
  const told = event(a, 'warning')
  a.join('t')
  b.join('t')
  await untilConnected(1, a, b)
  assert.match(String((await told)[0]), /no answer from the network yet: check --bootstrap/)
})

test('without a key, or with what is no address, there is a clear error', () => {
  const codeOf = (act: () => unknown) => {
    try {
      act()
      return undefined
    } catch (error) {
      return error instanceof SwarmError ? error.code : error
    }
  }
  assert.equal(
    codeOf(() => dht({})),
    'KEY_INVALID',
  )
  assert.equal(
    codeOf(() => dht({ key, public: true })),
    'KEY_INVALID',
  )
  for (const node of ['', 'host', 'host:', 'host:0', 'host:65536', 'a b:1', ':1'])
    assert.equal(
      codeOf(() => dht({ key, bootstrap: [node] })),
      'OPTION_INVALID',
      node,
    )
})
