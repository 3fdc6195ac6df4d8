/** Streams in one encrypted connection: each with its own end and its own backpressure. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import test, { type TestContext } from 'node:test'
import Protomux from 'protomux'
import { SwarmError } from '../../src/errors.ts'
import { limits } from '../../src/limits.ts'
import { ChannelStream } from '../../src/transport/noise/channel.ts'
import type { NoiseStream } from '../../src/transport/noise/proving.ts'
import { connected } from './helpers/noise.ts'
import { until, within } from './helpers/wait.ts'
import { readAll } from './helpers/ways.ts'

interface Scene {
  readonly below: readonly [NoiseStream, NoiseStream]
  /** The two ends of a new stream. */
  open(): Promise<[ChannelStream, ChannelStream]>
}

async function scene(t: TestContext): Promise<Scene> {
  const below = await connected(t)
  const [near, far] = below.map((stream) => new Protomux(stream))
  assert.ok(near && far)
  const accepted: ChannelStream[] = []
  const make = (mux: Protomux, id: Uint8Array) => {
    const stream = new ChannelStream(
      (handlers) => mux.createChannel({ protocol: 'test', id, ...handlers }) ?? undefined,
    )
    stream.on('error', () => {})
    return stream
  }
  far.pair({ protocol: 'test' }, (id) => void accepted.push(make(far, id)))
  return {
    below,
    open: async () => {
      const ours = make(near, randomBytes(8))
      assert.ok(await within(ours.opened(), 'opened'))
      const theirs = accepted.pop()
      assert.ok(theirs)
      return [ours, theirs]
    },
  }
}

function failure(stream: Duplex): Promise<unknown> {
  return within(
    new Promise((resolve) => stream.on('error', resolve).on('close', () => resolve(undefined))),
    'the end of a stream',
  )
}

test('bytes come exactly, both ways at once, in one write or in many', async (t) => {
  const { open } = await scene(t)
  const [ours, theirs] = await open()
  const large = randomBytes(5_000_001)
  ours.end(large)
  for (let at = 0; at < large.length; at += 7_777) theirs.write(large.subarray(at, at + 7_777))
  theirs.end()
  const [there, back] = await Promise.all([readAll(theirs), readAll(ours)])
  assert.ok(there.equals(large))
  assert.ok(back.equals(large))
})

test('an end that is heard while much is still to be written loses nothing', async (t) => {
  const { open } = await scene(t)
  const [ours, theirs] = await open()
  const large = randomBytes(3 * limits.windowBytes)
  ours.end(large)
  theirs.end('short')
  const [there, back] = await Promise.all([readAll(theirs), readAll(ours)])
  assert.ok(there.equals(large))
  assert.equal(back.toString(), 'short')
})

test('one direction ends, the other goes on', async (t) => {
  const { open } = await scene(t)
  const [ours, theirs] = await open()
  ours.end('question')
  assert.equal((await readAll(theirs)).toString(), 'question')
  theirs.end('answer')
  assert.equal((await readAll(ours)).toString(), 'answer')
  await until(() => ours.closed && theirs.closed, 'both are closed')
})

test('what was sent before the end is read, however late', async (t) => {
  const { open } = await scene(t)
  const [ours, theirs] = await open()
  theirs.end()
  ours.resume()
  ours.end(Buffer.alloc(500_000))
  await until(() => ours.closed, 'the writer is closed')
  assert.equal((await readAll(theirs)).length, 500_000)
})

test('a stream that is not read holds back its own writer, in bounded memory, and no other stream', async (t) => {
  const { open } = await scene(t)
  const [stalled, unread] = await open()
  let sent = 0
  const chunk = Buffer.alloc(65_536)
  const fill = () => {
    while (sent < 8 * limits.windowBytes && stalled.write(chunk, () => (sent += chunk.length)));
  }
  stalled.on('drain', fill)
  fill()
  const [ours, theirs] = await open()
  const large = randomBytes(4 * limits.windowBytes)
  ours.end(large)
  assert.ok((await readAll(theirs)).equals(large))
  assert.ok(unread.readableLength <= limits.windowBytes, `${unread.readableLength} bytes are held`)
  assert.ok(sent <= limits.windowBytes, `${sent} bytes are sent`)
  unread.resume()
  await until(() => sent > 2 * limits.windowBytes, 'the stalled stream goes on')
})

test('a destroyed stream is an error at its other end', async (t) => {
  const { open } = await scene(t)
  const [ours, theirs] = await open()
  const failed = failure(theirs)
  theirs.resume()
  ours.write('half')
  ours.destroy()
  const error = await failed
  assert.ok(error instanceof SwarmError && error.code === 'INCOMPLETE')
})

test('a connection that ends below is an error at both ends of each stream, and no clean end', async (t) => {
  const { open, below } = await scene(t)
  const [ours, theirs] = await open()
  let ends = 0
  for (const stream of [ours, theirs]) stream.resume().on('end', () => (ends += 1))
  const failed = Promise.all([failure(ours), failure(theirs)])
  // A FIN as anyone on the way could inject it.
  below[0].end()
  below[1].destroy()
  for (const error of await failed) assert.ok(error instanceof SwarmError && error.code === 'INCOMPLETE')
  assert.equal(ends, 0)
})

test('who sends more than it was granted is cut off', async (t) => {
  const below = await connected(t)
  const [near, far] = below.map((stream) => new Protomux(stream))
  let victim: ChannelStream | undefined
  far?.pair({ protocol: 'test' }, (id) => {
    victim = new ChannelStream(
      (handlers) => far.createChannel({ protocol: 'test', id, ...handlers }) ?? undefined,
    )
  })
  const channel = near?.createChannel({
    protocol: 'test',
    id: Buffer.alloc(8),
    messages: Array.from({ length: 4 }, () => ({ onmessage: () => {} })),
    onclose: () => {},
    ondrain: () => {},
  })
  channel?.open()
  await until(() => victim !== undefined, 'the stream is accepted')
  assert.ok(victim)
  const failed = failure(victim)
  for (let sent = 0; sent <= limits.windowBytes; sent += 65_536)
    channel?.messages[0]?.send(Buffer.alloc(65_536))
  const error = await failed
  assert.ok(error instanceof SwarmError && error.code === 'PROTOCOL')
})
