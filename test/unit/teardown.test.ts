/** destroy() ends everything within its time, whatever is under way; afterwards nothing happens any more. */
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import test from 'node:test'
import type { Swarm } from '../../src/index.ts'
import { AT_ONCE_MS, assertDestroyed, DESTROY_MS, destroyed } from './helpers/destroyed.ts'
import { KINDS, type Meeting, meetingOver } from './helpers/places.ts'
import { assertHeld, heldNow } from './helpers/resources.ts'
import { event, turns, until, within } from './helpers/wait.ts'
import { polite, untilConnected } from './helpers/ways.ts'

/** States of a swarm that looks for somebody who is there, each with the way to it. */
const states: readonly (readonly [what: string, reach: (swarm: Swarm, peer: Swarm) => unknown])[] = [
  ['before the look', () => {}],
  ['one turn later', () => turns(1)],
  ['three turns later', () => turns(3)],
  ['while it flushes', (swarm) => void swarm.flush().catch(() => {})],
  ['when it is linked', (swarm) => untilConnected(1, swarm)],
  ["in its 'connection' listener", (swarm) => event(swarm, 'connection')],
  ['when its peer has just gone', (_swarm, peer) => peer.destroy({ lingerMs: 0 })],
  [
    'when it has left',
    async (swarm) => {
      await untilConnected(1, swarm)
      await swarm.leave('room')
    },
  ],
]

for (const kind of KINDS) {
  for (const [what, reach] of states) {
    test(`${kind}: destroy ${what}`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const before = await heldNow()
      const host = polite(meeting.create('host'))
      await within(host.join('room').flushed(), 'flushed')
      const swarm = meeting.create('guest')
      const pending = swarm.join('room').flushed()
      const settled = pending.then(
        () => 'flushed',
        (error: { code: string }) => error.code,
      )
      await reach(swarm, host)
      await assertDestroyed(swarm, { lingerMs: 0 })
      assert.match(await within(settled, 'flushed is settled', AT_ONCE_MS), /^(flushed|DESTROYED)$/)
      await within(host.destroy({ lingerMs: 0 }), 'destroy')
      // Hyperswarm ends some timers of its own later.
      if (kind !== 'dht') await assertHeld(before)
    })
  }

  test(`${kind}: destroy twice, and with another time, is one destroy`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const swarm = meeting.create('host')
    await within(swarm.join('room').flushed(), 'flushed')
    const [first, second] = [swarm.destroy(), swarm.destroy({ lingerMs: 0 })]
    assert.equal(first, second)
    await within(first, 'destroy', DESTROY_MS)
    assert.equal(swarm.destroy(), first)
  })

  test(`${kind}: what waits for a destroyed swarm rejects with DESTROYED, at once`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const [host, swarm] = [meeting.create('host'), meeting.create('guest')]
    for (const one of [host, swarm]) one.join('room')
    await untilConnected(1, swarm)
    const session = swarm.status('room')
    const info = swarm.peers.get(host.id)
    assert.ok(session && info)
    const done = swarm.destroy()
    const waits = () => [
      swarm.flush(),
      swarm.listen(),
      session.flushed(),
      session.refresh(),
      swarm.openStream(info, 1).then(() => {}),
    ]
    for (const wait of waits()) await assert.rejects(within(wait, 'a rejection', AT_ONCE_MS), destroyed)
    assert.throws(() => swarm.join('room'), destroyed)
    await within(done, 'destroy', DESTROY_MS)
    for (const wait of waits()) await assert.rejects(within(wait, 'a rejection', AT_ONCE_MS), destroyed)
    await session.destroy()
    await swarm.leave('room')
    assert.equal(swarm.status('room'), null)
  })

  test(`${kind}: what waits for a destroyed session rejects with DESTROYED, at once, and others go on`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const swarm = meeting.create('host')
    const [session, other] = [swarm.join('room'), swarm.join('room')]
    const pending = within(session.flushed(), 'a rejection', AT_ONCE_MS)
    const rejected = assert.rejects(pending, destroyed)
    void session.destroy()
    await rejected
    for (const wait of [session.flushed(), session.refresh()])
      await assert.rejects(within(wait, 'a rejection', AT_ONCE_MS), destroyed)
    await within(other.flushed(), 'flushed')
    await within(swarm.leave('room'), 'leave')
    await assert.rejects(within(other.flushed(), 'a rejection', AT_ONCE_MS), destroyed)
  })
}

for (const kind of KINDS) {
  test(`${kind}: destroy with an open observer, and of the observer`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const host = meeting.create('host')
    const seen = event(host, 'observer')
    await within(host.join('room').flushed(), 'flushed')
    const observer = meeting.create('guest', { observer: true })
    observer.join('room')
    await untilConnected(1, observer)
    await seen
    const [stream] = observer.connections
    assert.ok(stream)
    stream.resume()
    await assertDestroyed(host)
    await until(() => stream.readableEnded || stream.destroyed, 'the observer hears of it')
    await assertDestroyed(observer)
  })

  test(`${kind}: destroy while a refused connection lingers`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const host = meeting.create('host', { firewall: () => true })
    const guest = meeting.create('guest')
    await within(host.join('room').flushed(), 'flushed')
    guest
      .join('room')
      .flushed()
      .catch(() => {})
    await turns(10)
    await Promise.all([assertDestroyed(host), assertDestroyed(guest)])
  })

  test(`${kind}: destroy in a callback`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const [host, guest] = [meeting.create('host'), meeting.create('guest')]
    for (const swarm of [host, guest])
      swarm.on('connection', (stream) => {
        stream.once('close', () => void swarm.destroy())
        void swarm.destroy({ lingerMs: 0 })
      })
    for (const swarm of [host, guest]) swarm.join('room')
    await until(() => host.destroyed || guest.destroyed, 'one is destroyed')
    await Promise.all([assertDestroyed(host), assertDestroyed(guest)])
  })
}

test('sockets: a swarm that is destroyed as soon as it has joined leaves no file', async (t) => {
  const meeting: Meeting = await meetingOver(t, 'sockets')
  assert.ok('basedir' in meeting.place)
  for (let round = 0; round < 30; round++) {
    const swarm = meeting.create('host')
    for (const topic of ['one', 'two'])
      swarm
        .join(topic)
        .flushed()
        .catch(() => {})
    if (round % 3 > 0) await turns(round % 3)
    await within(swarm.destroy({ lingerMs: 0 }), 'destroy', AT_ONCE_MS)
    assert.deepEqual(readdirSync(meeting.place.basedir, { recursive: true }), [])
  }
})
