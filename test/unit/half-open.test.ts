/**
 * A connection that its peer has closed is closed here, at once, whoever has ended what. Half-open is only a connection
 * whose peer still reads.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import test, { type TestContext } from 'node:test'
import type { Swarm } from '../../src/index.ts'
import { BETWEEN_PROCESSES, KINDS, type Kind, type Meeting, meetingOver } from './helpers/places.ts'
import { partyProcess } from './helpers/processes.ts'
import { event, turns, until, within } from './helpers/wait.ts'
import { metBy, readAll, untilConnected } from './helpers/ways.ts'

/** The promise is 100 ms; the rest is for a busy machine. */
const PROMPT_MS = 1_000

async function linked(meeting: Meeting): Promise<[Swarm, Swarm]> {
  const [host, guest] = [meeting.create('host'), meeting.create('guest')]
  for (const swarm of [host, guest]) swarm.join('room')
  await untilConnected(1, host, guest)
  return [host, guest]
}

/** Looks again until they are linked by a new connection, and says what each has by then. */
async function linkedAnew(met: readonly unknown[], count: number, ...swarms: Swarm[]): Promise<void> {
  const deadline = performance.now() + 8_000
  while (met.length < count && performance.now() < deadline) {
    await within(Promise.all(swarms.map((swarm) => swarm.status('room')?.refresh())), 'refresh')
    await turns(5)
  }
  assert.equal(met.length, count, 'linked anew')
}

function onlyStream(swarm: Swarm): Duplex {
  const [stream] = swarm.connections
  assert.ok(stream)
  return stream
}

function descriptors(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0
}

for (const kind of KINDS) {
  for (const who of ['host', 'guest'] as const) {
    test(`${kind}: a peer that destroys its stream and is linked again is one connection (the ${who} does)`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const [host, guest] = [meeting.create('host'), meeting.create('guest')]
      const met = metBy(host)
      for (const swarm of [host, guest]) swarm.join('room')
      await untilConnected(1, host, guest)
      await turns(20)
      const before = descriptors()
      for (let round = 1; round <= 5; round++) {
        const destroyer = who === 'host' ? host : guest
        destroyer.connections.forEach((stream) => void stream.destroy())
        // Only the destroyer looks: the other finds out by itself.
        await linkedAnew(met, round + 1, destroyer)
      }
      const sizes = () => [host.connections.size, guest.connections.size]
      await until(() => sizes().every((size) => size === 1), 'one connection each', PROMPT_MS).catch(() =>
        assert.deepEqual(sizes(), [1, 1]),
      )
      assert.deepEqual([host.peers.size, guest.peers.size], [1, 1])
      assert.deepEqual(
        met.map(({ stream }) => stream.destroyed),
        [true, true, true, true, true, false],
      )
      // On a LAN each side may connect once more, on a hint that comes later.
      if (kind !== 'lan') await until(() => descriptors() <= before, 'no descriptor more than before')
    })
  }

  test(`${kind}: a connection that nobody reads or writes is closed when its peer destroys it`, async (t) => {
    const [host, guest] = await linked(await meetingOver(t, kind))
    for (const [near, far] of [
      [host, guest],
      [guest, host],
    ] as const) {
      await untilConnected(1, host, guest)
      const stream = onlyStream(near)
      const closed = within(event(stream, 'close'), "'close'", 3 * PROMPT_MS)
      onlyStream(far).destroy()
      await closed
      assert.deepEqual([near.connections.has(stream), stream.destroyed], [false, true])
      await linkedBy(host, guest)
    }
  })

  test(`${kind}: a peer that has ended its side and reads on is written to as before`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const [host, guest] = [meeting.create('host'), meeting.create('guest')]
    for (const swarm of [host, guest]) swarm.join('room')
    await untilConnected(1, host, guest)
    const [near, far] = [onlyStream(host), onlyStream(guest)]
    far.end('that is all')
    assert.equal((await readAll(near)).toString(), 'that is all')
    // Looks, and what they do to find out whether the peer lives, change nothing.
    for (let round = 0; round < 3; round++) {
      for (const swarm of [host, guest]) await within(swarm.status('room')?.refresh() ?? never, 'refresh')
    }
    assert.deepEqual([host.connections.size, near.destroyed, far.destroyed], [1, false, false])
    const bytes = randomBytes(1_500_000)
    near.end(bytes)
    assert.ok((await readAll(far)).equals(bytes))
  })
}

