/** What a swarm leaves behind: nothing. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import type { SwarmOptions } from '../../src/swarm/api.ts'
import { toTopic } from '../../src/topic.ts'
import { newSocketName } from '../../src/transport/local/topic-directory.ts'
import { assertHeld, heldNow } from './helpers/resources.ts'
import { defer, temporaryDirectory } from './helpers/scene.ts'
import { event, until, within } from './helpers/wait.ts'
import { createSwarm, forEachWay, joinAll, metBy, polite, readAll, untilConnected } from './helpers/ways.ts'

/** The files and directories below a directory. */
function filesIn(path: string): string[] {
  return existsSync(path) ? readdirSync(path, { recursive: true }).map(String) : []
}

const OPTIONS: readonly (readonly [what: string, options: SwarmOptions])[] = [
  ['sockets', { shortcircuit: false }],
  ['short circuit', { shortcircuit: true }],
]

for (const [what, options] of OPTIONS) {
  test(`${what}: destroy leaves no file, descriptor, timer or listener`, async (t) => {
    const basedir = temporaryDirectory(t)
    const before = await heldNow()
    const swarms = Array.from({ length: 4 }, () => createSwarm(t, { ...options, basedir }))
    await joinAll('one', ...swarms)
    await joinAll('two', ...swarms)
    await untilConnected(6, ...swarms)
    assert.notDeepEqual(await heldNow(), before)
    assert.equal(filesIn(basedir).length, 2 + 8)
    await within(Promise.all(swarms.map((swarm) => swarm.destroy({ lingerMs: 0 }))), 'destroy')
    assert.deepEqual(filesIn(basedir), [])
    await assertHeld(before)
    for (const swarm of swarms) {
      assert.deepEqual([swarm.connections.size, swarm.peers.size, swarm.eventNames()], [0, 0, []])
    }
  })

  test(`${what}: destroy while joining leaves nothing either`, async (t) => {
    const basedir = temporaryDirectory(t)
    const before = await heldNow()
    for (let turns = 0; turns < 6; turns++) {
      const swarms = Array.from({ length: 4 }, () => createSwarm(t, { ...options, basedir }))
      for (const swarm of swarms) swarm.join('room')
      for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve))
      await within(Promise.all(swarms.map((swarm) => swarm.destroy({ lingerMs: 0 }))), 'destroy')
      assert.deepEqual(filesIn(basedir), [], `after ${turns} turns`)
    }
    await assertHeld(before)
  })

  test(`${what}: hundreds of joins and leaves leave nothing`, async (t) => {
    const basedir = temporaryDirectory(t)
    const resident = createSwarm(t, { ...options, basedir })
    await joinAll('room', resident)
    const before = await heldNow()
    for (let i = 0; i < 400; i++) {
      const swarm = createSwarm(t, { ...options, basedir })
      swarm.join('room')
      await swarm.flush()
      assert.equal(swarm.connections.size, 1)
      await swarm.destroy({ lingerMs: 0 })
    }
    for (const stream of resident.connections) stream.destroy()
    await assertHeld(before)
    await resident.destroy({ lingerMs: 0 })
    assert.deepEqual(filesIn(basedir), [])
  })
}

test('leave leaves nothing but the connections', async (t) => {
  const basedir = temporaryDirectory(t)
  const swarm = createSwarm(t, { basedir })
  const before = await heldNow()
  await joinAll('room', swarm)
  await within(swarm.leave('room'), 'leave')
  assert.deepEqual(filesIn(basedir), [])
  await assertHeld(before)
  await swarm.destroy()
})

test('destroy twice is destroy once', async (t) => {
  const swarm = createSwarm(t, { basedir: temporaryDirectory(t) })
  await joinAll('room', swarm)
  const first = swarm.destroy()
  assert.equal(swarm.destroy(), first)
  await within(first, 'destroy')
})

/** A listener in a topic's directory that accepts, and says nothing. */
async function silentPeer(t: TestContext, basedir: string, topic: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true })
  server.listen(join(basedir, toTopic(topic).hex.slice(0, 16), newSocketName()))
  await event(server, 'listening')
  defer(t, () => server.close())
  return server
}

test('destroy does not wait for a peer that does not answer our hello', async (t) => {
  const basedir = temporaryDirectory(t)
  const resident = createSwarm(t, { basedir, shortcircuit: false })
  polite(resident)
  await joinAll('room', resident)
  const server = await silentPeer(t, basedir, 'room')
  const before = await heldNow()
  const swarm = createSwarm(t, { basedir, shortcircuit: false })
  const accepted = event(server, 'connection')
  swarm.join('room')
  const [socket] = await accepted
  await untilConnected(1, swarm)
  await within(swarm.destroy({ lingerMs: 0 }), 'destroy')
  assert.ok(
    socket && typeof socket === 'object' && 'destroy' in socket && typeof socket.destroy === 'function',
  )
  socket.destroy()
  await assertHeld(before)
})

for (const [what, bytes] of [
  ['says nothing', Buffer.alloc(0)],
  ['was refused, and does not go', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
] as const) {
  test(`destroy does not wait for a stranger that ${what}`, async (t) => {
    const basedir = temporaryDirectory(t)
    const before = await heldNow()
    const swarm = createSwarm(t, { basedir, shortcircuit: false })
    await joinAll('room', swarm)
    const [name] = filesIn(basedir).filter((path) => path.includes('p-'))
    const stranger = connect({ path: join(basedir, name ?? ''), allowHalfOpen: true })
    defer(t, () => stranger.destroy())
    stranger.write(bytes)
    if (bytes.length > 0) await event(stranger, 'data')
    else await event(stranger, 'connect')
    const ended = event(stranger.resume(), 'end')
    await within(swarm.destroy({ lingerMs: 0 }), 'destroy')
    await ended
    stranger.destroy()
    await assertHeld(before)
  })
}

forEachWay(
  'destroy hands over what was written, to a peer that has ended its side too',
  async (_t, meeting) => {
    const [alice, bob] = [meeting.create(), meeting.create()]
    const [byAlice, byBob] = [metBy(alice), metBy(bob)]
    await joinAll('room', alice, bob)
    await untilConnected(1, alice, bob)
    const [one, two] = [byAlice[0]?.stream, byBob[0]?.stream]
    assert.ok(one && two)
    const bytes = randomBytes(3_000_000)
    one.write(bytes)
    const destroyed = alice.destroy({ lingerMs: 20_000 })
    two.end()
    const received = await readAll(two)
    await within(destroyed, 'destroy')
    assert.ok(received.equals(bytes), `${received.length} of ${bytes.length} bytes`)
  },
)

forEachWay('destroy ends a peer that does not end, after the time it was given', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  const byBob = metBy(bob)
  await joinAll('room', alice, bob)
  await untilConnected(1, alice, bob)
  const stream = byBob[0]?.stream
  assert.ok(stream)
  const ended = event(stream.resume(), 'end')
  await within(alice.destroy({ lingerMs: 1 }), 'destroy')
  assert.equal(alice.connections.size, 0)
  await ended
  stream.end()
  await until(() => bob.connections.size === 0, 'bob has nobody')
})
