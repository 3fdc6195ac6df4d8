/** What killed processes leave, and what else lies about: failures.md F9, F10, F11. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { limits } from '../../src/limits.ts'
import type { Swarm } from '../../src/swarm/swarm.ts'
import { newSocketName } from '../../src/transport/local/topic-directory.ts'
import { monotonicClock } from './helpers/clock.ts'
import { age, deadSocket, topicDirectory } from './helpers/leftovers.ts'
import { defer } from './helpers/scene.ts'
import { event, turns, within } from './helpers/wait.ts'
import { joinAll, metBy, overSockets, polite, type SocketMeeting, untilConnected } from './helpers/ways.ts'

const OLD = limits.reapAgeMs / 1000 + 1
const YOUNG = limits.reapAgeMs / 1000 - 5

/** Everything in a directory, as bytes: a name need not be text. */
function entries(directory: string): string[] {
  return readdirSync(directory, { encoding: 'buffer' })
    .map((name) => name.toString('latin1'))
    .sort()
}

async function refresh(swarm: Swarm): Promise<void> {
  await within(swarm.status('room')?.refresh() ?? Promise.reject(), 'refresh')
}

/** A swarm on the topic, and the directory it is in. */
async function resident(meeting: SocketMeeting): Promise<{ swarm: Swarm; directory: string }> {
  const directory = topicDirectory(meeting.basedir, 'room')
  const swarm = meeting.create()
  await joinAll('room', swarm)
  return { swarm, directory }
}

overSockets(
  'a dead socket goes when it is old and was refused twice, two seconds apart',
  async (t, meeting) => {
    const clock = monotonicClock(t)
    const directory = topicDirectory(meeting.basedir, 'room')
    const name = await deadSocket(directory)
    age(join(directory, name), OLD)
    const { swarm } = await resident(meeting)
    await refresh(swarm)
    assert.ok(entries(directory).includes(name), 'refused once')
    clock.forward(limits.reapRefusalsMs - 500)
    await refresh(swarm)
    assert.ok(entries(directory).includes(name), 'refused twice, but not far enough apart')
    clock.forward(500)
    await refresh(swarm)
    assert.ok(!entries(directory).includes(name))
    assert.equal(entries(directory).length, 1)
  },
)

const kept: readonly (readonly [what: string, seconds: number])[] = [
  ['young', 0],
  ['almost old enough', YOUNG],
  ['from the future', -3_600],
]
for (const [what, seconds] of kept) {
  overSockets(`a dead socket that is ${what} stays, however often it is refused`, async (t, meeting) => {
    const clock = monotonicClock(t)
    const { swarm, directory } = await resident(meeting)
    const name = await deadSocket(directory)
    age(join(directory, name), seconds)
    for (let i = 0; i < 4; i++) {
      await refresh(swarm)
      clock.forward(limits.reapRefusalsMs)
    }
    assert.ok(entries(directory).includes(name))
  })
}

overSockets('a dead socket that was young is removed once it is old', async (t, meeting) => {
  const clock = monotonicClock(t)
  const { swarm, directory } = await resident(meeting)
  const name = await deadSocket(directory)
  await refresh(swarm)
  clock.forward(limits.reapRefusalsMs)
  await refresh(swarm)
  age(join(directory, name), OLD)
  await refresh(swarm)
  clock.forward(limits.reapRefusalsMs)
  await refresh(swarm)
  assert.ok(!entries(directory).includes(name))
})

overSockets('a socket that was bound and never published is removed by the same rule', async (t, meeting) => {
  const clock = monotonicClock(t)
  const { swarm, directory } = await resident(meeting)
  const [old, young] = [`.${newSocketName()}`, `.${newSocketName()}`]
  for (const name of [old, young]) await deadSocket(directory, name)
  age(join(directory, old), OLD)
  const bound = `.${newSocketName()}`
  const server = createServer().listen(join(directory, bound))
  await event(server, 'listening')
  defer(t, () => server.close())
  age(join(directory, bound), OLD)
  // Hidden names are probed beside the look, not within it.
  for (let i = 0; i < 1_000 && entries(directory).includes(old); i++) {
    await refresh(swarm)
    await turns(5)
    clock.forward(limits.reapRefusalsMs)
  }
  const left = entries(directory)
  assert.deepEqual(
    [old, young, bound].map((name) => left.includes(name)),
    [false, true, true],
  )
})

overSockets('a live socket is never removed, however old it is', async (t, meeting) => {
  const clock = monotonicClock(t)
  const swarms = [meeting.create(), meeting.create(), meeting.create()]
  await joinAll('room', ...swarms)
  const directory = topicDirectory(meeting.basedir, 'room')
  const before = entries(directory)
  for (const name of before) age(join(directory, name), 86_400)
  for (let i = 0; i < 4; i++) {
    for (const swarm of swarms) await refresh(swarm)
    clock.forward(limits.reapRefusalsMs)
  }
  assert.deepEqual(entries(directory), before)
  await untilConnected(2, ...swarms)
})

