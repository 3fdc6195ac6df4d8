/** What anyone may say to a peer's socket: failures.md P3, P6, P7, X11. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { linkSync, symlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { limits } from '../../src/limits.ts'
import { encodeFrame, FrameType, frameHeader } from '../../src/protocol/frame.ts'
import { encodeHello, encodeRefusal, PREFACE } from '../../src/protocol/hello.ts'
import type { Swarm } from '../../src/swarm/swarm.ts'
import { toTopic } from '../../src/topic.ts'
import { newSocketName } from '../../src/transport/local/topic-directory.ts'
import { helloOf } from './helpers/hellos.ts'
import { topicDirectory } from './helpers/leftovers.ts'
import { assertHeld, heldNow } from './helpers/resources.ts'
import { defer } from './helpers/scene.ts'
import { Stranger, socketsOf } from './helpers/stranger.ts'
import { event, turns, until, within } from './helpers/wait.ts'
import { joinAll, metBy, overSockets, polite, type SocketMeeting, untilConnected } from './helpers/ways.ts'

const topic = toTopic('room').hex

/** A swarm on the topic `room`, and the path of its socket. */
async function resident(meeting: SocketMeeting): Promise<{ swarm: Swarm; path: string }> {
  const swarm = meeting.create()
  await joinAll('room', swarm)
  const [path] = socketsOf(meeting.basedir, 'room')
  assert.ok(path)
  return { swarm, path }
}

const garbage: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
  ['a TLS hello', Buffer.concat([Buffer.from('16030101000100', 'hex'), randomBytes(256)])],
  ['64 KiB of zeros', Buffer.alloc(65_536)],
  ['a megabyte of noise', Buffer.concat([Buffer.from('x'), randomBytes(1_048_576)])],
  ['a frame of 4 GiB', Buffer.concat([PREFACE, frameHeader(FrameType.hello, 2 ** 32 - 1)])],
  [
    'a hello one byte too long',
    Buffer.concat([PREFACE, frameHeader(FrameType.hello, limits.helloBytes + 1)]),
  ],
  ['a hello that is not JSON', Buffer.concat([PREFACE, encodeFrame(FrameType.hello, Buffer.from('hello'))])],
  ['a link frame', Buffer.concat([PREFACE, encodeFrame(FrameType.lines, Buffer.from('hi\n'))])],
]
for (const [what, bytes] of garbage) {
  overSockets(
    `${what} is answered with a refusal and an end, and nobody else notices`,
    async (t, meeting) => {
      const { swarm, path } = await resident(meeting)
      const met = metBy(swarm)
      const bob = meeting.create()
      await joinAll('room', bob)
      await untilConnected(1, swarm, bob)
      const before = await heldNow()
      const stranger = await Stranger.connect(t, path)
      const { refusal, hello } = await stranger.say(bytes).answer()
      assert.equal(refusal?.code, 'protocol')
      assert.equal(hello, undefined, 'who does not speak our protocol is not told who we are')
      await stranger.end()
      stranger.socket.destroy()
      await assertHeld(before)
      assert.equal(met.length, 1)
      const carol = meeting.create()
      await joinAll('room', carol)
      await untilConnected(2, swarm, bob, carol)
    },
  )
}

for (const [what, bytes] of [
  ['nothing at all', Buffer.alloc(0)],
  ['half a preface', PREFACE.subarray(0, 4)],
  ['half a hello', encodeHello(helloOf({ topic })).subarray(0, 40)],
] as const) {
  overSockets(`an end after ${what} is an end`, async (t, meeting) => {
    const { swarm, path } = await resident(meeting)
    const before = await heldNow()
    const stranger = await Stranger.connect(t, path)
    stranger.socket.end(bytes)
    await stranger.end()
    stranger.socket.destroy()
    await assertHeld(before)
    assert.equal(swarm.connections.size, 0)
  })
}

for (const version of ['0', '2']) {
  overSockets(`version ${version} is refused by name`, async (t, meeting) => {
    const { path } = await resident(meeting)
    const stranger = await Stranger.connect(t, path)
    const { refusal } = await stranger.say(`lswarm/${version}and whatever it says`).answer()
    assert.equal(refusal?.code, 'version')
    assert.match(refusal?.reason ?? '', new RegExp(`version "${version}"; this is version 1`))
    await stranger.end()
  })
}

/** A listener on the topic that answers everyone with the same bytes. */
async function answering(t: TestContext, meeting: SocketMeeting, bytes: Buffer): Promise<() => number> {
  let dials = 0
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    dials += 1
    socket.on('error', () => {})
    socket.resume().end(bytes)
  })
  server.listen(join(topicDirectory(meeting.basedir, 'room'), newSocketName()))
  await event(server, 'listening')
  defer(t, () => server.close())
  return () => dials
}

