/** The directory or our own socket goes away while we run: failures.md F7, F8. */
import assert from 'node:assert/strict'
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Swarm } from '../../src/swarm/swarm.ts'
import { toTopic } from '../../src/topic.ts'
import { defer } from './helpers/scene.ts'
import { event, within } from './helpers/wait.ts'
import { joinAll, metBy, overSockets, type SocketMeeting, untilConnected } from './helpers/ways.ts'

const DIRECTORY = toTopic('room').hex.slice(0, 16)

function namesIn({ basedir }: SocketMeeting): string[] {
  return readdirSync(join(basedir, DIRECTORY))
}

/** What the re-scan does on its own, now. */
async function refresh(...swarms: readonly Swarm[]): Promise<void> {
  for (const swarm of swarms) await within(swarm.status('room')?.refresh() ?? Promise.reject(), 'refresh')
}

async function assertTalk(a: Swarm, b: Swarm): Promise<void> {
  const [one, two] = [[...a.connections], [...b.connections]]
  const heard = two.map((stream) => event(stream, 'data'))
  for (const stream of one) stream.write('still here')
  await Promise.race(heard)
}

overSockets(
  'with the whole directory removed, links stay, and a newcomer finds everyone',
  async (_t, meeting) => {
    const [alice, bob] = [meeting.create(), meeting.create()]
    await joinAll('room', alice, bob)
    await untilConnected(1, alice, bob)
    rmSync(meeting.basedir, { recursive: true })
    await assertTalk(alice, bob)
    const carol = meeting.create()
    await joinAll('room', carol)
    await refresh(alice, bob)
    await untilConnected(2, alice, bob, carol)
    assert.equal(namesIn(meeting).length, 3)
    await Promise.all([alice, bob, carol].map((swarm) => swarm.destroy({ lingerMs: 0 })))
    assert.deepEqual(readdirSync(meeting.basedir), [])
  },
)

overSockets('a removed directory is made again within 5 s, with nobody asking', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  await joinAll('room', alice, bob)
  rmSync(meeting.basedir, { recursive: true })
  const carol = meeting.create()
  await joinAll('room', carol)
  await untilConnected(2, alice, bob, carol)
})

overSockets('pairs that are linked stay one connection when both are published anew', async (_t, meeting) => {
  const swarms = Array.from({ length: 4 }, () => meeting.create())
  const met = swarms.map(metBy)
  await joinAll('room', ...swarms)
  await untilConnected(3, ...swarms)
  for (let i = 0; i < 3; i++) {
    rmSync(meeting.basedir, { recursive: true })
    await refresh(...swarms, ...swarms)
  }
  await untilConnected(3, ...swarms)
  assert.deepEqual(
    met.map((list) => list.length),
    [3, 3, 3, 3],
  )
  assert.equal(namesIn(meeting).length, 4)
})

overSockets('a peer that was published anew can still be dialled for a stream', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  await joinAll('room', alice, bob)
  await untilConnected(1, alice, bob)
  rmSync(meeting.basedir, { recursive: true })
  await refresh(alice, bob, alice)
  for (const [one, other] of [
    [alice, bob],
    [bob, alice],
  ] as const) {
    other.once('stream', (incoming) => incoming.accept())
    const info = one.peers.get(other.id)
    assert.ok(info)
    const connection = await within(one.openStream(info, 1), 'a stream')
    connection.stream.destroy()
  }
})

overSockets('a removed topic directory, and a moved one, are made again', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  await joinAll('room', alice)
  rmSync(join(meeting.basedir, DIRECTORY), { recursive: true })
  await refresh(alice)
  renameSync(join(meeting.basedir, DIRECTORY), join(meeting.basedir, 'elsewhere'))
  await refresh(alice)
  await joinAll('room', bob)
  await untilConnected(1, alice, bob)
  assert.equal(
    readdirSync(join(meeting.basedir, 'elsewhere')).length,
    1,
    'what was moved away is not ours to touch',
  )
})

overSockets('a socket that was unlinked is published under a new name', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  await joinAll('room', alice)
  const [first] = namesIn(meeting)
  unlinkSync(join(meeting.basedir, DIRECTORY, first ?? ''))
  await refresh(alice)
  const [second] = namesIn(meeting)
  assert.notEqual(second, first)
  await joinAll('room', bob)
  await untilConnected(1, alice, bob)
})

const replacements: readonly (readonly [
  what: string,
  make: (t: TestContext, path: string) => Promise<void>,
])[] = [
  ['a file', async (_t, path) => writeFileSync(path, 'not yours')],
  ['a directory', async (_t, path) => mkdirSync(path)],
  [
    "another process's socket",
    async (t, path) => {
      const server = createServer((socket) => socket.end('who is it?'))
      defer(t, () => server.close())
      server.listen(path)
      await event(server, 'listening')
    },
  ],
]
for (const [what, make] of replacements) {
  overSockets(
    `a socket that was replaced by ${what} is published under a new name, the replacement stays`,
    async (t, meeting) => {
      const [alice, bob] = [meeting.create(), meeting.create()]
      await joinAll('room', alice)
      const [first] = namesIn(meeting)
      const path = join(meeting.basedir, DIRECTORY, first ?? '')
      unlinkSync(path)
      await make(t, path)
      const { ino } = lstatSync(path)
      await refresh(alice)
      assert.equal(namesIn(meeting).length, 2)
      bob.join('room')
      await untilConnected(1, alice, bob)
      await Promise.all([alice, bob].map((swarm) => swarm.destroy({ lingerMs: 0 })))
      assert.deepEqual(namesIn(meeting), [first])
      assert.equal(lstatSync(path).ino, ino)
      if (what === 'a file') assert.equal(readFileSync(path, 'utf8'), 'not yours')
    },
  )

  overSockets(`a swarm that leaves does not remove ${what} that replaced its socket`, async (t, meeting) => {
    const alice = meeting.create()
    await joinAll('room', alice)
    const [first] = namesIn(meeting)
    const path = join(meeting.basedir, DIRECTORY, first ?? '')
    unlinkSync(path)
    await make(t, path)
    await within(alice.destroy(), 'destroy')
    assert.deepEqual(namesIn(meeting), [first])
  })
}

overSockets(
  'a directory that is removed again and again while peers join is no failure',
  async (_t, meeting) => {
    const swarms: Swarm[] = []
    for (let round = 0; round < 40; round++) {
      const swarm = meeting.create()
      swarms.push(swarm)
      const flushed = swarm.join('room').flushed()
      if (round % 2 === 0) await new Promise<void>((resolve) => process.nextTick(resolve))
      rmSync(meeting.basedir, { recursive: true, force: true })
      await within(flushed, 'flushed')
    }
    await refresh(...swarms)
    await untilConnected(39, ...swarms)
    await Promise.all(swarms.map((swarm) => swarm.destroy({ lingerMs: 0 })))
    assert.deepEqual(readdirSync(meeting.basedir, { recursive: true }), [])
  },
)
