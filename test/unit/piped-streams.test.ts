/** A stream of another library that is piped both ways through a connection hears an end, and no error, when we leave. */
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import type { Duplex } from 'node:stream'
import test from 'node:test'
import type { Swarm } from '../../src/index.ts'
import { KINDS, meetingOver } from './helpers/places.ts'
import { temporaryDirectory } from './helpers/scene.ts'
import { turns, until, within } from './helpers/wait.ts'
import { createSwarm, metBy, untilConnected } from './helpers/ways.ts'

/** What is used of a Duplex of streamx, which ships no types. */
interface Streamx {
  readonly destroyed: boolean
  on(name: string, act: (value: Error) => void): this
  on(name: 'data', act: (chunk: Uint8Array) => void): this
  once(name: string, act: () => void): this
  pipe<T extends Duplex | Streamx>(to: T): T
  push(chunk: Uint8Array | null): boolean
  write(chunk: Uint8Array): boolean
  end(): this
}

interface Methods {
  write(this: Streamx, chunk: Uint8Array, done: (error: Error | null) => void): void
  final(this: Streamx, done: (error: Error | null) => void): void
}

const require = createRequire(import.meta.url)
const { Duplex: StreamxDuplex }: { readonly Duplex: new (methods: Methods) => Streamx } = require('streamx')
/** Without a stream of its own it has `rawStream`, to be piped: so hypercore replicates. */
const SecretStream: new (
  isInitiator: boolean,
  raw?: null,
) => Streamx & {
  readonly rawStream: Streamx
  readonly opened: Promise<boolean>
} = require('@hyperswarm/secret-stream')

/** A stream of streamx that is piped with a connection, and all that went wrong with it. */
class Piped {
  readonly errors: string[] = []
  readonly outer: Streamx
  bytes = 0

  constructor(stream: Duplex, outer: Streamx) {
    this.outer = outer
    outer.on('error', (error) => this.errors.push(error.message))
    stream.on('error', (error) => this.errors.push(`socket: ${error.message}`))
    // As every program of that world does.
    pipeBoth(outer, stream)
  }
}

function pipeBoth(outer: Streamx, stream: Duplex): void {
  const to: { pipe(other: unknown): unknown } = Object.assign(outer.pipe(stream))
  to.pipe(outer)
}

/** It ends its own side when the other has ended, as a replication does. */
function plain(count: (bytes: number) => void): Streamx {
  return new StreamxDuplex({
    write(chunk, done) {
      count(chunk.length)
      done(null)
    },
    final(done) {
      this.push(null)
      done(null)
    },
  })
}

const ways = ['the dialler', 'the dialled', 'both'] as const

for (const kind of KINDS) {
  for (const who of ways) {
    test(`${kind}: destroy by ${who} ends a piped streamx stream without an error`, async (t) => {
      const meeting = await meetingOver(t, kind)
      const swarms = [meeting.create('host'), meeting.create('guest')]
      const piped: Piped[] = []
      for (const swarm of swarms) {
        swarm.on('connection', (stream) => {
          const one: Piped = new Piped(
            stream,
            plain((bytes) => {
              one.bytes += bytes
            }),
          )
          piped.push(one)
        })
        swarm.join('room')
      }
      await until(() => piped.length === 2, 'both are met')
      for (const { outer } of piped) outer.push(Buffer.alloc(100_000))
      await until(() => piped.every(({ bytes }) => bytes === 100_000), 'what was said')
      const [host, guest] = swarms
      assert.ok(host && guest)
      const going = who === 'both' ? swarms : who === 'the dialled' ? [host] : [guest]
      await within(Promise.all(going.map((swarm) => swarm.destroy())), 'destroy')
      await until(() => piped.every(({ outer }) => outer.destroyed), 'both streams are closed')
      await turns(10)
      assert.deepEqual(
        piped.map(({ errors }) => errors),
        [[], []],
      )
    })
  }

  test(`${kind}: destroy ends a piped encrypted stream without an error`, async (t) => {
    const meeting = await meetingOver(t, kind)
    const swarms = [meeting.create('host'), meeting.create('guest')]
    const errors: string[] = []
    const streams: InstanceType<typeof SecretStream>[] = []
    for (const swarm of swarms) {
      swarm.on('connection', (stream, info) => {
        const inner = new SecretStream(info.client)
        inner.on('error', (error) => errors.push(error.message))
        inner.on('data', () => {})
        inner.once('end', () => inner.end())
        new Piped(stream, inner.rawStream)
        streams.push(inner)
      })
      swarm.join('room')
    }
    await until(() => streams.length === 2, 'both are met')
    await within(Promise.all(streams.map((stream) => stream.opened)), 'the handshake')
    for (const stream of streams) stream.write(Buffer.alloc(50_000))
    await turns(20)
    await within(Promise.all(swarms.map((swarm) => swarm.destroy())), 'destroy')
    await until(() => streams.every(({ destroyed }) => destroyed), 'both streams are closed')
    await turns(10)
    assert.deepEqual(errors, [])
  })
}

test('what simple-local-swarm tests holds: three peers, two topics, one of them without the short circuit', async (t) => {
  const basedir = temporaryDirectory(t)
  const swarms = [true, true, false].map((shortcircuit) => createSwarm(t, { basedir, shortcircuit }))
  const [one, two, three] = swarms
  assert.ok(one && two && three)
  const errors: string[][] = []
  const heard: string[] = []
  // What the first says reaches the third through the second, as a replicated feed does.
  const open: Streamx[] = []
  for (const swarm of swarms)
    swarm.on('connection', (stream) => {
      const outer: Streamx = new StreamxDuplex({
        write(chunk, done) {
          const text = Buffer.from(chunk).toString()
          if (swarm === three) heard.push(text)
          if (swarm === two) for (const other of open) if (other !== this) other.push(chunk)
          done(null)
        },
        final(done) {
          this.push(null)
          done(null)
        },
      })
      if (swarm === two) open.push(outer)
      errors.push(new Piped(stream, outer).errors)
      if (swarm === one) outer.push(Buffer.from('second'))
    })
  two.join('bar')
  three.join('bar')
  await untilConnected(1, two, three)
  const met = metBy(two)
  one.join('foo')
  two.join('foo')
  await untilConnected(2, two)
  assert.equal(met.length, 1)
  await until(() => heard.length > 0, 'what the first said')
  assert.deepEqual(heard, ['second'])
  await within(Promise.all(swarms.map((swarm: Swarm) => swarm.destroy())), 'destroy')
  await turns(20)
  assert.deepEqual(errors.flat(), [])
})
