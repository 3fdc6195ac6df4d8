/** Who does not say hello in time is closed, and who are too many are fewer: failures.md P4, A12. */
import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { limits } from '../../src/limits.ts'
import { encodeHello, PREFACE } from '../../src/protocol/hello.ts'
import type { Swarm } from '../../src/swarm/swarm.ts'
import { toTopic } from '../../src/topic.ts'
import { local } from '../../src/transport/local/local.ts'
import { newSocketName } from '../../src/transport/local/topic-directory.ts'
import type { Transport } from '../../src/transport/transport.ts'
import { clockAndTimers, monotonicClock } from './helpers/clock.ts'
import { helloOf } from './helpers/hellos.ts'
import { topicDirectory } from './helpers/leftovers.ts'
import { defer } from './helpers/scene.ts'
import { Stranger, socketsOf } from './helpers/stranger.ts'
import { event, turns, until, within } from './helpers/wait.ts'
import { joinAll, metBy, overSockets, type SocketMeeting, untilConnected } from './helpers/ways.ts'

const hello = encodeHello(helloOf({ topic: toTopic('room').hex }))

interface Resident {
  readonly swarm: Swarm
  /** Its socket. */
  readonly path: string
  /** Connects, and resolves when the swarm has accepted. */
  connect(t: TestContext): Promise<Stranger>
}

async function resident(meeting: SocketMeeting): Promise<Resident> {
  let accepted = 0
  const inner = local({ basedir: meeting.basedir, shortcircuit: false })
  const transport: Transport = {
    ...inner,
    join: (topic, joining) =>
      inner.join(topic, {
        ...joining,
        onconnection: (connection) => {
          joining.onconnection(connection)
          accepted += 1
        },
      }),
  }
  const swarm = meeting.create({ transports: [transport] })
  await joinAll('room', swarm)
  const [path] = socketsOf(meeting.basedir, 'room')
  assert.ok(path)
  const connect = async (t: TestContext) => {
    const before = accepted
    const stranger = await Stranger.connect(t, path)
    await until(() => accepted > before, 'accepted')
    return stranger
  }
  return { swarm, path, connect }
}

const halves: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['says nothing', Buffer.alloc(0)],
  ['says half a preface', PREFACE.subarray(0, 4)],
  ['says half a hello', hello.subarray(0, 40)],
  ['says a hello but for its last byte', hello.subarray(0, -1)],
]
for (const [what, bytes] of halves) {
  overSockets(`who ${what} is closed after 10 s, and not before`, async (t, meeting) => {
    const { swarm, connect } = await resident(meeting)
    const clock = clockAndTimers(t)
    const stranger = (await connect(t)).say(bytes)
    await turns(20)
    clock.forward(limits.helloMs - 1)
    await turns(20)
    assert.equal(stranger.ended, false)
    clock.forward(1)
    await stranger.end()
    assert.equal(swarm.connections.size, 0)
  })
}

overSockets('one byte now and then does not put the deadline off', async (t, meeting) => {
  const { swarm, connect } = await resident(meeting)
  const clock = clockAndTimers(t)
  const stranger = await connect(t)
  for (let i = 0; i < 100; i++) {
    assert.equal(stranger.ended, false, `${i * 100} ms`)
    stranger.say(hello.subarray(i, i + 1))
    await turns(2)
    clock.forward(limits.helloMs / 100)
  }
  await stranger.end()
  assert.equal(swarm.connections.size, 0)
})

overSockets('a hello within the deadline is in time', async (t, meeting) => {
  const { swarm, connect } = await resident(meeting)
  const clock = clockAndTimers(t)
  const stranger = (await connect(t)).say(hello.subarray(0, 50))
  await turns(20)
  clock.forward(limits.helloMs - 1)
  assert.ok((await stranger.say(hello.subarray(50)).answer()).hello)
  clock.forward(limits.helloMs * 2)
  await turns(20)
  assert.equal(stranger.ended, false)
  assert.equal(swarm.connections.size, 1)
})

overSockets('who answers our hello with silence is given up after 10 s', async (t, meeting) => {
  const server = createServer({ allowHalfOpen: true })
  server.listen(join(topicDirectory(meeting.basedir, 'room'), newSocketName()))
  await event(server, 'listening')
  defer(t, () => server.close())
  const clock = clockAndTimers(t)
  const accepted = event(server, 'connection')
  const swarm = meeting.create()
  swarm.join('room', { server: false })
  const [socket] = await accepted
  assert.ok(isSocket(socket))
  const ended = event(socket.resume(), 'end')
  await event(socket, 'data')
  clock.forward(limits.helloMs)
  await ended
  socket.destroy()
  assert.equal(swarm.connections.size, 0)
})

function isSocket(value: unknown): value is Socket {
  return typeof value === 'object' && value !== null && 'destroy' in value
}

/** So many connections that say nothing, all accepted. */
async function silent(t: TestContext, { connect }: Resident, count: number): Promise<Stranger[]> {
  const strangers: Stranger[] = []
  for (let i = 0; i < count; i++) strangers.push(await connect(t))
  return strangers
}

const open = (strangers: readonly Stranger[]) => strangers.filter(({ ended }) => !ended).length

overSockets(
  `${limits.helloPendingConnections} silent connections are borne, and of more the oldest go`,
  async (t, meeting) => {
    const clock = monotonicClock(t)
    const host = await resident(meeting)
    const strangers = await silent(t, host, limits.helloPendingConnections)
    clock.forward(1_000)
    assert.equal(open(strangers), limits.helloPendingConnections)
    const [first, second, third] = strangers
    const late = await silent(t, host, 1)
    await first?.end()
    assert.deepEqual([second?.ended, open(late)], [false, 1])
    late.push(...(await silent(t, host, 2)))
    await Promise.all([second?.end(), third?.end()])
    assert.equal(open(strangers) + open(late), limits.helloPendingConnections)
  },
)

overSockets('silent connections do not keep an honest peer away', async (t, meeting) => {
  const host = await resident(meeting)
  const { swarm } = host
  const met = metBy(swarm)
  await silent(t, host, 300)
  const bob = meeting.create()
  await joinAll('room', bob)
  await untilConnected(1, swarm, bob)
  assert.equal(met.length, 1)
})

overSockets('a flood in one moment is cut down to the limit when the next one comes', async (t, meeting) => {
  const clock = monotonicClock(t)
  const host = await resident(meeting)
  const flood = await silent(t, host, 300)
  clock.forward(1_000)
  const [late] = await silent(t, host, 1)
  await until(() => open(flood) === limits.helloPendingConnections - 1, 'the oldest are gone')
  assert.equal(late?.ended, false)
  assert.ok((await within(late?.say(hello).answer() ?? Promise.reject(), 'an answer')).hello)
})
