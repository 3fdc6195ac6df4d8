/**
 * What a program's own functions throw is the program's: it is told in a warning, whoever it was about is refused, and
 * nothing else changes. It is no fault of the peer, and does not end the process (an exception that nobody catches fails
 * the test that it happens in).
 */
import assert from 'node:assert/strict'
import type { Duplex } from 'node:stream'
import test, { type TestContext } from 'node:test'
import {
  Bridge,
  Gossip,
  Hub,
  Link,
  memory,
  type Swarm,
  SwarmError,
  type SwarmOptions,
} from '../../src/index.ts'
import { ENCRYPTED, type Keyed, KINDS, meetingOver } from './helpers/places.ts'
import { defer } from './helpers/scene.ts'
import { event, turns, until, within } from './helpers/wait.ts'
import { createSwarm, metBy, polite, untilConnected } from './helpers/ways.ts'

const server = { server: true, client: false }
const client = { server: false, client: true }

function broken(): never {
  throw new Error('a mistake of the program')
}

function warningsOf(swarm: Swarm): string[] {
  const warnings: string[] = []
  swarm.on('warning', (message) => warnings.push(message))
  return warnings
}

/** There is a warning with this word and what was thrown, in one line. */
async function assertWarned(warnings: readonly string[], word: string): Promise<void> {
  const isIt = (text: string) =>
    text.includes(word) && text.includes('a mistake of the program') && !text.includes('\n')
  await until(() => warnings.some(isIt), `a warning with ${word}`, 5_000).catch(() =>
    assert.fail(`no warning with ${word}, but ${JSON.stringify(warnings)}`),
  )
}

for (const kind of ENCRYPTED) {
  for (const who of ['host', 'guest'] as const)
    test(`${kind}: a transport's firewall of the ${who} that throws rejects, with a warning, and others come`, async (t) => {
      const meeting = await meetingOver(t, kind)
      let isBroken = true
      const keyed: Keyed = { firewall: () => (isBroken ? broken() : false) }
      const host = meeting.create('host', {}, who === 'host' ? keyed : {})
      const guest = meeting.create('guest', {}, who === 'guest' ? keyed : {})
      const warnings = warningsOf(who === 'host' ? host : guest)
      host.join('room')
      guest.join('room')
      await assertWarned(warnings, 'firewall')
      assert.deepEqual([host.connections.size, guest.connections.size], [0, 0])
      isBroken = false
      const friend = meeting.create('guest')
      friend.join('room')
      await until(() => [...friend.peers.keys()].includes(host.id), 'a friend of the host', 10_000)
    })
}

