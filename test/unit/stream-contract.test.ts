/** The streams of a swarm are ordinary Duplexes, the same on every transport. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { type Duplex, PassThrough } from 'node:stream'
import test, { type TestContext } from 'node:test'
import type { IncomingStream, Swarm } from '../../src/index.ts'
import { KINDS, type Kind, type Meeting, meetingOver } from './helpers/places.ts'
import { event, turns, until, within } from './helpers/wait.ts'
import { metBy, untilConnected } from './helpers/ways.ts'

/** More than a window of an encrypted stream, so that what is granted matters. */
const MUCH = 3_000_000
/** A stream that gives nothing is noticed within this. */
const END_MS = 8_000

type Reader = (stream: Duplex) => Promise<Buffer>

/** All that a stream gives, read by `data` from now on. */
function byData(stream: Duplex): Promise<Buffer> {
  const parts: Buffer[] = []
  stream.on('data', (chunk: Buffer) => parts.push(chunk))
  return ended(stream, parts)
}

/** Its end, or its close before that: as an error. */
function ended(stream: Duplex, parts: Buffer[]): Promise<Buffer> {
  return within(
    new Promise<Buffer>((resolve, reject) => {
      stream.once('end', () => resolve(Buffer.concat(parts)))
      stream.once('error', reject)
      stream.once('close', () => reject(new Error('closed before its end')))
    }),
    'the end of a stream',
    END_MS,
  )
}

const readers: readonly (readonly [how: string, read: Reader])[] = [
  ["'data'", byData],
  [
    "'readable' and read()",
    (stream) => {
      const parts: Buffer[] = []
      stream.on('readable', () => {
        for (let part = stream.read(); part !== null; part = stream.read()) parts.push(part)
      })
      return ended(stream, parts)
    },
  ],
  [
    'read(n) in small pieces',
    (stream) => {
      const parts: Buffer[] = []
      stream.on('readable', () => {
        for (;;) {
          const part = stream.read(Math.min(1000, stream.readableLength || 1))
          if (part === null) return
          parts.push(part)
        }
      })
      return ended(stream, parts)
    },
  ],
  [
    'for await',
    (stream) =>
      within(
        (async () => {
          const parts: Buffer[] = []
          for await (const part of stream.iterator({ destroyOnReturn: false })) parts.push(part)
          return Buffer.concat(parts)
        })(),
        'the end of a stream',
        END_MS,
      ),
  ],
  ['pipe', (stream) => byData(stream.pipe(new PassThrough()))],
  [
    "'data', in a later turn",
    async (stream) => {
      await turns(5)
      return byData(stream)
    },
  ],
]

/** Two linked swarms of which each greets the other as soon as it is there, and reads when it is told to. */
async function greeted(meeting: Meeting, greeting: Buffer): Promise<readonly [Duplex, Duplex]> {
  const [host, guest] = [meeting.create('host'), meeting.create('guest')]
  const [byHost, byGuest] = [metBy(host), metBy(guest)]
  for (const swarm of [host, guest]) {
    swarm.on('connection', (stream) => {
      stream.write(greeting)
    })
    swarm.join('room')
  }
  await untilConnected(1, host, guest)
  const [one, other] = [byHost[0]?.stream, byGuest[0]?.stream]
  assert.ok(one && other)
  return [one, other]
}

function assertBytes(received: Buffer, expected: Buffer): void {
  assert.ok(received.equals(expected), `${received.length} bytes, not the ${expected.length} that were sent`)
}

for (const kind of KINDS) {
  test(`${kind}: after a greeting from both sides, megabytes go both ways`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const greeting = Buffer.from('hello alice\n')
    const [one, other] = await greeted(meeting, greeting)
    const [there, back] = [randomBytes(MUCH), randomBytes(MUCH)]
    const received = Promise.all([byData(other), byData(one)])
    one.end(there)
    other.end(back)
    const [heard, answered] = await received
    assertBytes(heard, Buffer.concat([greeting, there]))
    assertBytes(answered, Buffer.concat([greeting, back]))
  })

  for (const size of [1, 16, 65_536])
    test(`${kind}: after a greeting of ${size} bytes, a megabyte goes in pieces that are waited for`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const greeting = randomBytes(size)
      const ends = await greeted(meeting, greeting)
      const heard = ends.map((stream) => {
        let bytes = 0
        stream.on('data', (part: Buffer) => {
          bytes += part.length
        })
        return () => bytes
      })
      const faults: unknown[] = []
      for (const stream of ends) stream.on('error', (error) => faults.push(error))
      const piece = Buffer.alloc(20_000)
      for (let count = 0; count <= 55; count++) {
        await until(
          () => heard.every((bytes) => bytes() === size + count * piece.length) || faults.length > 0,
          'each piece',
        )
        assert.deepEqual(faults, [])
        for (const stream of ends) stream.write(piece)
      }
    })
}

