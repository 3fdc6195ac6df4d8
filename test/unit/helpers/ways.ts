/** The ways to meet: each test of the swarm runs on all of them, for they keep one contract. */
import type { Duplex } from 'node:stream'
import test, { type TestContext } from 'node:test'
import type { SwarmOptions } from '../../../src/swarm/api.ts'
import type { PeerInfo } from '../../../src/swarm/peer.ts'
import { Swarm } from '../../../src/swarm/swarm.ts'
import { Hub, memory } from '../../../src/transport/memory/memory.ts'
import { defer, temporaryDirectory } from './scene.ts'
import { until, within } from './wait.ts'

/** A place where the swarms of one test meet. */
export interface Meeting {
  readonly options: SwarmOptions
  /** A swarm that is destroyed after the test. */
  create(options?: SwarmOptions): Swarm
}

const ways: readonly (readonly [what: string, options: (t: TestContext) => SwarmOptions])[] = [
  ['sockets', (t) => ({ basedir: temporaryDirectory(t), shortcircuit: false })],
  ['short circuit', (t) => ({ basedir: temporaryDirectory(t), shortcircuit: true })],
  ['memory transport', () => ({ transports: [memory(new Hub())] })],
]

/** Runs a test on each way to meet. */
export function forEachWay(name: string, act: (t: TestContext, meeting: Meeting) => Promise<void>): void {
  for (const [what, optionsOf] of ways) {
    test(`${what}: ${name}`, async (t) => {
      const options = optionsOf(t)
      await act(t, { options, create: (more) => createSwarm(t, { ...options, ...more }) })
    })
  }
}

/** Runs a test over sockets only: what it is about is in the file system. */
export function overSockets(
  name: string,
  act: (t: TestContext, meeting: SocketMeeting) => Promise<void>,
): void {
  test(name, async (t) => {
    const basedir = temporaryDirectory(t)
    const options = { basedir, shortcircuit: false }
    await act(t, { basedir, options, create: (more) => createSwarm(t, { ...options, ...more }) })
  })
}

export interface SocketMeeting extends Meeting {
  readonly basedir: string
}

/** A swarm that is destroyed after the test. */
export function createSwarm(t: TestContext, options: SwarmOptions): Swarm {
  const swarm = new Swarm(options)
  defer(t, () => {
    // A test that stopped the clock does not wait for it here.
    t.mock.timers.reset()
    return within(swarm.destroy({ lingerMs: 0 }), 'destroy after the test')
  })
  return swarm
}

/** One time that a swarm said that a peer is there. */
export interface Met {
  readonly stream: Duplex
  readonly info: PeerInfo
}

/** Every time that a swarm says that a peer is there. */
export function metBy(swarm: Swarm): Met[] {
  const list: Met[] = []
  swarm.on('connection', (stream, info) => list.push({ stream, info }))
  return list
}

/** Makes a swarm end each connection that its peer has ended. */
export function polite(swarm: Swarm): Swarm {
  return swarm.on('connection', (stream) => void stream.resume().once('end', () => stream.end()))
}

/** Joins, and waits until all who are there are met. */
export async function joinAll(topic: string | Buffer, ...swarms: readonly Swarm[]): Promise<void> {
  for (const swarm of swarms) await within(swarm.join(topic).flushed(), 'flushed')
}

/** Waits until each of these swarms has so many connections. */
export async function untilConnected(count: number, ...swarms: readonly Swarm[]): Promise<void> {
  await until(
    () => swarms.every(({ connections }) => connections.size === count),
    `${count} connections each, there are ${swarms.map(({ connections }) => connections.size)}`,
  )
}

/** The ids of a swarm's peers, sorted. */
export function idsOf(peers: Iterable<{ readonly id: string }>): string[] {
  return [...peers].map(({ id }) => id).sort()
}

/** What a stream gives until its end. */
export async function readAll(stream: Duplex): Promise<Buffer> {
  const parts: Buffer[] = []
  stream.on('data', (chunk: Buffer) => parts.push(chunk))
  await within(new Promise((resolve) => stream.once('end', resolve)), 'the end of a stream')
  return Buffer.concat(parts)
}