for (const kind of KINDS) {
  for (const who of ['host', 'guest'] as const) {
    test(`${kind}: a swarm's firewall of the ${who} that throws rejects, with a warning`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const wall: SwarmOptions = { firewall: broken }
      const host = meeting.create('host', who === 'host' ? wall : {})
      const guest = meeting.create('guest', who === 'guest' ? wall : {})
      const warnings = warningsOf(who === 'host' ? host : guest)
      await within(host.join('room', server).flushed(), 'flushed')
      await within(guest.join('room', client).flushed(), 'flushed')
      await assertWarned(warnings, 'firewall')
      assert.equal(guest.connections.size, 0)
      await until(() => host.connections.size === 0, 'nobody is there', 5_000)
    })

    test(`${kind}: a 'connection' listener of the ${who} that throws closes that connection, with a warning`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const [host, guest] = [meeting.create('host'), meeting.create('guest')]
      const thrower = who === 'host' ? host : guest
      const other = who === 'host' ? guest : host
      const warnings = warningsOf(thrower)
      const faults: unknown[] = []
      thrower.once('connection', (stream) => {
        stream.on('error', (error) => faults.push(error))
        broken()
      })
      const met = metBy(polite(other))
      host.join('room', server)
      guest.join('room', client)
      await assertWarned(warnings, 'connection')
      await until(() => faults.length > 0, "the stream's error", 5_000)
      const [fault] = faults
      assert.ok(fault instanceof Error)
      assert.equal(fault instanceof SwarmError && fault.code === 'PROTOCOL', false)
      // The other side sees a connection that was lost; and both meet again.
      await until(() => met.every(({ stream }) => stream.destroyed), 'it is closed', 5_000)
      await within(thrower.status('room')?.refresh() ?? Promise.reject(), 'refresh')
      const session = guest.status('room')
      assert.ok(session)
      for (let round = 0; round < 20 && thrower.connections.size === 0; round++)
        await within(session.refresh(), 'refresh')
      await untilConnected(1, host, guest)
    })
  }

  test(`${kind}: a 'stream' listener that throws refuses that stream, with a warning, and takes the next`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const [host, guest] = [meeting.create('host'), meeting.create('guest')]
    const warnings = warningsOf(host)
    host.once('stream', broken)
    for (const swarm of [host, guest]) swarm.join('room')
    await untilConnected(1, host, guest)
    const info = guest.peers.get(host.id)
    assert.ok(info)
    await assert.rejects(within(guest.openStream(info, 1), 'a refusal', 5_000), (error: unknown) => {
      assert.ok(error instanceof SwarmError)
      return error.code !== 'PROTOCOL' && error.code !== 'TIMEOUT'
    })
    await assertWarned(warnings, 'stream')
    host.once('stream', (incoming) => void incoming.accept().stream.end('taken'))
    const { stream } = await within(guest.openStream(info, 2), 'a stream', 5_000)
    stream.destroy()
    assert.equal(host.connections.size, 1)
  })

  test(`${kind}: an 'observer' listener that throws ends that observer, with a warning`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const host = meeting.create('host')
    const warnings = warningsOf(host)
    host.once('observer', broken)
    await within(host.join('room').flushed(), 'flushed')
    const observer = meeting.create('guest', { observer: true })
    const met = metBy(polite(observer))
    observer.join('room')
    await assertWarned(warnings, 'observer')
    await until(() => met.length === 0 || met[0]?.stream.destroyed === true, 'it is closed', 5_000)
    const next = meeting.create('guest', { observer: true })
    next.join('room')
    await untilConnected(1, next)
  })
}

for (const kind of ['memory', 'sockets', 'tcp'] as const) {
  test(`${kind}: a 'warning' listener that throws ends nothing`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const host = meeting.create('host')
    let count = 0
    host.on('warning', () => {
      count += 1
      broken()
    })
    host.once('connection', broken)
    const guest = meeting.create('guest')
    host.join('room')
    guest.join('room', server)
    await until(() => count > 0, 'a warning', 5_000)
    await turns(20)
    assert.ok(count < 10, 'it is not told of itself again and again')
    const session = host.status('room')
    for (let round = 0; round < 20 && host.connections.size === 0; round++)
      await within(session?.refresh() ?? Promise.reject(), 'refresh')
    await untilConnected(1, host)
  })

  for (const [what, listener] of [
    ['listener that rejects', async () => broken()],
    [
      'listener that rejects later',
      async () => {
        await turns(2)
        broken()
      },
    ],
  ] as const)
    test(`${kind}: an async 'connection' ${what} is a warning`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const [host, guest] = [meeting.create('host'), meeting.create('guest')]
      const warnings = warningsOf(host)
      host.once('connection', listener)
      for (const swarm of [host, guest]) swarm.join('room')
      await assertWarned(warnings, 'connection')
    })
}

/** A link over the connection of two swarms, at both ends. */
async function links(t: TestContext): Promise<[Link, Link, Swarm]> {
  const meeting = await meetingOver(t, 'sockets')
  const [host, guest] = [meeting.create('host'), meeting.create('guest')]
  const made: Link[] = []
  for (const swarm of [host, guest]) {
    swarm.on('connection', (stream) => made.push(new Link(stream)))
    await within(swarm.join('room').flushed(), 'flushed')
  }
  await until(() => made.length === 2, 'two links')
  const [one, other] = made
  assert.ok(one && other)
  const isHosts = host.connections.has(one.stream)
  return isHosts ? [one, other, host] : [other, one, host]
}

