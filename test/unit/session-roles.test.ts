/** Roles are counted by session, and a failure to announce is tried again. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import test from 'node:test'
import type { Discovery } from '../../src/index.ts'
import { local } from '../../src/index.ts'
import { swarmError } from './helpers/errors.ts'
import { addressOf, KINDS, meetingOver, placeOf, transportsAt } from './helpers/places.ts'
import { defer, temporaryDirectory } from './helpers/scene.ts'
import { event, turns, until, within } from './helpers/wait.ts'
import { createSwarm, joinAll, metBy, untilConnected } from './helpers/ways.ts'

const server = { server: true, client: false }
const client = { server: false, client: true }

function flushed(discovery: Discovery): Promise<void> {
  return within(discovery.flushed(), 'flushed')
}

for (const kind of KINDS) {
  test(`${kind}: the last server session ends the announcement, whatever client sessions there are`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const host = meeting.create('host')
    const [first, second] = [host.join('room', server), host.join('room', server)]
    await flushed(host.join('room', client))
    await flushed(first)
    await within(first.destroy(), 'the end of a session')
    const early = meeting.create('guest')
    early.join('room', client)
    await untilConnected(1, early)
    await early.destroy({ lingerMs: 0 })
    await within(second.destroy(), 'the end of a session')
    const late = meeting.create('guest')
    const session = late.join('room', client)
    await flushed(session)
    for (let round = 0; round < 2; round++) await within(session.refresh(), 'refresh')
    assert.equal(late.connections.size, 0)
    assert.ok(host.status('room'), 'the client session is there still')
    // And it is announced again when somebody wants that.
    await flushed(host.join('room', server))
    await until(() => late.connections.size === 1, 'found again')
  })

  test(`${kind}: with the last client session nobody is looked for`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const [host, guest] = [meeting.create('host'), meeting.create('guest')]
    const serving = host.join('room', server)
    const seeking = [host.join('room', client), host.join('room')]
    await flushed(serving)
    for (const session of seeking) await within(session.destroy(), 'the end of a session')
    await flushed(guest.join('room', server))
    for (let round = 0; round < 2; round++) await within(serving.refresh(), 'refresh')
    await turns(20)
    assert.deepEqual([host.connections.size, guest.connections.size], [0, 0])
    host.join('room', client)
    await untilConnected(1, host, guest)
  })
}

test('a socket goes with the last server session, and only with it', async (t) => {
  const basedir = temporaryDirectory(t)
  const swarm = createSwarm(t, { basedir, shortcircuit: false })
  const sockets = () => readdirSync(basedir, { recursive: true }).filter((path) => /p-/.test(String(path)))
  const sessions = [swarm.join('room', client), swarm.join('room'), swarm.join('room', server)] as const
  for (const session of sessions) await flushed(session)
  assert.equal(sockets().length, 1)
  await sessions[1].destroy()
  assert.equal(sockets().length, 1)
  await sessions[2].destroy()
  assert.deepEqual(sockets(), [])
  await sessions[0].destroy()
  assert.deepEqual(readdirSync(basedir), [])
})

test('a session that is destroyed twice counts once', async (t) => {
  const meeting = await meetingOver(t, 'memory')
  const host = meeting.create('host')
  const [first, second] = [host.join('room', server), host.join('room', server)]
  await Promise.all([first.destroy(), first.destroy()])
  await first.destroy()
  assert.equal(host.status('room'), second)
  const guest = meeting.create('guest')
  await flushed(guest.join('room', client))
  assert.equal(guest.connections.size, 1)
})

test('what a session reads and writes ends with it', async (t) => {
  const meeting = await meetingOver(t, 'memory')
  const host = meeting.create('host')
  const chat = host.join('room', { reads: ['chat'], writes: ['chat'] })
  const files = host.join('room', { reads: ['files'], writes: ['files'] })
  await flushed(files)
  const first = meeting.create('guest', { reads: ['files'], writes: ['files'] })
  const met = metBy(first)
  await flushed(first.join('room'))
  assert.deepEqual(
    met.map(({ info }) => [...info.reads].sort()),
    [['chat', 'files']],
  )
  await first.destroy({ lingerMs: 0 })
  await files.destroy()
  const second = meeting.create('guest', { reads: ['files'], writes: ['files'] })
  await flushed(second.join('room'))
  assert.equal(second.connections.size, 0, 'nobody reads files there any more')
  await second.destroy({ lingerMs: 0 })
  const third = meeting.create('guest', { reads: ['chat'], writes: ['chat'] })
  const metByThird = metBy(third)
  await flushed(third.join('room'))
  assert.deepEqual(
    metByThird.filter(({ info }) => info.id === host.id).map(({ info }) => info.reads),
    [['chat']],
  )
  await chat.destroy()
})

for (const kind of ['memory', 'sockets', 'tcp'] as const) {
  test(`${kind}: roles that are taken up and laid down in one turn end as the last said`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const host = meeting.create('host')
    const keeper = host.join('room', client)
    for (let round = 0; round < 20; round++) void host.join('room', server).destroy()
    const last = host.join('room', server)
    await flushed(last)
    await flushed(keeper)
    const guest = meeting.create('guest')
    guest.join('room', client)
    await untilConnected(1, guest)
    void last.destroy()
    void host.join('room', server).destroy()
    await within(host.flush(), 'flush')
    await turns(10)
    const late = meeting.create('guest')
    await flushed(late.join('room', client))
    assert.equal(late.connections.size, 0)
  })
}

/** What keeps a swarm from being announced, and how it is taken away. */
const obstacles: readonly (readonly [
  what: string,
  put: (basedir: string) => void,
  remove: (basedir: string) => void,
])[] = [
  ['a file in the place of the runtime directory', (dir) => writeFileSync(dir, ''), (dir) => rmSync(dir)],
  [
    'a runtime directory that others may write to',
    (dir) => {
      mkdirSync(dir)
      chmodSync(dir, 0o777)
    },
    (dir) => chmodSync(dir, 0o700),
  ],
  [
    'a file in the place of the parent of the runtime directory',
    (dir) => writeFileSync(join(dir, '..'), ''),
    (dir) => {
      rmSync(join(dir, '..'))
      mkdirSync(join(dir, '..'))
    },
  ],
]
for (const [what, put, remove] of obstacles) {
  for (const roles of [{}, server])
    test(`a swarm that ${what} kept from joining as ${JSON.stringify(roles)} is announced once it has gone`, async (t) => {
      const basedir = join(temporaryDirectory(t), 'parent', 'd')
      if (!what.includes('parent')) mkdirSync(join(basedir, '..'))
      put(basedir)
      const swarm = createSwarm(t, { transports: [local({ basedir, shortcircuit: false })] })
      const warned = event(swarm, 'warning')
      const session = swarm.join('room', roles)
      await assert.rejects(within(session.flushed(), 'flushed'), swarmError('RUNTIME_DIRECTORY'))
      await warned
      remove(basedir)
      const guest = createSwarm(t, { transports: [local({ basedir, shortcircuit: false })] })
      guest.join('room', client)
      await untilConnected(1, guest)
      await within(session.refresh(), 'refresh')
    })

  test(`a join after ${what} has gone is a join as ever`, async (t) => {
    const basedir = join(temporaryDirectory(t), 'parent', 'd')
    if (!what.includes('parent')) mkdirSync(join(basedir, '..'))
    put(basedir)
    const swarm = createSwarm(t, { transports: [local({ basedir, shortcircuit: false })] })
    await assert.rejects(within(swarm.join('room').flushed(), 'flushed'), swarmError('RUNTIME_DIRECTORY'))
    remove(basedir)
    await flushed(swarm.join('room', client))
    await flushed(swarm.join('other'))
    const guest = createSwarm(t, { transports: [local({ basedir, shortcircuit: false })] })
    await joinAll('room', guest)
    await untilConnected(1, swarm, guest)
  })
}