for (const kind of ['sockets', 'memory', 'tcp', 'dht'] as const) {
  for (const size of [1, 65_536, 1_048_576]) {
    test(`${kind}: a greeting of ${size} bytes that nobody reads at once is counted once`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const greeting = randomBytes(size)
      const [one, other] = await greeted(meeting, greeting)
      await turns(20)
      const rest = randomBytes(MUCH)
      one.end(rest)
      other.end(rest)
      const both = await Promise.all([byData(one), byData(other)])
      for (const bytes of both) assertBytes(bytes, Buffer.concat([greeting, rest]))
    })
  }
  for (const [how, read] of readers) {
    test(`${kind}: a connection can be read by ${how}`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const greeting = Buffer.from('first')
      const [one, other] = await greeted(meeting, greeting)
      const rest = randomBytes(600_001)
      one.end(rest)
      other.end(rest)
      const both = await Promise.all([read(one), read(other)])
      for (const bytes of both) assertBytes(bytes, Buffer.concat([greeting, rest]))
    })
  }
}

/** Two linked swarms; the host takes every stream, and does `take` with it. */
async function linked(
  t: TestContext,
  kind: Kind,
  take: (incoming: IncomingStream) => void,
): Promise<() => Promise<Duplex>> {
  const meeting = await meetingOver(t, kind)
  const [host, guest] = [meeting.create('host'), meeting.create('guest')]
  host.on('stream', take)
  for (const swarm of [host, guest]) swarm.join('room')
  await untilConnected(1, host, guest)
  return () => opened(guest, host)
}

async function opened(from: Swarm, to: Swarm): Promise<Duplex> {
  const info = from.peers.get(to.id)
  assert.ok(info)
  const { stream } = await within(from.openStream(info, 1), 'a stream')
  return stream
}

for (const kind of KINDS) {
  test(`${kind}: what openStream gives is a Duplex, and so is what accept gives`, async (t) => {
    const taken: Duplex[] = []
    const open = await linked(t, kind, (incoming) => taken.push(incoming.accept().stream))
    for (const [how, read] of readers) {
      await t.test(how, async () => {
        const near = await open()
        const far = taken.at(-1)
        assert.ok(far)
        const [there, back] = [randomBytes(1_200_001), randomBytes(700_001)]
        near.end(there)
        far.end(back)
        const [heard, answered] = await Promise.all([read(far), read(near)])
        assertBytes(heard, there)
        assertBytes(answered, back)
      })
    }
  })

  test(`${kind}: an accepted stream may speak first and end, and still be spoken to`, async (t) => {
    const taken: Promise<Buffer>[] = []
    const open = await linked(t, kind, (incoming) => {
      const { stream } = incoming.accept()
      stream.end('speaks first')
      taken.push(byData(stream))
    })
    const near = await open()
    assert.equal((await byData(near)).toString(), 'speaks first')
    const late = randomBytes(300_000)
    near.end(late)
    assertBytes(await (taken[0] ?? Promise.reject(new Error('nothing was taken'))), late)
  })

  test(`${kind}: a stream that nobody reads holds its writer back`, async (t) => {
    const taken: Duplex[] = []
    const open = await linked(t, kind, (incoming) => taken.push(incoming.accept().stream))
    const near = await open()
    let written = 0
    const chunk = Buffer.alloc(65_536)
    while (near.write(chunk) && written < 64 * MUCH) written += chunk.length
    assert.ok(written < 64 * MUCH, 'the writer was never told to wait')
    await turns(50)
    let total = 0
    taken[0]?.on('data', (part: Buffer) => {
      total += part.length
    })
    near.end()
    await until(() => total === written + chunk.length, 'all of it is read')
  })

  test(`${kind}: a stream that is destroyed at one end closes at the other`, async (t) => {
    const taken: Duplex[] = []
    const open = await linked(t, kind, (incoming) => taken.push(incoming.accept().stream))
    const near = await open()
    const far = taken[0]
    assert.ok(far)
    near.on('data', () => {})
    near.on('end', () => near.end())
    const closed = event(near, 'close')
    far.destroy()
    await closed
  })
}
