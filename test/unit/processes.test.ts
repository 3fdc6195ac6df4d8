/** Peers in other processes: stopped, killed, crashed: failures.md F9, P1, P10, P11, P12. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { limits } from '../../src/limits.ts'
import type { Swarm } from '../../src/swarm/swarm.ts'
import { newSocketName } from '../../src/transport/local/topic-directory.ts'
import { age, topicDirectory } from './helpers/leftovers.ts'
import { type PeerOptions, peerProcess, TestProcess } from './helpers/processes.ts'
import { defer, temporaryDirectory } from './helpers/scene.ts'
import { socketsOf } from './helpers/stranger.ts'
import { event, until, within } from './helpers/wait.ts'
import { createSwarm, joinAll, metBy, untilConnected } from './helpers/ways.ts'

type Spawn = (options?: Partial<PeerOptions>) => Promise<TestProcess>

/** A swarm here, on the topic `room`, and a way to start peers elsewhere. */
async function scene(t: TestContext): Promise<{ basedir: string; swarm: Swarm; spawn: Spawn }> {
  const basedir = temporaryDirectory(t)
  const swarm = createSwarm(t, { basedir, name: 'here' })
  await joinAll('room', swarm)
  return {
    basedir,
    swarm,
    spawn: (options) => peerProcess(t, { basedir, topic: 'room', name: 'there', ...options }),
  }
}

const skip = process.platform === 'linux' ? false : 'only Linux says EAGAIN for a full backlog'

