/** A process leaves no socket and no directory of its own behind, however it ends, and ends as it would without us. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { addressOf, placeOf } from './helpers/places.ts'
import { type PartyOptions, partyProcess, TestProcess } from './helpers/processes.ts'
import { turns, until } from './helpers/wait.ts'

/** What a process with a runtime directory and a process with a unix endpoint leave, by their ends. */
const ends: readonly (readonly [
  what: string,
  end: (process: TestProcess) => void,
  status: number | string,
  options?: Partial<PartyOptions>,
])[] = [
  ['process.exit', (party) => party.child.send('exit'), 0],
  ['an exception', (party) => party.child.send('throw'), 1],
  ['a rejection that nobody handles', (party) => party.child.send('reject'), 1],
  ['a closed channel to its parent', (party) => party.child.disconnect(), 0],
  ['SIGTERM', (party) => party.signal('SIGTERM'), 'SIGTERM'],
  ['SIGINT', (party) => party.signal('SIGINT'), 'SIGINT'],
  ['SIGHUP', (party) => party.signal('SIGHUP'), 'SIGHUP'],
  ['SIGTERM and its own handler', (party) => party.signal('SIGTERM'), 7, { signals: ['SIGTERM'] }],
  ['SIGINT and its own handler', (party) => party.signal('SIGINT'), 7, { signals: ['SIGINT'] }],
]

function filesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory, { recursive: true }).map(String) : []
}

for (const [what, end, status, options] of ends) {
  test(`${what} leaves nothing of a peer on several topics`, async (t) => {
    const place = await placeOf(t, 'sockets')
    assert.ok('basedir' in place)
    const party = await partyProcess(t, { place, role: 'host', topics: ['one', 'two', 'three'], ...options })
    assert.equal(filesIn(place.basedir).filter((path) => path.includes('p-')).length, 3)
    end(party)
    assert.equal(await party.exit(), status)
    assert.deepEqual(filesIn(place.basedir), [])
  })
}

const some = ends.filter(([what]) =>
  ['process.exit', 'an exception', 'SIGTERM', 'SIGINT and its own handler'].includes(what),
)
for (const [what, end, status, options] of some) {
  test(`${what} leaves nothing of one of two linked peers, and all of the other`, async (t) => {
    const place = await placeOf(t, 'sockets')
    assert.ok('basedir' in place)
    const stays = await partyProcess(t, { place, role: 'host' })
    const before = filesIn(place.basedir)
    const party = await partyProcess(t, { place, role: 'host', ...options })
    await party.tells('met')
    end(party)
    assert.equal(await party.exit(), status)
    assert.deepEqual(filesIn(place.basedir), before)
    await stays.tells('closed')
  })

  test(`${what} leaves no unix: endpoint`, async (t) => {
    const place = await placeOf(t, 'unix')
    const at = addressOf(place)
    assert.ok('path' in at)
    const party = await partyProcess(t, { place, role: 'host', ...options })
    assert.ok(existsSync(at.path))
    end(party)
    assert.equal(await party.exit(), status)
    assert.equal(existsSync(at.path), false)
  })
}

test('an end in the middle of joining leaves nothing', async (t) => {
  const place = await placeOf(t, 'sockets')
  assert.ok('basedir' in place)
  for (const signal of ['exit', 'throw']) {
    const party = await partyProcess(t, { place, role: 'host', topics: ['one', 'two'], waits: false })
    party.child.send(signal)
    await party.exit()
    assert.deepEqual(filesIn(place.basedir), [])
  }
})

test('a peer that has left or is destroyed is not taken away by the end of its process', async (t) => {
  const place = await placeOf(t, 'sockets')
  assert.ok('basedir' in place)
  for (const act of ['leave', 'destroy'] as const) {
    const party = await partyProcess(t, { place, role: 'host' })
    party.child.send(act)
    await party.tells(act === 'leave' ? 'left' : 'destroyed')
    assert.deepEqual(filesIn(place.basedir), [])
    // Somebody else is there by now.
    const other = await partyProcess(t, { place, role: 'host' })
    const before = filesIn(place.basedir)
    await party.kill('SIGTERM')
    assert.deepEqual(filesIn(place.basedir), before)
    await other.kill('SIGKILL')
    // What a killed peer leaves is not what this is about.
    for (const name of readdirSync(place.basedir)) rmSync(join(place.basedir, name), { recursive: true })
  }
})

test('what a SIGKILL left is taken away by the next peer that meets it', async (t) => {
  const place = await placeOf(t, 'unix')
  const at = addressOf(place)
  assert.ok('path' in at)
  const party = await partyProcess(t, { place, role: 'host' })
  await party.kill('SIGKILL')
  assert.ok(existsSync(at.path), 'nobody could')
  const next = await partyProcess(t, { place, role: 'host' })
  next.child.send('exit')
  await next.exit()
  assert.equal(existsSync(at.path), false)
})

test("a handler of the program's own decides whether a signal ends it", async (t) => {
  const place = await placeOf(t, 'sockets')
  const party = await partyProcess(t, { place, role: 'host', ignored: ['SIGTERM', 'SIGINT', 'SIGHUP'] })
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    party.signal(signal)
    await until(() => party.told.some((told) => told.ignored === signal), `it hears ${signal}`)
  }
  await turns(20)
  assert.equal(party.child.exitCode, null)
  assert.equal(party.told.filter((told) => 'ignored' in told).length, 3, 'each once')
  const friend = await partyProcess(t, { place, role: 'host' })
  await friend.tells('met')
})

test('a listener that ends the process only if nobody else listens ends it, though we listen', async (t) => {
  const place = await placeOf(t, 'sockets')
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const party = await partyProcess(t, { place, role: 'host', polite: [signal] })
    party.signal(signal)
    assert.equal(await party.exit(), signal)
    assert.ok(party.told.some(({ heard }) => heard === signal))
  }
})

test('a signal is heard again after one that another listener has heard', async (t) => {
  const place = await placeOf(t, 'sockets')
  assert.ok('basedir' in place)
  const party = await partyProcess(t, { place, role: 'host', once: ['SIGINT'] })
  party.signal('SIGINT')
  await party.tells('once')
  party.signal('SIGINT')
  assert.equal(await party.exit(), 'SIGINT')
  assert.deepEqual(filesIn(place.basedir), [])
})

for (const ticks of [1, 3, 6, 10])
  for (const how of ['nextTick', 'microtask'] as const)
    test(`an exit after ${ticks} turns of ${how} of joining leaves nothing`, async (t) => {
      const place = await placeOf(t, 'sockets')
      assert.ok('basedir' in place)
      const party = new TestProcess(
        t,
        'party',
        JSON.stringify({ place, role: 'host', exits: { how, ticks } } satisfies PartyOptions),
      )
      assert.equal(await party.exit(), 0)
      assert.deepEqual(filesIn(place.basedir), [])
    })
