import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { SwarmError } from '../../src/errors.ts'
import { limits } from '../../src/limits.ts'
import { encodeFrame, FrameType, frameHeader } from '../../src/protocol/frame.ts'
import { Link } from '../../src/protocol/link.ts'
import { encodeMessage, type Message } from '../../src/protocol/message.ts'
import { swarmError } from './helpers/errors.ts'
import { type Pair, pairs, socketPair } from './helpers/pairs.ts'
import { event, turns, until, within } from './helpers/wait.ts'

/** How a link closed. */
interface Closing {
  readonly reason: string
  readonly error: SwarmError | undefined
}

function closing(link: Link): Promise<Closing> {
  const closed = new Promise<Closing>((resolve) =>
    link.once('close', (reason, error) => resolve({ reason, error })),
  )
  return within(closed, 'the link closes')
}

/** Everything that a link says, as it comes. */
function heard(link: Link): string[] {
  const list: string[] = []
  link.on('lines', (body, separator) => list.push(`${separator}:${body}`))
  link.on('message', (message) => list.push(message.type))
  link.on('close', () => list.push('close'))
  return list
}

const control = (message: Message) => encodeFrame(FrameType.control, encodeMessage(message))
const lost = swarmError('INCOMPLETE', /connection was lost/)
const cutOff = swarmError('INCOMPLETE', /ended inside a frame/)

function forEachPair(name: string, act: (t: TestContext, pair: Pair) => Promise<void>): void {
  for (const [what, create] of pairs) test(`${what}: ${name}`, async (t) => act(t, await create(t)))
}

forEachPair(
  'lines, records and messages arrive in the order they were said, both ways',
  async (_t, [a, b]) => {
    const [near, far] = [new Link(a), new Link(b)]
    const [atNear, atFar] = [heard(near), heard(far)]
    const done = new Promise<void>((resolve) => {
      near.writeLines(Buffer.from('one\ntwo\n'), 10, () => {})
      near.say({ type: 'missed', lines: 1 })
      near.writeLines(Buffer.from('three\0'), 0, () => resolve())
    })
    far.say({ type: 'ended' })
    await done
    await until(() => atFar.length === 3 && atNear.length === 1, 'all of it')
    assert.deepEqual(atFar, ['10:one\ntwo\n', 'missed', '0:three\0'])
    assert.deepEqual(atNear, ['ended'])
  },
)

forEachPair('records and replies arrive with the numbers of their calls', async (_t, [a, b]) => {
  const [near, far] = [new Link(a), new Link(b)]
  const given: [string, number, string][] = []
  far.on('record', (stream, body) => given.push(['record', stream, body.toString()]))
  near.on('reply', (stream, body) => given.push(['reply', stream, body.toString()]))
  near.together(() => {
    near.giveRecord(2 ** 40, Buffer.from('one\n'))
    near.giveRecord(2, Buffer.alloc(0))
  })
  await until(() => given.length === 2, 'the records')
  far.giveReply(2, Buffer.from('two'))
  await until(() => given.length === 3, 'the reply')
  assert.deepEqual(given, [
    ['record', 2 ** 40, 'one\n'],
    ['record', 2, ''],
    ['reply', 2, 'two'],
  ])
})

forEachPair('a bye ends both sides without an error, and the other hears its reason', async (_t, [a, b]) => {
  const [near, far] = [new Link(a), new Link(b)]
  const closings = Promise.all([closing(near), closing(far)])
  near.end('left')
  assert.equal(near.ending, true)
  assert.deepEqual(await closings, [
    { reason: '', error: undefined },
    { reason: 'left', error: undefined },
  ])
  assert.ok(near.closed && far.closed && a.destroyed && b.destroyed)
})

forEachPair('two byes at once end both sides without an error', async (_t, [a, b]) => {
  const [near, far] = [new Link(a), new Link(b)]
  const closings = Promise.all([closing(near), closing(far)])
  near.end('left')
  far.end('done')
  const [atNear, atFar] = await closings
  assert.deepEqual(
    [atNear, atFar],
    [
      { reason: 'done', error: undefined },
      { reason: 'left', error: undefined },
    ],
  )
})

