/** What kept a peer from being published, or from reaching its directory, may go away: then it is found again by itself. */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { limits, type Swarm } from '../../src/index.ts'
import { temporaryDirectory } from './helpers/scene.ts'
import { until, within } from './helpers/wait.ts'
import { createSwarm, joinAll, untilConnected } from './helpers/ways.ts'

const server = { server: true, client: false }
const client = { server: false, client: true }

function swarmIn(t: TestContext, basedir: string): Swarm {
  return createSwarm(t, { basedir, shortcircuit: false })
}

/** Looks as often as a swarm does in those seconds, and lets what fails fail. */
async function lookedInVain(swarm: Swarm): Promise<void> {
  for (let round = 0; round < 4; round++)
    await within(swarm.status('room')?.refresh() ?? Promise.resolve(), 'refresh').catch(() => {})
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

/** The directory of the only topic there. */
function directoryIn(basedir: string): string {
  const name = readdirSync(basedir).find((entry) => /^[0-9a-f]{16}$/.test(entry))
  assert.ok(name)
  return join(basedir, name)
}

interface Obstacle {
  readonly what: string
  readonly put: (basedir: string, directory: string) => void
  readonly remove: (basedir: string, directory: string) => void
}

const obstacles: readonly Obstacle[] = [
  {
    what: 'its directory is a file',
    put: (_basedir, directory) => {
      rmSync(directory, { recursive: true })
      writeFileSync(directory, 'not yours')
    },
    remove: (_basedir, directory) => rmSync(directory),
  },
  {
    what: 'its directory is a link that leads nowhere',
    put: (_basedir, directory) => {
      rmSync(directory, { recursive: true })
      symlinkSync(join(directory, '..', 'nowhere'), directory)
    },
    remove: (_basedir, directory) => rmSync(directory),
  },
  {
    what: 'the runtime directory is a file',
    put: (basedir) => {
      rmSync(basedir, { recursive: true })
      writeFileSync(basedir, 'not yours')
    },
    remove: (basedir) => rmSync(basedir),
  },
  {
    what: 'the runtime directory is open to others, and the socket gone',
    put: (basedir, directory) => {
      rmSync(directory, { recursive: true })
      chmodSync(basedir, 0o777)
    },
    remove: (basedir) => chmodSync(basedir, 0o700),
  },
  {
    what: 'the parent of the runtime directory is gone',
    put: (basedir) => rmSync(join(basedir, '..'), { recursive: true }),
    remove: (basedir) => mkdirSync(join(basedir, '..')),
  },
  ...(isRoot()
    ? []
    : [
        {
          what: 'the runtime directory cannot be written to, and the socket is gone',
          put: (basedir: string, directory: string) => {
            rmSync(directory, { recursive: true })
            chmodSync(basedir, 0o500)
          },
          remove: (basedir: string) => chmodSync(basedir, 0o700),
        },
      ]),
]

/** A runtime directory in a directory of its own; `long`: its sockets have to be reached through a descriptor. */
function baseOf(t: TestContext, long: boolean): string {
  const parent = join(temporaryDirectory(t), long ? 'p'.repeat(limits.socketPathBytes) : 'p')
  mkdirSync(parent)
  return join(parent, 'd')
}

// They mostly wait for the next look.
describe('once an obstacle has gone', { concurrency: 8 }, () => {
  for (const long of [false, true]) {
    const path = long ? ' (long path)' : ''
    for (const { what, put, remove } of obstacles) {
      for (const roles of [{}, server])
        test(`${what}${path}: a peer as ${JSON.stringify(roles)} is found again once that is over`, async (t) => {
          const basedir = baseOf(t, long)
          const host = swarmIn(t, basedir)
          await within(host.join('room', roles).flushed(), 'flushed')
          const directory = directoryIn(basedir)
          put(basedir, directory)
          await lookedInVain(host)
          remove(basedir, directory)
          // Nobody asks it to.
          const guest = swarmIn(t, basedir)
          guest.join('room', client)
          await untilConnected(1, host, guest)
        })
    }

    for (const [how, take] of [
      ['removed', (directory: string) => rmSync(directory, { recursive: true })],
      ['moved away', (directory: string) => renameSync(directory, `${directory}-old`)],
    ] as const) {
      for (const roles of [client, {}])
        test(`a peer as ${JSON.stringify(roles)} reaches who is in a directory that was ${how} and made again${path}`, async (t) => {
          const basedir = baseOf(t, long)
          const first = swarmIn(t, basedir)
          const guest = swarmIn(t, basedir)
          await within(first.join('room', server).flushed(), 'flushed')
          await within(guest.join('room', roles).flushed(), 'flushed')
          await untilConnected(1, first, guest)
          for (let round = 1; round <= 3; round++) {
            take(directoryIn(basedir))
            const next = swarmIn(t, basedir)
            await within(next.join('room', server).flushed(), 'flushed')
            await within(guest.status('room')?.refresh() ?? Promise.reject(), 'refresh')
            await until(() => guest.peers.has(next.id), `the peer of round ${round}`, 10_000)
            rmSync(`${directoryIn(basedir)}-old`, { recursive: true, force: true })
          }
        })
    }

    test(`a peer that was published anew has one socket, and leaves none${path}`, async (t) => {
      const basedir = baseOf(t, long)
      const host = swarmIn(t, basedir)
      await joinAll('room', host)
      const directory = directoryIn(basedir)
      for (let round = 0; round < 3; round++) {
        rmSync(directory, { recursive: true })
        writeFileSync(directory, '')
        await lookedInVain(host)
        rmSync(directory)
        await within(host.status('room')?.refresh() ?? Promise.reject(), 'refresh')
        assert.equal(readdirSync(directory).length, 1)
      }
      await within(host.destroy({ lingerMs: 0 }), 'destroy')
      assert.deepEqual(readdirSync(basedir), [])
    })
  }

  test('what it could not do is told once, and not at each try', async (t) => {
    const basedir = baseOf(t, false)
    const host = swarmIn(t, basedir)
    const warnings: string[] = []
    host.on('warning', (message) => warnings.push(message))
    await joinAll('room', host)
    const directory = directoryIn(basedir)
    rmSync(directory, { recursive: true })
    writeFileSync(directory, '')
    await until(() => warnings.length > 0, 'a warning', 10_000)
    for (let round = 0; round < 10; round++) await lookedInVain(host)
    assert.ok(warnings.length <= 3, `${warnings.length} warnings`)
  })
})