const body = Buffer.from('a line\n')
const said: readonly (readonly [
  event: 'message' | 'lines' | 'gossip' | 'record' | 'reply',
  say: (link: Link) => void,
])[] = [
  ['message', (link) => link.say({ type: 'ended' })],
  ['lines', (link) => link.writeLines(body, 10, () => {})],
  ['gossip', (link) => link.writeGossip(body, () => {})],
  ['record', (link) => link.giveRecord(1, body)],
  ['reply', (link) => link.giveReply(1, body)],
]
for (const [name, say] of said) {
  test(`a link's '${name}' listener that throws closes the link, and blames nobody else`, async (t) => {
    const [link, other, swarm] = await links(t)
    const warnings = warningsOf(swarm)
    link.on(name, broken)
    const [closed, closedThere] = [closeOf(link), closeOf(other)]
    say(other)
    const error = await closed
    assert.ok(error)
    assert.notEqual(error.code, 'PROTOCOL')
    assert.match(error.message, /a mistake of the program/)
    assert.match(error.message, new RegExp(name))
    assert.notEqual((await closedThere)?.code, 'PROTOCOL')
    await assertWarned(warnings, name)
  })

  test(`a link whose '${name}' listener threw says nothing more`, async (t) => {
    const [link, other] = await links(t)
    let count = 0
    link.on(name, () => {
      count += 1
      broken()
    })
    for (const act of [say, say, say]) act(other)
    await closeOf(link)
    await turns(20)
    assert.equal(count, 1)
  })
}

test("a link's 'close' listener that throws ends nothing, and the others hear of it", async (t) => {
  const [link, other, swarm] = await links(t)
  const warnings = warningsOf(swarm)
  link.on('close', broken)
  other.end('enough')
  await until(() => link.closed, 'it is closed')
  await assertWarned(warnings, 'close')
  await untilConnected(0, swarm)
  assert.equal(swarm.peers.size, 0)
})

function closeOf(link: Link): Promise<SwarmError | undefined> {
  return within(
    new Promise((resolve) => link.once('close', (_reason, error) => resolve(error))),
    'the close of a link',
    5_000,
  )
}

/** Two gossips over memory. */
async function gossips(t: TestContext, options: { accept?: () => boolean } = {}): Promise<[Gossip, Gossip]> {
  const hub = new Hub()
  const both = [options, {}].map((one) => {
    const gossip = new Gossip(createSwarm(t, { transports: [memory(hub)] }), 'news', one)
    defer(t, () => gossip.leave())
    return gossip
  })
  const [a, b] = both
  assert.ok(a && b)
  await within(Promise.all([a.linked(), b.linked()]), 'linked')
  return [a, b]
}

test("a gossip's 'message' listener that throws is told, and the next message comes", async (t) => {
  const [a, b] = await gossips(t)
  const warnings = warningsOf(a.swarm)
  const bans: unknown[] = []
  for (const gossip of [a, b]) gossip.on('ban', (info) => bans.push(info))
  a.once('message', broken)
  b.publish('first')
  await assertWarned(warnings, 'message')
  const next = event(a, 'message')
  b.publish('second')
  assert.equal((await next)[0] instanceof Object, true)
  assert.deepEqual(bans, [])
})

test("a gossip's `accept` that throws hides the message, with a warning", async (t) => {
  let isBroken = true
  const [a, b] = await gossips(t, { accept: () => (isBroken ? broken() : true) })
  const warnings = warningsOf(a.swarm)
  const heard: unknown[] = []
  a.on('message', ({ data }) => heard.push(data))
  b.publish('first')
  await assertWarned(warnings, 'accept')
  isBroken = false
  b.publish('second')
  await until(() => heard.length > 0, 'the next message', 10_000)
  assert.deepEqual(heard, ['second'])
})

for (const name of ['onwarning', 'onbytes'] as const)
  test(`a bridge whose ${name} throws goes on`, async (t) => {
    const hubs = [new Hub(), new Hub()]
    const bridge = new Bridge(
      'room',
      hubs.map((hub) => memory(hub)),
      { [name]: broken },
    )
    defer(t, () => bridge.destroy())
    await within(bridge.open(), 'open')
    const swarms = hubs.map((hub) => createSwarm(t, { transports: [memory(hub)] }))
    const streams: Duplex[] = []
    const heard: string[] = []
    for (const swarm of swarms) {
      swarm.on('connection', (stream) => {
        streams.push(stream.on('data', (chunk: Buffer) => heard.push(String(chunk))))
      })
      swarm.join('room')
    }
    await until(() => streams.length >= 2, 'they meet through the bridge')
    for (const stream of streams) stream.write('through')
    await until(() => heard.length >= 2, 'what was written')
  })