// Each waits for processes or for the re-scan, not for the processor.
describe('peers in other processes', { concurrency: 6 }, () => {
  it('meet, and talk', async (t) => {
    const { swarm, spawn } = await scene(t)
    const met = metBy(swarm)
    const peer = await spawn({ does: 'echo' })
    await untilConnected(1, swarm)
    assert.deepEqual([met[0]?.info.name, met[0]?.info.id], ['there', await peer.tells('ready')])
    assert.equal(await peer.tells('met'), 'here')
    const stream = met[0]?.stream
    assert.ok(stream)
    const heard = event(stream, 'data')
    stream.write('hello')
    assert.equal(String((await heard)[0]), 'hello')
  })

  it('that start at the same moment meet, each with each, once', async (t) => {
    const basedir = temporaryDirectory(t)
    const names = ['a', 'b', 'c', 'd', 'e', 'f']
    const peers = names.map((name) => {
      const options: PeerOptions = { basedir, topic: 'room', name }
      return new TestProcess(t, 'peer', JSON.stringify(options))
    })
    const metBy = ({ told }: TestProcess) =>
      told.flatMap(({ met }) => (typeof met === 'string' ? [met] : [])).sort()
    await until(() => peers.every((peer) => metBy(peer).length >= 5), 'all are met')
    await Promise.all(peers.map((peer) => peer.tells('ready')))
    for (const [i, peer] of peers.entries())
      assert.deepEqual(
        metBy(peer),
        names.filter((name) => name !== names[i]),
      )
  })

  it('are gone when they are killed, also from a program that does nothing with its connections', async (t) => {
    const { swarm, spawn } = await scene(t)
    const peer = await spawn()
    await untilConnected(1, swarm)
    await peer.kill('SIGKILL')
    await untilConnected(0, swarm)
    assert.equal(swarm.peers.size, 0)
  })

  it('are gone when they are killed, also when they had ended their side before', async (t) => {
    const { swarm, spawn } = await scene(t)
    const met = metBy(swarm)
    const peer = await spawn({ does: 'end' })
    await untilConnected(1, swarm)
    const stream = met[0]?.stream
    assert.ok(stream)
    await event(stream.resume(), 'end')
    assert.equal(swarm.connections.size, 1, 'it still reads')
    await peer.kill('SIGKILL')
    await untilConnected(0, swarm)
    assert.deepEqual([swarm.peers.size, stream.destroyed], [0, true])
  })

  it('leave a socket when they are killed: the next one joins beside it, and it is swept when it is old', async (t) => {
    const { basedir, spawn } = await scene(t)
    const peer = await spawn()
    await peer.kill('SIGKILL')
    assert.equal(socketsOf(basedir, 'room').length, 2)
    const next = createSwarm(t, { basedir, shortcircuit: false })
    await joinAll('room', next)
    await untilConnected(1, next)
    assert.equal(socketsOf(basedir, 'room').length, 3)
    for (const path of socketsOf(basedir, 'room')) age(path, limits.reapAgeMs / 1000 + 1)
    await until(() => socketsOf(basedir, 'room').length === 2, 'the dead socket is swept')
    await untilConnected(1, next)
  })

  for (const how of ['exit', 'crash'] as const) {
    it(`leave no socket when they ${how}`, async (t) => {
      const { basedir, spawn } = await scene(t)
      const peer = await spawn()
      assert.equal(socketsOf(basedir, 'room').length, 2)
      peer.child.send(how)
      assert.equal(await peer.exit(), how === 'exit' ? 0 : 1)
      assert.equal(socketsOf(basedir, 'room').length, 1)
    })
  }

  it('go on when a listener of theirs throws: they warn, and close that connection', async (t) => {
    const { basedir, swarm } = await scene(t)
    const options: PeerOptions = { basedir, topic: 'room', name: 'there', does: 'throw' }
    const peer = new TestProcess(t, 'peer', JSON.stringify(options))
    await until(() => peer.stderr.includes("a listener of 'connection' failed: a mistake"), 'a warning')
    await untilConnected(0, swarm)
    assert.equal(socketsOf(basedir, 'room').length, 2)
  })

  it('that are stopped hold nobody up, and are met when they go on', async (t) => {
    const { basedir, spawn } = await scene(t)
    const peer = await spawn()
    await peer.stop()
    const next = createSwarm(t, { basedir })
    await joinAll('room', next)
    await untilConnected(1, next)
    peer.signal('SIGCONT')
    await untilConnected(2, next)
  })

  it('that are stopped for a while keep their links', async (t) => {
    const { swarm, spawn } = await scene(t)
    const met = metBy(swarm)
    const peer = await spawn({ does: 'echo' })
    await untilConnected(1, swarm)
    await peer.stop()
    const stream = met[0]?.stream
    assert.ok(stream)
    stream.write('are you there?')
    await within(swarm.status('room')?.refresh() ?? Promise.reject(), 'refresh')
    assert.equal(swarm.connections.size, 1)
    const heard = event(stream, 'data')
    peer.signal('SIGCONT')
    assert.equal(String((await heard)[0]), 'are you there?')
    assert.equal(met.length, 1)
  })

  it('that are stopped with a full backlog are busy, not gone: they are met when they go on', {
    skip,
  }, async (t) => {
    const { basedir, spawn } = await scene(t)
    const before = socketsOf(basedir, 'room')
    const peer = await spawn({ name: 'stopped' })
    await peer.stop()
    const dials: Socket[] = []
    defer(t, () => dials.map((socket) => socket.destroy()))
    const path = socketsOf(basedir, 'room').find((one) => !before.includes(one))
    assert.ok(path)
    await fill(path, dials)
    const next = createSwarm(t, { basedir, shortcircuit: false, name: 'next' })
    const met = metBy(next)
    next.join('room')
    await until(() => met.some(({ info }) => info.name === 'here'), 'the one who runs')
    assert.deepEqual(
      met.map(({ info }) => info.name),
      ['here'],
    )
    peer.signal('SIGCONT')
    await until(() => met.some(({ info }) => info.name === 'stopped'), 'the one who was stopped')
    assert.equal(met.length, 2)
  })

  it('that only look do not end while a busy peer makes them wait', { skip }, async (t) => {
    const basedir = temporaryDirectory(t)
    const path = join(topicDirectory(basedir, 'room'), newSocketName())
    const listener = new TestProcess(t, 'listener', path)
    await listener.tells('ready')
    await listener.stop()
    const dials: Socket[] = []
    defer(t, () => dials.map((socket) => socket.destroy()))
    await fill(path, dials)
    const options: PeerOptions = { basedir, topic: 'room', name: 'there', does: 'leave', server: false }
    const peer = new TestProcess(t, 'peer', JSON.stringify(options))
    assert.ok(await peer.tells('ready'))
    assert.deepEqual(readdirSync(join(path, '..')).length, 1)
  })
})

/** Dials until the kernel says that the backlog is full. */
async function fill(path: string, dials: Socket[]): Promise<void> {
  for (let i = 0; i < limits.backlogConnections + 64; i += 64) {
    const results = await Promise.all(Array.from({ length: 64 }, () => dial(path, dials)))
    if (results.includes('EAGAIN')) return
  }
  assert.fail('the backlog was never full')
}

function dial(path: string, dials: Socket[]): Promise<string> {
  const socket = connect({ path })
  dials.push(socket)
  return new Promise((resolve) => {
    socket.once('connect', () => resolve('connect'))
    socket.on('error', (error) => resolve('code' in error ? String(error.code) : 'error'))
  })
}
