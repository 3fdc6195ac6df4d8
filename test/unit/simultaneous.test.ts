/** Peers that dial each other at the same moment: failures.md P8. */
import assert from 'node:assert/strict'
import type { Swarm } from '../../src/swarm/swarm.ts'
import { turns, until, within } from './helpers/wait.ts'
import { forEachWay, joinAll, type Meeting, type Met, metBy, polite } from './helpers/ways.ts'

const ROUNDS = 300

/** A swarm that tells each peer its own id, and remembers what it was told on which connection. */
class Greeter {
  readonly swarm: Swarm
  readonly met: readonly Met[]
  readonly heard = new Map<string, string>()

  constructor(meeting: Meeting) {
    this.swarm = meeting.create()
    this.met = metBy(this.swarm)
    this.swarm.on('connection', (stream, info) => {
      stream.write(this.swarm.id)
      stream.on('data', (text) => this.heard.set(info.id, `${this.heard.get(info.id) ?? ''}${text}`))
    })
  }
}

forEachWay(
  `${ROUNDS} rounds of two to six joining at once: one connection for each pair, data both ways`,
  async (t, meeting) => {
    // Without a clock there is no re-scan either: nothing heals what the first look has missed.
    t.mock.timers.enable({ apis: ['setTimeout'] })
    for (let round = 0; round < ROUNDS; round++) {
      const greeters = Array.from({ length: 2 + (round % 5) }, () => new Greeter(meeting))
      const peers = greeters.length - 1
      for (const [i, { swarm }] of greeters.entries()) {
        swarm.join(`round ${round}`)
        await turns((round * 7 + i * 3) % 4)
      }
      await until(() => greeters.every(({ heard }) => heard.size >= peers), `round ${round}: all are met`)
      await within(Promise.all(greeters.map(({ swarm }) => swarm.flush())), 'flush')
      for (const { swarm, met, heard } of greeters) {
        assert.equal(met.length, peers, `round ${round}: each peer is met once`)
        assert.equal(swarm.connections.size, peers, `round ${round}: one connection for each`)
        for (const { info } of met) assert.equal(heard.get(info.id), info.id, `round ${round}: data arrives`)
      }
      await within(Promise.all(greeters.map(({ swarm }) => swarm.destroy())), 'destroy')
    }
  },
)

forEachWay(
  'who has flushed is connected to all that were there, though they look at the same moment',
  async (t, meeting) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const residents = Array.from({ length: 3 }, () => polite(meeting.create()))
    await joinAll('room', ...residents)
    for (let round = 0; round < 100; round++) {
      const newcomer = polite(meeting.create())
      newcomer.join('room')
      await within(newcomer.listen(), 'listen')
      const looks = residents.map((swarm) => swarm.status('room')?.refresh())
      await within(newcomer.flush(), 'flush')
      assert.equal(newcomer.connections.size, residents.length, `round ${round}`)
      await Promise.all(looks)
      await within(newcomer.destroy(), 'destroy')
    }
  },
)
