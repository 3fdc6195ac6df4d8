/** destroy() with a peer whose process is stopped keeps its time, and what waits for that peer rejects at once. */
import assert from 'node:assert/strict'
import test, { describe, type TestContext } from 'node:test'
import { AT_ONCE_MS, assertDestroyed, DESTROY_MS, destroyed } from './helpers/destroyed.ts'
import { BETWEEN_PROCESSES, type Kind, meetingOver } from './helpers/places.ts'
import { partyProcess } from './helpers/processes.ts'
import { turns, within } from './helpers/wait.ts'
import { untilConnected } from './helpers/ways.ts'

/** Linked with a process that is stopped then. */
async function linkedWithStopped(t: TestContext, kind: Kind) {
  const meeting = await meetingOver(t, kind)
  const swarm = meeting.create('host')
  swarm.join('room')
  const party = await partyProcess(t, { place: meeting.place, role: 'guest', does: 'nothing' })
  await untilConnected(1, swarm)
  const [info] = swarm.peers.values()
  const [stream] = swarm.connections
  assert.ok(info && stream)
  await party.stop()
  return { meeting, swarm, party, info, stream }
}

// They mostly wait.
describe('with a stopped peer', { concurrency: 5 }, () => {
  for (const kind of BETWEEN_PROCESSES) {
    test(`${kind}: destroy with a stopped peer keeps its time`, async (t) => {
      const { swarm } = await linkedWithStopped(t, kind)
      await assertDestroyed(swarm)
    })

    test(`${kind}: destroy with a stopped peer to whom much was written keeps its time`, async (t) => {
      const { swarm, stream } = await linkedWithStopped(t, kind)
      for (let count = 0; count < 100; count++) stream.write(Buffer.alloc(100_000))
      await assertDestroyed(swarm)
    })

    test(`${kind}: openStream to a stopped peer rejects with DESTROYED when the swarm is destroyed`, async (t) => {
      const { swarm, info } = await linkedWithStopped(t, kind)
      const pending = [1, 2, 3].map((number) =>
        within(swarm.openStream(info, number), 'a rejection', AT_ONCE_MS),
      )
      const rejected = Promise.all(pending.map((one) => assert.rejects(one, destroyed)))
      await turns(5)
      const done = swarm.destroy()
      await rejected
      await within(done, 'destroy', DESTROY_MS)
    })

    test(`${kind}: openStream to a stopped peer rejects with DESTROYED when the topic is left`, async (t) => {
      const { swarm, info } = await linkedWithStopped(t, kind)
      const rejected = assert.rejects(
        within(swarm.openStream(info, 1), 'a rejection', 2 * AT_ONCE_MS),
        destroyed,
      )
      await turns(5)
      await within(swarm.leave('room'), 'leave', DESTROY_MS)
      await rejected
      assert.equal(swarm.connections.size, 1, 'connections stay')
    })

    test(`${kind}: destroy while a stopped process is dialled keeps its time`, async (t) => {
      const { meeting, swarm } = await linkedWithStopped(t, kind)
      if (kind === 'tcp' || kind === 'tls' || kind === 'unix' || kind === 'lan') await swarm.destroy()
      const dialler = meeting.create('host')
      dialler
        .join('room')
        .flushed()
        .catch(() => {})
      await turns(20)
      await assertDestroyed(dialler)
    })
  }
})