const answers: readonly (readonly [what: string, bytes: Buffer, warning: RegExp | undefined])[] = [
  [
    'speaks version 2',
    Buffer.from('lswarm/2 and so on'),
    /a peer speaks protocol version "2"; this is version 1/,
  ],
  [
    'refuses our version',
    encodeRefusal({ code: 'version', reason: 'protocol version "1"; this is version 2' }),
    /a peer refused: protocol version "1"/,
  ],
  ['speaks HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'), undefined],
  ['answers with a frame of 4 GiB', Buffer.concat([PREFACE, frameHeader(1, 2 ** 32 - 1)]), undefined],
]
for (const [what, bytes, warning] of answers) {
  overSockets(
    `a listener that ${what} is dialled once${warning ? ', and named in a warning' : ''}`,
    async (t, meeting) => {
      const dials = await answering(t, meeting, bytes)
      const swarm = meeting.create()
      const warnings: string[] = []
      swarm.on('warning', (message) => warnings.push(message))
      const discovery = swarm.join('room')
      await within(discovery.flushed(), 'flushed')
      await within(discovery.refresh(), 'refresh')
      assert.deepEqual([dials(), swarm.connections.size], [1, 0])
      assert.equal(warnings.length, warning ? 1 : 0)
      if (warning) assert.match(warnings[0] ?? '', warning)
    },
  )
}

const refused: readonly (readonly [what: string, fields: object, code: string])[] = [
  ['of another topic', { topic: '7'.repeat(64) }, 'topic'],
  ['of no topic, from one who is no observer', { topic: undefined }, 'topic'],
  ['that says nothing we take, and takes nothing we say', { reads: ['lines'], writes: ['lines'] }, 'useless'],
  ['without a role', { server: false, client: false }, 'useless'],
  ['for a stream, without a link', { kind: 'stream', stream: 1 }, 'useless'],
]
for (const [what, fields, code] of refused) {
  overSockets(`a hello ${what} is refused as "${code}"`, async (t, meeting) => {
    const { swarm, path } = await resident(meeting)
    const met = metBy(swarm)
    const stranger = await Stranger.connect(t, path)
    const { refusal, hello } = await stranger.say(encodeHello({ ...helloOf({ topic }), ...fields })).answer()
    assert.equal(refusal?.code, code)
    assert.equal(hello?.peer, swarm.id)
    await stranger.end()
    assert.equal(met.length, 0)
  })
}

overSockets('our own id from someone else is refused as "self"', async (t, meeting) => {
  const { swarm, path } = await resident(meeting)
  const stranger = await Stranger.connect(t, path)
  const { refusal } = await stranger.say(encodeHello(helloOf({ topic, peer: swarm.id }))).answer()
  assert.equal(refusal?.code, 'self')
})

overSockets('a second connection of a linked peer is refused as "duplicate"', async (t, meeting) => {
  const { swarm, path } = await resident(meeting)
  const met = metBy(swarm)
  const hello = encodeHello(helloOf({ topic }))
  const first = await Stranger.connect(t, path)
  assert.ok((await first.say(hello).answer()).hello)
  const second = await Stranger.connect(t, path)
  assert.equal((await second.say(hello).answer()).refusal?.code, 'duplicate')
  await second.end()
  assert.deepEqual([met.length, swarm.connections.size, first.ended], [1, 1, false])
})

overSockets('bytes that come with the hello, before the go, are not lost', async (t, meeting) => {
  const { swarm, path } = await resident(meeting)
  const met = metBy(swarm)
  const stranger = await Stranger.connect(t, path)
  stranger.say(Buffer.concat([encodeHello(helloOf({ topic })), Buffer.from('early')]))
  await stranger.answer()
  await until(() => met.length === 1, 'a connection')
  const heard: string[] = []
  met[0]?.stream.on('data', (text) => heard.push(String(text)))
  await until(() => heard.join('') === 'early', 'what was said early')
})

for (const [what, make] of [
  ['a symbolic link', symlinkSync],
  ['a hard link', linkSync],
] as const) {
  overSockets(`our own socket under another name, by ${what}, is not a peer`, async (_t, meeting) => {
    const { swarm, path } = await resident(meeting)
    const met = metBy(swarm)
    make(path, join(dirname(path), newSocketName()))
    for (let i = 0; i < 3; i++) await within(swarm.status('room')?.refresh() ?? Promise.reject(), 'refresh')
    assert.deepEqual([met.length, swarm.connections.size, swarm.peers.size], [0, 0, 0])
    const bob = meeting.create()
    await joinAll('room', bob)
    await untilConnected(1, swarm, bob)
  })
}

overSockets('a peer that resets every connection harms nobody', async (t, meeting) => {
  const server = createServer((socket) => socket.destroy())
  server.listen(join(topicDirectory(meeting.basedir, 'room'), newSocketName()))
  await event(server, 'listening')
  defer(t, () => server.close())
  const [alice, bob] = [polite(meeting.create()), polite(meeting.create())]
  for (const swarm of [alice, bob]) swarm.join('room')
  await untilConnected(1, alice, bob)
  await turns(20)
  await untilConnected(1, alice, bob)
})