const never = Promise.reject(new Error('not joined'))
never.catch(() => {})

async function linkedBy(...swarms: Swarm[]): Promise<void> {
  const deadline = performance.now() + 8_000
  while (swarms.some(({ connections }) => connections.size === 0) && performance.now() < deadline) {
    await within(Promise.all(swarms.map((swarm) => swarm.status('room')?.refresh())), 'refresh')
    await turns(5)
  }
}

test('sockets: a swarm with room for 3 is not full of one peer that comes again and again', async (t) => {
  const meeting = await meetingOver(t, 'sockets')
  const host = meeting.create('host', { maxPeers: 3 })
  const met = metBy(host)
  const guest = meeting.create('guest')
  for (const swarm of [host, guest]) swarm.join('room')
  await untilConnected(1, host, guest)
  for (let round = 1; round <= 4; round++) {
    onlyStream(guest).destroy()
    await linkedAnew(met, round + 1, guest)
  }
  const others = [meeting.create('guest'), meeting.create('guest')]
  for (const swarm of others) await within(swarm.join('room').flushed(), 'flushed')
  await until(() => host.peers.size === 3, `3 peers, there are ${host.peers.size}`, 5_000)
})

for (const kind of BETWEEN_PROCESSES.filter((one) => one !== 'dht')) {
  for (const [what, touch] of touches()) {
    test(`${kind}: 'close' comes with the end of a peer that was killed, of a stream ${what}`, async (t) => {
      const { host, party, stream } = await linkedWithProcess(t, kind)
      touch(stream)
      const gone = new Promise<number>((resolve) => stream.once('end', () => resolve(performance.now())))
      const closed = new Promise<number>((resolve) => stream.once('close', () => resolve(performance.now())))
      const killedAt = performance.now()
      party.signal('SIGKILL')
      const closedAt = await within(closed, "'close'")
      const endedAt = await Promise.race([gone, Promise.resolve(killedAt)])
      const since = Math.max(endedAt, killedAt)
      assert.ok(closedAt - since < PROMPT_MS, `closed ${Math.round(closedAt - since)} ms after its end`)
      assert.deepEqual([host.connections.size, host.peers.size], [0, 0])
    })
  }

  test(`${kind}: a stream to a killed peer that was being written to closes at once`, async (t) => {
    const { host, party, stream } = await linkedWithProcess(t, kind, 'nothing')
    while (stream.write(Buffer.alloc(65_536)));
    const closed = event(stream, 'close')
    const killedAt = performance.now()
    await party.kill('SIGKILL')
    await closed
    assert.ok(performance.now() - killedAt < 2 * PROMPT_MS)
    assert.deepEqual([host.connections.size, host.peers.size], [0, 0])
  })
}

function touches(): readonly (readonly [what: string, act: (stream: Duplex) => void])[] {
  return [
    ['that nobody touches', () => {}],
    ["with a 'data' listener", (stream) => void stream.on('data', () => {})],
    ["with a 'readable' listener", (stream) => void stream.on('readable', () => stream.read())],
    ['that was ended here', (stream) => void stream.resume().end()],
  ]
}

async function linkedWithProcess(t: TestContext, kind: Kind, does: 'read' | 'nothing' = 'nothing') {
  const meeting = await meetingOver(t, kind)
  const host = meeting.create('host')
  const met = metBy(host)
  host.join('room')
  const party = await partyProcess(t, { place: meeting.place, role: 'guest', does })
  await untilConnected(1, host)
  const stream = met[0]?.stream
  assert.ok(stream)
  return { host, party, stream }
}
