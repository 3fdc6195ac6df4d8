/** Streams: raw connections beside a link. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import type { IncomingStream } from '../../src/swarm/peer.ts'
import type { Swarm } from '../../src/swarm/swarm.ts'
import { local } from '../../src/transport/local/local.ts'
import { swarmError } from './helpers/errors.ts'
import { temporaryDirectory } from './helpers/scene.ts'
import { within } from './helpers/wait.ts'
import { createSwarm, forEachWay, joinAll, type Meeting, readAll, untilConnected } from './helpers/ways.ts'

/** Two linked swarms; the second takes streams as it is told to. */
async function linked(meeting: Meeting, take?: (incoming: IncomingStream) => void): Promise<[Swarm, Swarm]> {
  const [alice, bob] = [meeting.create(), meeting.create()]
  if (take) bob.on('stream', take)
  await joinAll('room', alice, bob)
  await untilConnected(1, alice, bob)
  return [alice, bob]
}

function infoOf(swarm: Swarm, peer: Swarm) {
  const info = swarm.peers.get(peer.id)
  assert.ok(info)
  return info
}

forEachWay(
  'a stream carries the bytes that were written, both ways, and nothing else',
  async (_t, meeting) => {
    const answer = randomBytes(500_001)
    const question = randomBytes(1_500_003)
    const received: Promise<Buffer>[] = []
    const numbers: number[] = []
    const [alice, bob] = await linked(meeting, (incoming) => {
      numbers.push(incoming.stream)
      assert.equal(incoming.info.id, alice.id)
      const { stream } = incoming.accept()
      received.push(readAll(stream))
      stream.end(answer)
    })
    const connection = await within(alice.openStream(infoOf(alice, bob), 42), 'a stream')
    const parts: Buffer[] = []
    connection.pour((chunk) => parts.push(Buffer.from(chunk)) > 0)
    const ended = within(new Promise((resolve) => connection.stream.once('end', resolve)), 'its end')
    connection.stream.end(question)
    await ended
    assert.ok(Buffer.concat(parts).equals(answer))
    assert.ok((await received[0])?.equals(question))
    assert.deepEqual(numbers, [42])
    assert.equal(alice.connections.size, 1, 'a stream is no connection of the swarm')
  },
)

forEachWay('a stream that is refused says why', async (_t, meeting) => {
  const [alice, bob] = await linked(meeting, (incoming) =>
    incoming.refuse({ code: 'busy', reason: 'another one first' }),
  )
  await assert.rejects(
    within(alice.openStream(infoOf(alice, bob), 1), 'a refusal'),
    swarmError('REFUSED', /^another one first$/),
  )
})

forEachWay('a stream that is neither taken nor refused is refused after 10 s', async (t, meeting) => {
  let isAsked = false
  const [alice, bob] = await linked(meeting, () => {
    isAsked = true
  })
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const asked = alice.openStream(infoOf(alice, bob), 1)
  asked.catch(() => {})
  while (!isAsked) await new Promise((resolve) => setImmediate(resolve))
  t.mock.timers.tick(10_000)
  await assert.rejects(asked, swarmError('REFUSED', /^no answer$/))
})

forEachWay('where nobody listens for streams, they are refused', async (_t, meeting) => {
  const [alice, bob] = await linked(meeting)
  await assert.rejects(within(alice.openStream(infoOf(alice, bob), 1), 'a refusal'), swarmError('REFUSED'))
})

forEachWay('only a peer that is linked may open a stream', async (_t, meeting) => {
  const [alice, bob] = await linked(meeting, (incoming) => void incoming.accept())
  const info = infoOf(alice, bob)
  for (const stream of bob.connections) stream.destroy()
  await untilConnected(0, bob)
  await assert.rejects(
    within(alice.openStream(info, 1), 'a refusal'),
    swarmError('REFUSED', /a stream without a link/),
  )
})

forEachWay('a peer that is gone cannot be dialled for a stream', async (_t, meeting) => {
  const [alice, bob] = await linked(meeting)
  const info = infoOf(alice, bob)
  await bob.destroy({ lingerMs: 0 })
  await assert.rejects(within(alice.openStream(info, 1), 'an error'), swarmError('UNREACHABLE'))
})

forEachWay('a peer that has just been announced anew can be dialled at once', async (_t, meeting) => {
  const [alice, bob] = [meeting.create(), meeting.create()]
  bob.on('stream', (incoming) => incoming.accept())
  const server = bob.join('room', { client: false })
  await server.flushed()
  await joinAll('room', alice)
  await untilConnected(1, alice, bob)
  await bob.join('room', { server: false }).flushed()
  await server.destroy()
  await bob.join('room', { client: false }).flushed()
  const { stream } = await within(alice.openStream(infoOf(alice, bob), 1), 'a stream')
  assert.ok(!stream.destroyed)
})

forEachWay('a topic that was left has no streams', async (_t, meeting) => {
  const [alice, bob] = await linked(meeting)
  const info = infoOf(alice, bob)
  await alice.leave('room')
  await assert.rejects(within(alice.openStream(info, 1), 'an error'), swarmError('DESTROYED', /left/))
})

test('of two transports with one name, a stream goes over that on which the peer was met', async (t) => {
  const [here, there] = [temporaryDirectory(t), temporaryDirectory(t)]
  const transports = [here, there].map((basedir) => local({ basedir, shortcircuit: false }))
  const [alice, bob] = [
    createSwarm(t, { transports }),
    createSwarm(t, { basedir: there, shortcircuit: false }),
  ]
  bob.on('stream', (incoming) => void incoming.accept().stream.end('taken'))
  await joinAll('room', alice, bob)
  await untilConnected(1, alice, bob)
  const { stream } = await within(alice.openStream(infoOf(alice, bob), 1), 'a stream')
  assert.equal((await readAll(stream)).toString(), 'taken')
})
