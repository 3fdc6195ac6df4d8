/** A unix: endpoint is its owner's alone from its first moment, and nobody removes another's. */
import assert from 'node:assert/strict'
import {
  existsSync,
  lstatSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { swarmError } from './helpers/errors.ts'
import { type Place, transportsAt } from './helpers/places.ts'
import { TestProcess } from './helpers/processes.ts'
import { defer, temporaryDirectory } from './helpers/scene.ts'
import { event, until, within } from './helpers/wait.ts'
import { createSwarm, metBy, polite, untilConnected } from './helpers/ways.ts'

function placeIn(t: TestContext): { path: string; place: Place } {
  const path = join(temporaryDirectory(t), 'socket')
  return { path, place: { kind: 'unix', url: `unix:${path}` } }
}

/** A socket that nobody listens at any more. */
async function abandoned(path: string): Promise<void> {
  const server = createServer().listen(`${path}-x`)
  await event(server, 'listening')
  renameSync(`${path}-x`, path)
  server.close()
  await event(server, 'close')
  assert.ok(lstatSync(path).isSocket())
}

for (const umask of [0, 0o022, 0o777])
  for (const isStale of [false, true])
    test(`with a umask of 0${umask.toString(8)} nobody else can ever use the socket${isStale ? ' that replaces an abandoned one' : ''}`, async (t) => {
      const { path, place } = placeIn(t)
      if (isStale) await abandoned(path)
      const party = new TestProcess(t, 'party', JSON.stringify({ place, role: 'host', umask }), {
        OBSERVED_PATH: path,
      })
      await party.tells('ready')
      assert.equal(
        party.told.find((told) => 'failed' in told),
        undefined,
      )
      assert.equal(statSync(path).mode & 0o777, 0o600)
      // What was there before us was another's.
      const seen = party.told.filter(
        (told) => 'mode' in told && !(isStale && /before|listening/.test(String(told.when))),
      )
      assert.deepEqual(
        seen.filter(({ mode }) => (Number(mode) & 0o077) !== 0),
        [],
      )
      // The mask is the program's own again.
      const guest = polite(createSwarm(t, { transports: transportsAt(place, 'guest') }))
      guest.join('room')
      await untilConnected(1, guest)
    })

test('a process that was about to remove an abandoned socket does not remove the new one of another process', async (t) => {
  const { path, place } = placeIn(t)
  await abandoned(path)
  const go = `${path}-go`
  const start = (observed: NodeJS.ProcessEnv) =>
    new TestProcess(t, 'party', JSON.stringify({ place, role: 'host' }), { OBSERVED_PATH: path, ...observed })
  const slow = start({ HELD_UNTIL: go })
  await slow.tells('held')
  const quick = start({})
  // It may listen, be refused, or wait for the other one.
  await Promise.race([quick.tells('ready'), new Promise((resolve) => setTimeout(resolve, 3_000))])
  writeFileSync(go, '')
  await Promise.all([slow.tells('ready'), quick.tells('ready')])
  const listening = [slow, quick].filter(({ told }) => !told.some((one) => 'failed' in one))
  assert.equal(listening.length, 1, 'one listens, and the other was told')
  const guest = polite(createSwarm(t, { transports: transportsAt(place, 'guest') }))
  const met = metBy(guest)
  guest.join('room')
  await untilConnected(1, guest)
  const ready = listening[0]?.told.find((told) => 'ready' in told)
  assert.equal(met[0]?.info.id, ready?.ready)
})

test('of many processes that find an abandoned socket at once, one listens, and it is reached', async (t) => {
  const { path, place } = placeIn(t)
  await abandoned(path)
  const parties = Array.from(
    { length: 5 },
    () => new TestProcess(t, 'party', JSON.stringify({ place, role: 'host' })),
  )
  await Promise.all(parties.map((party) => party.tells('ready')))
  const listening = parties.filter(({ told }) => !told.some((one) => 'failed' in one))
  assert.equal(listening.length, 1)
  const guest = polite(createSwarm(t, { transports: transportsAt(place, 'guest') }))
  guest.join('room')
  await untilConnected(1, guest)
})

const takers: readonly (readonly [what: string, take: (t: TestContext, path: string) => Promise<void>])[] = [
  [
    'another peer',
    async (t, path) => {
      const other = createSwarm(t, {
        transports: transportsAt({ kind: 'unix', url: `unix:${path}` }, 'host'),
      })
      await within(other.join('room').flushed(), 'flushed')
    },
  ],
  [
    'another program',
    async (t, path) => {
      const server = createServer().listen(path)
      await event(server, 'listening')
      defer(t, () => server.close())
    },
  ],
  ['a file', async (_t, path) => writeFileSync(path, 'precious')],
  ['a link', async (_t, path) => symlinkSync('/nowhere', path)],
]
for (const [what, take] of takers)
  test(`a swarm that is destroyed leaves ${what} that has taken its path`, async (t) => {
    const { path, place } = placeIn(t)
    const host = createSwarm(t, { transports: transportsAt(place, 'host') })
    await within(host.join('room').flushed(), 'flushed')
    unlinkSync(path)
    await take(t, path)
    const { ino } = lstatSync(path)
    await within(host.destroy({ lingerMs: 0 }), 'destroy')
    assert.equal(existsSync(path) || what === 'a link', true)
    assert.equal(lstatSync(path).ino, ino)
  })

for (const [what, put] of [
  ['a file', (path: string) => writeFileSync(path, 'precious')],
  [
    'a link to a file',
    (path: string) => {
      writeFileSync(`${path}-file`, 'precious')
      symlinkSync(`${path}-file`, path)
    },
  ],
  ['a link that leads nowhere', (path: string) => symlinkSync(`${path}-nowhere`, path)],
] as const)
  test(`${what} in the place of the socket stays, and joining fails`, async (t) => {
    const { path, place } = placeIn(t)
    put(path)
    const { ino } = lstatSync(path)
    const host = createSwarm(t, { transports: transportsAt(place, 'host') })
    await assert.rejects(within(host.join('room').flushed(), 'flushed'), swarmError('NETWORK'))
    assert.equal(lstatSync(path).ino, ino)
  })

test('a path that is in use stays in use when the second one gives up', async (t) => {
  const { path, place } = placeIn(t)
  const [first, second] = [0, 1].map(() => createSwarm(t, { transports: transportsAt(place, 'host') }))
  assert.ok(first && second)
  await within(first.join('room').flushed(), 'flushed')
  await assert.rejects(within(second.join('room').flushed(), 'flushed'), swarmError('NETWORK'))
  await within(second.destroy({ lingerMs: 0 }), 'destroy')
  await until(() => existsSync(path), 'it is there')
  const guest = polite(createSwarm(t, { transports: transportsAt(place, 'guest') }))
  guest.join('room')
  await untilConnected(1, polite(first), guest)
  await within(first.destroy({ lingerMs: 0 }), 'destroy')
  assert.equal(existsSync(path), false)
  rmSync(path, { force: true })
})