overSockets(
  'eight sweepers and eight joiners at once remove every dead socket and no live one',
  async (t, meeting) => {
    const clock = monotonicClock(t)
    const directory = topicDirectory(meeting.basedir, 'room')
    const sweepers = Array.from({ length: 8 }, () => polite(meeting.create()))
    await joinAll('room', ...sweepers)
    const live = entries(directory)
    for (let round = 0; round < 10; round++) {
      const dead = await Promise.all(
        Array.from({ length: 5 }, (_, i) => deadSocket(topicDirectory(meeting.basedir, `other ${i}`))),
      )
      assert.equal(dead.length, 5)
      const names: string[] = []
      for (let i = 0; i < 5; i++) names.push(await deadSocket(directory))
      for (const name of [...names, ...live]) age(join(directory, name), OLD)
      await Promise.all(sweepers.map(refresh))
      clock.forward(limits.reapRefusalsMs)
      const joiners = Array.from({ length: 8 }, () => meeting.create())
      const joined = joiners.map((swarm) => within(swarm.join('room').flushed(), 'flushed'))
      await Promise.all([...sweepers.map(refresh), ...joined])
      const there = entries(directory)
      assert.deepEqual(
        live.filter((name) => !there.includes(name)),
        [],
        'a live socket is gone',
      )
      assert.equal(there.length, 16, 'all live sockets, and no dead one')
      await Promise.all(joiners.map((swarm) => swarm.destroy({ lingerMs: 0 })))
    }
  },
)

overSockets('a thousand dead sockets do not hide the live one, and are swept', async (t, meeting) => {
  const clock = monotonicClock(t)
  const directory = topicDirectory(meeting.basedir, 'room')
  const alice = meeting.create()
  await joinAll('room', alice)
  for (let i = 0; i < 1_000; i++) age(join(directory, await deadSocket(directory)), OLD)
  const bob = meeting.create()
  await joinAll('room', bob)
  await untilConnected(1, alice, bob)
  clock.forward(limits.reapRefusalsMs)
  await refresh(bob)
  assert.equal(entries(directory).length, 2)
})

overSockets('whatever else lies in the directory is neither dialled nor touched', async (t, meeting) => {
  const clock = monotonicClock(t)
  const directory = topicDirectory(meeting.basedir, 'room')
  const dead = await deadSocket(meeting.basedir, 'dead')
  const at = (name: string) => join(directory, name)
  const raw = (bytes: Buffer) => Buffer.concat([Buffer.from(`${directory}/`), bytes])
  const junk: (string | Buffer)[] = []
  const make = (name: string, act: (path: string) => void) => {
    act(at(name))
    junk.push(at(name))
  }
  // Names of ours on things that are no sockets, …
  make(newSocketName(), (path) => writeFileSync(path, 'text'))
  make(newSocketName(), (path) => mkdirSync(path))
  make(newSocketName(), (path) => execFileSync('mkfifo', [path]))
  make(newSocketName(), (path) => symlinkSync('nowhere', path))
  make(newSocketName(), (path) => symlinkSync(path, path))
  make(newSocketName(), (path) => symlinkSync(join('..', dead), path))
  make(`.${newSocketName()}`, (path) => writeFileSync(path, 'text'))
  // … and names that are not ours, on files and on dead sockets.
  const odd = [
    '-rf',
    'a\nb',
    '*',
    ' ',
    'p-short',
    'P-ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    `p-${'a'.repeat(27)}`,
    `p-${'1'.repeat(26)}`,
  ]
  for (const name of odd) make(name, (path) => writeFileSync(path, ''))
  for (const name of ['socket', `${newSocketName()}\n`, `x${newSocketName()}`, `..${newSocketName()}`]) {
    await deadSocket(directory, name)
    junk.push(at(name))
  }
  writeFileSync(raw(Buffer.from([0xff, 0xfe, 0x80])), '')
  junk.push(raw(Buffer.from([0xff, 0xfe, 0x80])))
  for (const path of junk) age(path, 86_400)
  const before = entries(directory)
  const modes = junk.map((path) => lstatSync(path).mode)
  const [alice, bob] = [meeting.create(), meeting.create()]
  const met = [alice, bob].map(metBy)
  await joinAll('room', alice, bob)
  for (let i = 0; i < 4; i++) {
    for (const swarm of [alice, bob]) await refresh(swarm)
    clock.forward(limits.reapRefusalsMs)
  }
  await untilConnected(1, alice, bob)
  assert.deepEqual(
    met.map((list) => list.length),
    [1, 1],
  )
  await Promise.all([alice, bob].map((swarm) => swarm.destroy({ lingerMs: 0 })))
  assert.deepEqual(entries(directory), before)
  assert.deepEqual(
    junk.map((path) => lstatSync(path).mode),
    modes,
  )
})