for (const kind of ['tcp', 'unix', 'tls', 'lan'] as const) {
  test(`${kind}: a place that was taken when we joined is listened at once it is free`, async (t) => {
    const place = await placeOf(t, kind)
    const blocker = createServer()
    defer(t, () => blocker.close())
    blocker.listen(addressOf(place))
    await event(blocker, 'listening')
    const host = createSwarm(t, { transports: transportsAt(place, 'host') })
    await assert.rejects(within(host.join('room').flushed(), 'flushed'), swarmError('NETWORK'))
    await new Promise((resolve) => blocker.close(resolve))
    await flushed(host.join('other'))
    await flushed(host.join('room'))
    const guest = createSwarm(t, { transports: transportsAt(place, 'guest') })
    guest.join('room')
    await untilConnected(1, host, guest)
  })
}

test('unix: a directory that comes later is listened in, with nobody asking', async (t) => {
  const directory = join(temporaryDirectory(t), 'later')
  const place = { kind: 'unix', url: `unix:${join(directory, 'socket')}` } as const
  const host = createSwarm(t, { transports: transportsAt(place, 'host') })
  await assert.rejects(within(host.join('room').flushed(), 'flushed'), swarmError('NETWORK'))
  mkdirSync(directory)
  await until(() => existsSync(join(directory, 'socket')), 'it listens')
  const guest = createSwarm(t, { transports: transportsAt(place, 'guest') })
  guest.join('room')
  await untilConnected(1, host, guest)
})
