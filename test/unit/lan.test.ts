/** Swarms that meet on the local network: this machine's own, by multicast DNS and by name. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import test, { type TestContext } from 'node:test'
import multicastDns from 'multicast-dns'
import { TopicKey } from '../../src/key.ts'
import { limits } from '../../src/limits.ts'
import type { SwarmOptions } from '../../src/swarm/api.ts'
import type { Swarm } from '../../src/swarm/swarm.ts'
import { toTopic } from '../../src/topic.ts'
import { type LanOptions, lan } from '../../src/transport/lan/lan.ts'
import { local } from '../../src/transport/local/local.ts'
import { swarmError } from './helpers/errors.ts'
import { defer, temporaryDirectory } from './helpers/scene.ts'
import { freeTcpPort } from './helpers/tcp.ts'
import { until, within } from './helpers/wait.ts'
import { createSwarm, metBy, polite, readAll, untilConnected } from './helpers/ways.ts'

const key = TopicKey.random()

function create(t: TestContext, more: LanOptions = {}, options: SwarmOptions = {}): Swarm {
  return createSwarm(t, { transports: [lan({ key, ...more })], ...options })
}

test('peers nearby meet once, and speak both ways', async (t) => {
  const swarms = [create(t), create(t), create(t)]
  const met = swarms.map((swarm) => metBy(polite(swarm)))
  for (const swarm of swarms) swarm.join('t')
  await untilConnected(2, ...swarms)
  assert.deepEqual(
    met.map((list) => list.map(({ info }) => info.transport)),
    [
      ['lan', 'lan'],
      ['lan', 'lan'],
      ['lan', 'lan'],
    ],
  )
  const [one] = met[0] ?? []
  const far = met.flat().find(({ info }) => info.id === swarms[0]?.id)
  assert.ok(one && far)
})

test('bytes are exact in both directions, and ends are heard', async (t) => {
  const [a, b] = [create(t), create(t)]
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

test('a peer that is named is met, whoever starts first', async (t) => {
  const port = await freeTcpPort()
  const seeker = create(t, { peers: [`127.0.0.1:${port}`] })
  seeker.join('t')
  await within(seeker.status('t')?.flushed() ?? Promise.resolve(), 'flushed')
  const late = create(t, { port })
  late.join('t')
  await untilConnected(1, seeker, late)
})

test('another key meets nobody', async (t) => {
  const port = await freeTcpPort()
  const [a, b] = [create(t, { port }), create(t, { peers: [`127.0.0.1:${port}`] })]
  const other = create(t, { key: TopicKey.random(), peers: [`127.0.0.1:${port}`] })
  other.join('t')
  a.join('t')
  b.join('t')
  await untilConnected(1, a, b)
  await within(other.status('t')?.refresh() ?? Promise.resolve(), 'refresh')
  assert.equal(other.connections.size, 0)
})

test('peers of one machine are met there, and not nearby too', async (t) => {
  const basedir = temporaryDirectory(t)
  const both = [0, 1].map(() =>
    createSwarm(t, { transports: [local({ basedir, shortcircuit: false }), lan({ key })] }),
  )
  const met = both.map(metBy)
  for (const swarm of both) swarm.join('t')
  await untilConnected(1, ...both)
  for (const swarm of both) await within(swarm.status('t')?.refresh() ?? Promise.resolve(), 'refresh')
  assert.deepEqual(
    met.map((list) => list.map(({ info }) => info.transport)),
    [['local'], ['local']],
  )
})

test('what is no handshake is closed, and nothing is kept for it', async (t) => {
  const port = await freeTcpPort()
  const swarm = create(t, { port })
  swarm.join('t')
  await within(swarm.listen(), 'listening')
  const before = process.memoryUsage().rss
  const strangers = Array.from({ length: 64 }, () => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    // A frame of 16 MiB is to come, and its first bytes.
    socket.write(Buffer.from([255, 255, 255, 1, 2, 3]))
    return socket.resume()
  })
  await until(() => strangers.every(({ closed }) => closed), 'all are closed')
  assert.ok(process.memoryUsage().rss - before < 64 * 2 ** 20)
  const friend = create(t, { peers: [`127.0.0.1:${port}`] })
  friend.join('t')
  await untilConnected(1, swarm, friend)
})

test('a port that is taken, and a peer without a port, are told', async (t) => {
  const port = await freeTcpPort()
  const [a, b] = [create(t, { port }), create(t, { port })]
  a.join('t')
  await within(a.listen(), 'listening')
  await assert.rejects(
    within(b.join('t').flushed(), 'flushed'),
    swarmError('NETWORK', /cannot listen at TCP port/),
  )
  for (const peer of ['', 'host', 'host:', 'host:0', 'host:65536', 'a b:1', ':1', '::1:80'])
    assert.throws(
      () => lan({ key, peers: [peer] }),
      swarmError('OPTION_INVALID', /a peer is HOST:PORT/),
      peer,
    )
  lan({ key, peers: ['[::1]:80', 'host:80', '[fe80::1%eth0]:80'] })
})

test('adverts are hints: a flood of false ones costs few dials, and honest peers are met', async (t) => {
  const held = new Set<Socket>()
  let most = 0
  const trap = createServer((socket) => {
    held.add(socket)
    most = Math.max(most, held.size)
    socket.on('error', () => {}).on('close', () => held.delete(socket))
  })
  trap.listen(0, '127.0.0.1')
  await once(trap, 'listening')
  defer(t, () => trap.close())
  const address = trap.address()
  assert.ok(typeof address === 'object' && address !== null)
  const liar = multicastDns({ interface: '127.0.0.1', bind: '0.0.0.0' })
  defer(t, () => liar.destroy())
  const service = `_${key.discovery(toTopic('t')).toString('hex', 0, 16)}._sub._lswarm._tcp.local`
  const lie = (count: number, port: number) => {
    const name = `${count.toString(16).padStart(32, '0')}._lswarm._tcp.local`
    const data = { target: 'x.local', port }
    liar.respond([
      { name: service, type: 'PTR', ttl: 120, data: name },
      { name, type: 'SRV', ttl: 120, data },
    ])
  }
  const [a, b] = [create(t), create(t)]
  a.join('t')
  await within(a.listen(), 'listening')
  for (let count = 0; count < 1_000; count++) lie(count, count % 10 === 0 ? 0 : address.port)
  await until(() => held.size > 0, 'the first is dialled')
  b.join('t')
  await untilConnected(1, a, b)
  assert.ok(most <= 2 * limits.hintDialsPending, `${most} at a time, of two swarms`)
})