forEachPair('what was said before the bye is heard before the close', async (_t, [a, b]) => {
  const [near, far] = [new Link(a), new Link(b)]
  const atFar = heard(far)
  const closed = closing(far)
  near.writeLines(Buffer.from('last\n'), 10, () => {})
  near.say({ type: 'ended' })
  near.end('left')
  near.say({ type: 'ended' })
  await closed
  assert.deepEqual(atFar, ['10:last\n', 'ended', 'close'])
})

forEachPair('a bare close is a failure, and is reported as one', async (_t, [a, b]) => {
  const near = new Link(a)
  const closed = closing(near)
  b.resume().destroy()
  lost((await closed).error)
})

forEachPair('a bare end is a failure too', async (_t, [a, b]) => {
  const near = new Link(a)
  const closed = closing(near)
  b.resume().end()
  lost((await closed).error)
})

const unfinished: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['in a header', frameHeader(FrameType.lines, 5).subarray(0, 3)],
  ['after a header', frameHeader(FrameType.lines, 5)],
  ['in a body', encodeFrame(FrameType.lines, Buffer.from('lines\n')).subarray(0, -1)],
  ['in a frame that is skipped', encodeFrame(200, Buffer.from('xyz')).subarray(0, -1)],
]
for (const [what, bytes] of unfinished) {
  forEachPair(`an end ${what} is a failure that says so`, async (_t, [a, b]) => {
    const near = new Link(a)
    const atNear = heard(near)
    const closed = closing(near)
    b.resume().end(bytes)
    cutOff((await closed).error)
    assert.deepEqual(atNear, ['close'])
  })
}

const broken: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['an unknown frame', frameHeader(99, 0)],
  ['a frame of the handshake', encodeFrame(FrameType.go, Buffer.alloc(0))],
  ['a frame over its limit', frameHeader(FrameType.control, limits.controlBytes + 1)],
  ['a message that is none', encodeFrame(FrameType.control, Buffer.from('{"type":"missed"}'))],
  ['text', Buffer.from('GET / HTTP/1.1\r\n')],
]
for (const [what, bytes] of broken) {
  forEachPair(`${what} ends the link as PROTOCOL, and nothing after it is heard`, async (_t, [a, b]) => {
    const near = new Link(a)
    const atNear = heard(near)
    const closed = closing(near)
    b.write(Buffer.concat([control({ type: 'ended' }), bytes, control({ type: 'ended' })]))
    swarmError('PROTOCOL')((await closed).error)
    assert.deepEqual(atNear, ['ended', 'close'])
  })
}

forEachPair('messages and frames of a newer peer are skipped', async (_t, [a, b]) => {
  const near = new Link(a)
  const atNear = heard(near)
  const closed = closing(near)
  b.write(encodeFrame(FrameType.control, Buffer.from('{"type":"newer"}')))
  b.write(encodeFrame(250, Buffer.alloc(100_000)))
  b.write(control({ type: 'ended' }))
  b.resume().end(control({ type: 'bye', reason: 'left' }))
  assert.deepEqual(await closed, { reason: 'left', error: undefined })
  assert.deepEqual(atNear, ['ended', 'close'])
})

forEachPair('nothing after a bye is heard', async (_t, [a, b]) => {
  const near = new Link(a)
  const atNear = heard(near)
  const closed = closing(near)
  b.resume().end(Buffer.concat([control({ type: 'bye', reason: 'left' }), control({ type: 'ended' })]))
  assert.equal((await closed).reason, 'left')
  assert.deepEqual(atNear, ['close'])
})

