/**
 * What a program's own functions throw is the program's: it is told in a warning, whoever it was about is refused, and
 * nothing else changes. It is no fault of the peer, and does not end the process (an exception that nobody catches fails
 * the test that it happens in).
 */
import assert from 'node:assert/strict'
import test from 'node:test'
import { SwarmError, type SwarmOptions } from '../../src/index.ts'
import { assertWarned, broken, warningsOf } from './helpers/broken.ts'
import { ENCRYPTED, type Keyed, KINDS, meetingOver } from './helpers/places.ts'
import { turns, until, within } from './helpers/wait.ts'
import { metBy, polite, untilConnected } from './helpers/ways.ts'

const server = { server: true, client: false }
const client = { server: false, client: true }

for (const kind of ENCRYPTED) {
  for (const who of ['host', 'guest'] as const)
    test(`${kind}: a transport's firewall of the ${who} that throws rejects, with a warning, and others come`, async (t) => {
      const meeting = await meetingOver(t, kind)
      let isBroken = true
      const keyed: Keyed = { firewall: () => (isBroken ? broken() : false) }
      const host = meeting.create('host', {}, who === 'host' ? keyed : {})
      const guest = meeting.create('guest', {}, who === 'guest' ? keyed : {})
      const warnings = warningsOf(who === 'host' ? host : guest)
      host.join('room')
      guest.join('room')
      await assertWarned(warnings, 'firewall')
      assert.deepEqual([host.connections.size, guest.connections.size], [0, 0])
      isBroken = false
      const friend = meeting.create('guest')
      friend.join('room')
      await until(() => [...friend.peers.keys()].includes(host.id), 'a friend of the host', 10_000)
    })
}

for (const kind of KINDS) {
  for (const who of ['host', 'guest'] as const) {
    test(`${kind}: a swarm's firewall of the ${who} that throws rejects, with a warning`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const wall: SwarmOptions = { firewall: broken }
      const host = meeting.create('host', who === 'host' ? wall : {})
      const guest = meeting.create('guest', who === 'guest' ? wall : {})
      const warnings = warningsOf(who === 'host' ? host : guest)
      await within(host.join('room', server).flushed(), 'flushed')
      await within(guest.join('room', client).flushed(), 'flushed')
      await assertWarned(warnings, 'firewall')
      assert.equal(guest.connections.size, 0)
      await until(() => host.connections.size === 0, 'nobody is there', 5_000)
    })

    test(`${kind}: a swarm's firewall of the ${who} that gives a promise rejects, with a warning`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const wall: SwarmOptions = {}
      Object.assign(wall, { firewall: async () => broken() })
      const host = meeting.create('host', who === 'host' ? wall : {})
      const guest = meeting.create('guest', who === 'guest' ? wall : {})
      const warnings = warningsOf(who === 'host' ? host : guest)
      await within(host.join('room', server).flushed(), 'flushed')
      await within(guest.join('room', client).flushed(), 'flushed')
      await until(() => warnings.some((text) => text.includes('promise')), 'a warning')
      assert.equal(guest.connections.size, 0)
      await until(() => host.connections.size === 0, 'nobody is there', 5_000)
    })

    test(`${kind}: a 'connection' listener of the ${who} that throws closes that connection, with a warning`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const [host, guest] = [meeting.create('host'), meeting.create('guest')]
      const thrower = who === 'host' ? host : guest
      const other = who === 'host' ? guest : host
      const warnings = warningsOf(thrower)
      const faults: unknown[] = []
      thrower.once('connection', (stream) => {
        stream.on('error', (error) => faults.push(error))
        broken()
      })
      const met = metBy(polite(other))
      host.join('room', server)
      guest.join('room', client)
      await assertWarned(warnings, 'connection')
      await until(() => faults.length > 0, "the stream's error", 5_000)
      const [fault] = faults
      assert.ok(fault instanceof Error)
      assert.equal(fault instanceof SwarmError && fault.code === 'PROTOCOL', false)
      // The other side sees a connection that was lost; and both meet again.
      await until(() => met.every(({ stream }) => stream.destroyed), 'it is closed', 5_000)
      await within(thrower.status('room')?.refresh() ?? Promise.reject(), 'refresh')
      const session = guest.status('room')
      assert.ok(session)
      for (let round = 0; round < 20 && thrower.connections.size === 0; round++)
        await within(session.refresh(), 'refresh')
      await untilConnected(1, host, guest)
    })
  }

  test(`${kind}: a 'stream' listener that throws refuses that stream, with a warning, and takes the next`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const [host, guest] = [meeting.create('host'), meeting.create('guest')]
    const warnings = warningsOf(host)
    host.once('stream', broken)
    for (const swarm of [host, guest]) swarm.join('room')
    await untilConnected(1, host, guest)
    const info = guest.peers.get(host.id)
    assert.ok(info)
    await assert.rejects(within(guest.openStream(info, 1), 'a refusal', 5_000), (error: unknown) => {
      assert.ok(error instanceof SwarmError)
      return error.code !== 'PROTOCOL' && error.code !== 'TIMEOUT'
    })
    await assertWarned(warnings, 'stream')
    host.once('stream', (incoming) => void incoming.accept().stream.end('taken'))
    const { stream } = await within(guest.openStream(info, 2), 'a stream', 5_000)
    stream.destroy()
    assert.equal(host.connections.size, 1)
  })

  test(`${kind}: an 'observer' listener that throws ends that observer, with a warning`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const host = meeting.create('host')
    const warnings = warningsOf(host)
    host.once('observer', broken)
    await within(host.join('room').flushed(), 'flushed')
    const observer = meeting.create('guest', { observer: true })
    const met = metBy(polite(observer))
    observer.join('room')
    await assertWarned(warnings, 'observer')
    await until(() => met.length === 0 || met[0]?.stream.destroyed === true, 'it is closed', 5_000)
    const next = meeting.create('guest', { observer: true })
    next.join('room')
    await untilConnected(1, next)
  })
}

for (const kind of ['memory', 'sockets', 'tcp'] as const) {
  test(`${kind}: a 'warning' listener that throws ends nothing`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const host = meeting.create('host')
    let count = 0
    host.on('warning', () => {
      count += 1
      broken()
    })
    host.once('connection', broken)
    const guest = meeting.create('guest')
    host.join('room')
    guest.join('room', server)
    await until(() => count > 0, 'a warning', 5_000)
    await turns(20)
    assert.ok(count < 10, 'it is not told of itself again and again')
    const session = host.status('room')
    for (let round = 0; round < 20 && host.connections.size === 0; round++)
      await within(session?.refresh() ?? Promise.reject(), 'refresh')
    await untilConnected(1, host)
  })

  for (const [what, listener] of [
    ['listener that rejects', async () => broken()],
    [
      'listener that rejects later',
      async () => {
        await turns(2)
        broken()
      },
    ],
  ] as const)
    test(`${kind}: an async 'connection' ${what} is a warning`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const [host, guest] = [meeting.create('host'), meeting.create('guest')]
      const warnings = warningsOf(host)
      host.once('connection', listener)
      for (const swarm of [host, guest]) swarm.join('room')
      await assertWarned(warnings, 'connection')
    })
}
