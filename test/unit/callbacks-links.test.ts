/** What listeners of links, gossips and bridges throw: see callbacks.test.ts. */
import assert from 'node:assert/strict'
import type { Duplex } from 'node:stream'
import test, { type TestContext } from 'node:test'
import { Bridge, Gossip, Hub, Link, memory, type Swarm, type SwarmError } from '../../src/index.ts'
import { assertWarned, broken, warningsOf } from './helpers/broken.ts'
import { meetingOver } from './helpers/places.ts'
import { defer } from './helpers/scene.ts'
import { event, turns, until, within } from './helpers/wait.ts'
import { createSwarm, untilConnected } from './helpers/ways.ts'

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
