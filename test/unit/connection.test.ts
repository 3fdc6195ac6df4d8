import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import test, { type TestContext } from 'node:test'
import { Connection, type Reading } from '../../src/protocol/connection.ts'
import { PREFACE } from '../../src/protocol/hello.ts'
import { ExactConnection } from '../../src/transport/local/exact-connection.ts'
import { byByte, chunked } from './helpers/bytes.ts'
import { swarmError } from './helpers/errors.ts'
import { memoryPair, socketPair } from './helpers/pairs.ts'
import { defer, temporaryDirectory } from './helpers/scene.ts'
import { event, turns, until, within } from './helpers/wait.ts'

/** An exact socket's first read is that of the preface, whatever is asked for. */
const HEADER_BYTES = PREFACE.length

interface Ends {
  readonly connection: Connection
  /** Where the test writes. */
  readonly far: Duplex
}

async function exactSocket(t: TestContext): Promise<Ends> {
  const path = join(temporaryDirectory(t), 's')
  const server = createServer({ allowHalfOpen: true })
  server.listen(path)
  await event(server, 'listening')
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const connection = new ExactConnection(path)
  const far = await within(accepted, 'a connection')
  server.close()
  far.on('error', () => {})
  defer(t, () => far.destroy())
  defer(t, () => connection.stream.destroy())
  return { connection, far }
}

const kinds: readonly (readonly [what: string, create: (t: TestContext) => Promise<Ends>])[] = [
  ['a Duplex over a socket', async (t) => overDuplex(await socketPair(t))],
  ['a Duplex in memory', async (t) => overDuplex(await memoryPair(t))],
  ['an exact socket', exactSocket],
]

function overDuplex([near, far]: readonly [Duplex, Duplex]): Ends {
  return { connection: new Connection(near), far }
}

function forEachKind(name: string, act: (t: TestContext, ends: Ends) => Promise<void>): void {
  for (const [what, create] of kinds) test(`${what}: ${name}`, async (t) => act(t, await create(t)))
}

/** Where a body ends whose header, as long as the preface of the handshake, says with its last byte how long it is. */
function endOf(bytes: Buffer, at: number): number {
  const body = at + HEADER_BYTES
  return bytes.length < body ? body : body + (bytes[body - 1] ?? 0)
}

const readBody: Reading<string> = (bytes) => {
  const end = endOf(bytes, 0)
  return end > bytes.length ? end : { value: bytes.toString('utf8', HEADER_BYTES, end) }
}

const readTwo: Reading<string[]> = (bytes) => {
  const middle = endOf(bytes, 0)
  const end = middle > bytes.length ? middle : endOf(bytes, middle)
  if (end > bytes.length) return end
  const texts = [
    bytes.toString('utf8', HEADER_BYTES, middle),
    bytes.toString('utf8', middle + HEADER_BYTES, end),
  ]
  return { value: texts }
}

const failing: Reading<never> = () => {
  throw new RangeError('not mine')
}

const message = Buffer.from('_______\x05hello')
const rest = 'and what follows'

/** Everything from here on, as it comes. */
function pouring(connection: Connection): string[] {
  const list: string[] = []
  connection.pour((chunk) => list.push(chunk.toString()) > 0)
  return list
}

forEachKind('a parser gets what it asks for, and the rest is poured', async (_t, { connection, far }) => {
  far.write(Buffer.concat([message, Buffer.from(rest)]))
  assert.equal(await within(connection.parse(readBody), 'a body'), 'hello')
  await turns()
  const poured = pouring(connection)
  await until(() => poured.join('') === rest, 'the rest')
})

forEachKind('a line that was written at once is poured at once', async (_t, { connection, far }) => {
  far.write(message)
  await within(connection.parse(readBody), 'a body')
  const poured = pouring(connection)
  await turns()
  far.write(rest)
  await until(() => poured.length > 0, 'the line')
  assert.deepEqual(poured, [rest])
})

forEachKind('wherever the bytes are cut, the parser gets the same', async (t, first) => {
  const bytes = Buffer.concat([message, message, Buffer.from(rest)])
  const create = kinds.find(([what]) => t.name.startsWith(what))?.[1]
  assert.ok(create)
  for (let at = 0; at <= message.length * 2 + 1; at++) {
    const { connection, far }: Ends = at === 0 ? first : await create(t)
    for (const chunk of chunked(bytes, [at])) {
      far.write(chunk)
      await turns()
    }
    assert.deepEqual(await within(connection.parse(readTwo), 'two bodies'), ['hello', 'hello'])
    const poured = pouring(connection)
    await until(() => poured.join('') === rest, `the rest, cut at ${at}`)
  }
})

forEachKind('bytes that come one by one are read one by one', async (_t, { connection, far }) => {
  const body = connection.parse(readBody)
  for (const byte of byByte(message)) {
    far.write(byte)
    await turns()
  }
  assert.equal(await within(body, 'a body'), 'hello')
})

forEachKind('an end before the parser has all is BUSY', async (_t, { connection, far }) => {
  const body = connection.parse(readBody)
  far.end(message.subarray(0, HEADER_BYTES + 2))
  await assert.rejects(within(body, 'an end'), swarmError('BUSY', /ended before the hello/))
})

forEachKind('a close before the parser has all is BUSY', async (_t, { connection, far }) => {
  const body = connection.parse(readBody)
  far.destroy()
  await assert.rejects(within(body, 'an end'), swarmError('BUSY'))
})

forEachKind('being destroyed under a parser is BUSY', async (_t, { connection }) => {
  const body = connection.parse(readBody)
  connection.destroy()
  assert.equal(connection.destroyed, true)
  await assert.rejects(within(body, 'an end'), swarmError('BUSY'))
})

forEachKind(
  'what the parser throws, parse tells, and the connection lives',
  async (_t, { connection, far }) => {
    far.write(message)
    await assert.rejects(within(connection.parse(failing), 'an error'), RangeError)
    assert.equal(connection.stream.destroyed, false)
    const poured = pouring(connection)
    far.write(rest)
    await until(() => poured.join('').endsWith(rest), 'what comes then')
  },
)

forEachKind(
  'a sink that says stop gets nothing more until it is resumed',
  async (_t, { connection, far }) => {
    far.write(message)
    await within(connection.parse(readBody), 'a body')
    let bytes = 0
    let open = false
    connection.pour((chunk) => {
      bytes += chunk.length
      return open
    })
    const total = 4_000_000
    for (let i = 0; i < 40; i++) far.write(Buffer.alloc(total / 40, i))
    await until(() => bytes > 0, 'the first chunk')
    const first = bytes
    await turns(20)
    assert.equal(bytes, first)
    assert.ok(first < total)
    open = true
    connection.resume()
    await until(() => bytes === total, 'all of it')
  },
)

forEachKind('every byte comes once and in order, at full speed', async (_t, { connection, far }) => {
  far.write(message)
  await within(connection.parse(readBody), 'a body')
  const sent = Buffer.from(Array.from({ length: 1_000_003 }, (_, i) => (i * 7) % 251))
  const parts: Buffer[] = []
  let bytes = 0
  let pause = 0
  connection.pour((chunk) => {
    parts.push(Buffer.from(chunk))
    bytes += chunk.length
    pause += 1
    if (pause % 3 !== 0) return true
    setImmediate(() => connection.resume())
    return false
  })
  far.end(sent)
  await until(() => bytes >= sent.length, 'all of it')
  assert.ok(Buffer.concat(parts).equals(sent))
})
