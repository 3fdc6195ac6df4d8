/** Nobody hears of a connection that one side refused, whichever side it was. */
import assert from 'node:assert/strict'
import test from 'node:test'
import type { PeerInfo, Swarm, SwarmOptions } from '../../src/index.ts'
import { ENCRYPTED, type Keyed, KINDS, type Kind, meetingOver } from './helpers/places.ts'
import { turns, until, within } from './helpers/wait.ts'
import { metBy, polite } from './helpers/ways.ts'

const server = { server: true, client: false }
const client = { server: false, client: true }

/** All that a swarm says of peers. */
function heardBy(swarm: Swarm): unknown[] {
  const heard: unknown[] = []
  swarm.on('connection', (_stream, info) => heard.push(['connection', info.name]))
  swarm.on('stream', ({ info }) => heard.push(['stream', info.name]))
  swarm.on('observer', (_stream, info) => heard.push(['observer', info.name]))
  return heard
}

async function looked(swarm: Swarm, times = 2): Promise<void> {
  for (let round = 0; round < times; round++) {
    const session = swarm.status('room')
    assert.ok(session)
    await within(session.refresh(), 'refresh')
  }
  await turns(20)
}

const walls: readonly (readonly [what: string, firewall: (info: PeerInfo) => boolean])[] = [
  ['rejects', () => true],
  [
    'throws',
    () => {
      throw new Error('broken')
    },
  ],
]

for (const kind of KINDS) {
  for (const [what, firewall] of walls) {
    test(`${kind}: nobody hears of a peer whom the firewall of its dialler ${what}`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const host = meeting.create('host')
      const guest = meeting.create('guest', { firewall })
      const heard = [heardBy(host), heardBy(guest)]
      await within(host.join('room', server).flushed(), 'flushed')
      await within(guest.join('room', client).flushed(), 'flushed')
      await looked(guest)
      assert.deepEqual(heard, [[], []])
      assert.deepEqual([host.connections.size, host.peers.size, guest.connections.size], [0, 0, 0])
    })

    test(`${kind}: nobody hears of a peer whom the firewall of the dialled ${what}`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const host = meeting.create('host', { firewall })
      const guest = meeting.create('guest')
      const heard = [heardBy(host), heardBy(guest)]
      await within(host.join('room', server).flushed(), 'flushed')
      await within(guest.join('room', client).flushed(), 'flushed')
      await looked(guest)
      assert.deepEqual(heard, [[], []])
      assert.deepEqual([host.connections.size, guest.connections.size], [0, 0])
    })

    test(`${kind}: of two that dial each other, nobody hears when one of them ${what}`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const [host, guest] = [meeting.create('host', { firewall }), meeting.create('guest')]
      const heard = [heardBy(host), heardBy(guest)]
      for (const swarm of [host, guest]) swarm.join('room')
      await within(Promise.all([host.flush(), guest.flush()]), 'flush')
      for (const swarm of [host, guest, host, guest]) await looked(swarm, 1)
      assert.deepEqual(heard, [[], []])
    })
  }
}

for (const kind of ['memory', 'short circuit', 'sockets', 'dht'] satisfies Kind[]) {
  test(`${kind}: nobody hears of a peer for whom its dialler has no room any more`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const hosts = Array.from({ length: 4 }, () => polite(meeting.create('host')))
    const heard = hosts.map(heardBy)
    for (const host of hosts) await within(host.join('room', server).flushed(), 'flushed')
    // All are dialled while there is room for one.
    const guest = polite(meeting.create('guest', { maxPeers: 1 }))
    const byGuest = metBy(guest)
    await within(guest.join('room', client).flushed(), 'flushed')
    await turns(20)
    assert.deepEqual([byGuest.length, heard.flat().length], [1, 1])
    assert.equal(hosts.filter(({ connections }) => connections.size > 0).length, 1)
  })
}

for (const kind of ENCRYPTED) {
  for (const who of ['host', 'guest'] as const) {
    for (const [what, firewall] of walls)
      test(`${kind}: nobody hears of a peer whom the transport's firewall of the ${who} ${what}`, async (t) => {
        const keyed: Keyed = { firewall: () => firewall({ ...nobody }) }
        const meeting = await meetingOver(t, kind)
        const host = meeting.create('host', {}, who === 'host' ? keyed : {})
        const guest = meeting.create('guest', {}, who === 'guest' ? keyed : {})
        const heard = [heardBy(host), heardBy(guest)]
        for (const swarm of [host, guest]) swarm.join('room')
        await within(Promise.all([host.flush(), guest.flush()]), 'flush', 30_000)
        for (const swarm of [host, guest]) await looked(swarm, 1)
        assert.deepEqual(heard, [[], []])
      })
  }
}

/** What a firewall that looks at nothing is asked about. */
const nobody: PeerInfo = {
  id: '',
  name: '',
  topic: Buffer.alloc(32),
  topicName: '',
  client: false,
  transport: '',
  verb: '',
  reads: [],
  writes: [],
  address: undefined,
  pid: undefined,
}

for (const kind of ['memory', 'sockets', 'tcp', 'dht'] satisfies Kind[]) {
  test(`${kind}: a peer that is destroyed before it has answered was never there`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const host = meeting.create('host')
    const met = metBy(host)
    await within(host.join('room', server).flushed(), 'flushed')
    const guest: Swarm = meeting.create('guest', {
      firewall: () => {
        void guest.destroy({ lingerMs: 0 })
        return false
      },
    } satisfies SwarmOptions)
    const heard = heardBy(guest)
    guest.join('room', client)
    await until(() => guest.destroyed, 'the firewall is asked')
    await within(guest.destroy(), 'destroy')
    await turns(50)
    assert.deepEqual(heard, [])
    assert.equal(met.length, 0)
    assert.equal(host.connections.size, 0)
  })
}