forEachPair(
  'a paused link holds its writer back, and gives everything when it is resumed',
  async (_t, [a, b]) => {
    const [near, far] = [new Link(a), new Link(b)]
    const body = Buffer.from(`${'x'.repeat(99_999)}\n`)
    let written = 0
    let bytes = 0
    far.on('lines', (lines) => {
      bytes += lines.length
    })
    far.pause()
    for (let i = 0; i < 50; i++) {
      near.writeLines(body, 10, () => {
        written += 1
      })
    }
    await turns(50)
    assert.equal(bytes, 0)
    assert.ok(written < 50, `${written} of 50 written to a link that does not read`)
    far.resume()
    await until(() => bytes === 50 * body.length, 'all lines')
    await until(() => written === 50, 'all writes are done')
  },
)

forEachPair('a link that ends goes on to take what the other side still says', async (_t, [a, b]) => {
  const [near, far] = [new Link(a), new Link(b)]
  const closings = Promise.all([closing(near), closing(far)])
  const body = Buffer.from(`${'x'.repeat(99_999)}\n`)
  let bytes = 0
  near.on('lines', (lines) => {
    bytes += lines.length
  })
  near.pause()
  for (let i = 0; i < 50; i++) far.writeLines(body, 10, () => {})
  near.end('left')
  const [atNear, atFar] = await closings
  assert.equal(bytes, 50 * body.length)
  assert.deepEqual([atNear.error, atFar.error, atFar.reason], [undefined, undefined, 'left'])
})

forEachPair(
  'a closing link waits for the other side, but not longer than it is told to',
  async (t, [a, b]) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const near = new Link(a)
    const closed = closing(near)
    b.resume()
    near.end('left')
    await event(b, 'end')
    t.mock.timers.tick(limits.lingerMs - 1)
    await turns(5)
    assert.equal(near.closed, false)
    t.mock.timers.tick(1)
    assert.deepEqual(await closed, { reason: '', error: undefined })
    assert.ok(a.destroyed)
  },
)

forEachPair('after our bye, how the other side goes is no failure of ours', async (_t, [a, b]) => {
  const near = new Link(a)
  const closed = closing(near)
  near.end('left')
  await turn()
  b.resume().destroy()
  assert.equal((await closed).error, undefined)
})

forEachPair('destroy closes at once: no failure here, one at the other side', async (_t, [a, b]) => {
  const [near, far] = [new Link(a), new Link(b)]
  const closings = Promise.all([closing(near), closing(far)])
  near.destroy()
  near.end('too late')
  near.destroy()
  const [atNear, atFar] = await closings
  assert.equal(atNear.error, undefined)
  lost(atFar.error)
})

forEachPair('a link that is closed says nothing more, and breaks nothing', async (_t, [a, b]) => {
  const [near, far] = [new Link(a), new Link(b)]
  const closings = Promise.all([closing(near), closing(far)])
  near.end('left')
  await closings
  near.say({ type: 'ended' })
  near.end('again')
  near.pause()
  near.resume()
  const failed = new Promise<Error | null | undefined>((resolve) =>
    near.writeLines(Buffer.from('a\n'), 10, resolve),
  )
  assert.ok((await failed) instanceof Error, 'the writer hears that it was not written')
})

test('a peer that resets the connection, with our words unread, ends it as INCOMPLETE', async (t) => {
  const [a, b] = await socketPair(t)
  const near = new Link(a)
  const closed = closing(near)
  await new Promise<void>((resolve) => near.writeLines(Buffer.from('unread\n'), 10, () => resolve()))
  b.destroy()
  lost((await closed).error)
})

test('bodies are never written to again: a line kept is the line that came', async (t) => {
  const [a, b] = await socketPair(t)
  const [near, far] = [new Link(a), new Link(b)]
  const kept: Buffer[] = []
  far.on('lines', (lines) => kept.push(lines))
  const bodies = Array.from({ length: 500 }, (_, i) => `${i}:${'y'.repeat(i * 7)}\n`)
  for (const body of bodies) near.writeLines(Buffer.from(body), 10, () => {})
  await until(() => kept.length === bodies.length, 'all lines')
  assert.equal(kept.join(''), bodies.join(''))
})
