/** What the first look has missed is found by the next, with nobody asking: failures.md F13. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SwarmError } from '../../src/errors.ts'
import { limits } from '../../src/limits.ts'
import { Swarm } from '../../src/swarm/swarm.ts'
import { turns } from './helpers/wait.ts'
import { forEachWay, metBy, untilConnected } from './helpers/ways.ts'

forEachWay('a peer that was not there at the first look is found by the next one', async (t, meeting) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const [seeker, server] = [meeting.create(), meeting.create()]
  await seeker.join('room', { server: false }).flushed()
  await server.join('room', { client: false }).flushed()
  t.mock.timers.tick(limits.rescanMsMin - 1)
  await turns(20)
  assert.equal(seeker.connections.size, 0)
  t.mock.timers.tick(limits.rescanMsMax - limits.rescanMsMin + 1)
  await untilConnected(1, seeker, server)
})

forEachWay('who can be dialled leaves a newcomer the time until the next re-scan', async (t, meeting) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const [peer, silent] = [meeting.create(), meeting.create()]
  await peer.join('room').flushed()
  await silent.join('room', { client: false }).flushed()
  t.mock.timers.tick(limits.rescanMsMax)
  await turns(20)
  assert.equal(peer.connections.size, 0)
  t.mock.timers.tick(limits.rescanMsMax)
  await untilConnected(1, peer, silent)
})

forEachWay('looking goes on for as long as the topic is joined', async (t, meeting) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const seeker = meeting.create()
  const met = metBy(seeker)
  const discovery = seeker.join('room', { server: false })
  await discovery.flushed()
  for (let round = 1; round <= 5; round++) {
    await meeting.create().join('room', { client: false }).flushed()
    t.mock.timers.tick(limits.rescanMsMax)
    await untilConnected(round, seeker)
  }
  await discovery.destroy()
  await meeting.create().join('room', { client: false }).flushed()
  t.mock.timers.tick(limits.rescanMsMax * 3)
  await turns(20)
  assert.equal(met.length, 5)
})

test('a look that fails is warned of by its message alone, and looking goes on', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let looks = 0
  const lookup = async () => {
    looks += 1
    if (looks === 2) throw new SwarmError('RUNTIME_DIRECTORY', 'cannot read the directory')
    return []
  }
  const join = async () => ({
    address: undefined,
    lookup,
    dial: () => assert.fail(),
    destroy: async () => {},
  })
  const swarm = new Swarm({ transports: [{ name: 'broken', distance: 0, join }] })
  t.after(() => swarm.destroy())
  const warnings: string[] = []
  swarm.on('warning', (message) => warnings.push(message))
  await swarm.join('room').flushed()
  for (let round = 2; round <= 3; round++) {
    t.mock.timers.tick(limits.rescanMsMax)
    await turns(20)
  }
  assert.deepEqual({ looks, warnings }, { looks: 3, warnings: ['cannot read the directory'] })
})
