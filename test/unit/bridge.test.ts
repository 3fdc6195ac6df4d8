/** Peers that meet through bridges: over memory, sockets and the local network. */
import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { TopicKey } from '../../src/key.ts'
import { Bridge } from '../../src/swarm/bridge.ts'
import type { Swarm } from '../../src/swarm/swarm.ts'
import { endpoints } from '../../src/transport/endpoint/endpoint.ts'
import { local } from '../../src/transport/local/local.ts'
import { Hub, memory } from '../../src/transport/memory/memory.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { defer, temporaryDirectory } from './helpers/scene.ts'
import { freeTcpPort } from './helpers/tcp.ts'
import { until, within } from './helpers/wait.ts'
import { createSwarm, metBy, readAll, untilConnected } from './helpers/ways.ts'

async function open(t: TestContext, ...transports: readonly Transport[]): Promise<Bridge> {
  const bridge = new Bridge('t', transports)
  defer(t, () => bridge.destroy())
  await within(bridge.open(), 'open')
  return bridge
}

/** A machine: a runtime directory. */
function machine(t: TestContext) {
  const basedir = temporaryDirectory(t)
  const here = () => local({ basedir, shortcircuit: false })
  return { here, create: (): Swarm => createSwarm(t, { transports: [here()] }) }
}

async function exchange(a: Swarm, b: Swarm): Promise<void> {
  const [metA, metB] = [metBy(a), metBy(b)]
  a.join('t')
  b.join('t')
  await untilConnected(1, a, b)
  const [near, far] = [metA[0], metB[0]]
  assert.ok(near && far)
  assert.deepEqual([near.info.id, far.info.id], [b.id, a.id])
  const large = Buffer.alloc(1_000_000, 'lswarm')
  near.stream.end(large)
  far.stream.end('short')
  const [there, back] = await Promise.all([readAll(far.stream), readAll(near.stream)])
  assert.ok(there.equals(large))
  assert.equal(back.toString(), 'short')
}

test('peers on both sides meet, and bytes and ends cross', async (t) => {
  const [left, right] = [new Hub(), new Hub()]
  await open(t, memory(left), memory(right))
  await exchange(
    createSwarm(t, { transports: [memory(left)] }),
    createSwarm(t, { transports: [memory(right)] }),
  )
})

test('a peer for whom a bridge cannot stand is named', async (t) => {
  const [left, right] = [new Hub(), new Hub()]
  const broken: Transport = {
    name: 'broken',
    distance: 3,
    join: (topic, options) =>
      options.as === undefined
        ? memory(right).join(topic, options)
        : Promise.reject(new Error('there is no room')),
  }
  const warnings: string[] = []
  const bridge = new Bridge('t', [memory(left), broken], { onwarning: (message) => warnings.push(message) })
  defer(t, () => bridge.destroy())
  await within(bridge.open(), 'open')
  createSwarm(t, { name: 'alice', transports: [memory(left)] }).join('t')
  await until(() => warnings.includes('cannot stand for alice: there is no room'), 'a warning')
})

test('two machines meet through a bridge on each', async (t) => {
  const [a, b] = [machine(t), machine(t)]
  const key = TopicKey.random()
  const url = `tcp://127.0.0.1:${await freeTcpPort()}`
  await open(t, a.here(), ...endpoints({ key, listen: [url] }))
  await open(t, b.here(), ...endpoints({ key, connect: [url], retryMs: 20 }))
  await exchange(a.create(), b.create())
})
