/** Two ends of a connection, as the transports make them. */
import assert from 'node:assert/strict'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { TestContext } from 'node:test'
import { type Connection, DuplexConnection } from '../../../src/protocol/connection.ts'
import { connectBare } from '../../../src/transport/local/bare-socket.ts'
import { Listener } from '../../../src/transport/local/listener.ts'
import { pipeBinding } from '../../../src/transport/local/pipe-binding.ts'
import { dialInMemory } from '../../../src/transport/memory/memory.ts'
import { defer, temporaryDirectory } from './scene.ts'
import { event, within } from './wait.ts'

export type Pair = readonly [near: Duplex, far: Duplex]

/** Two sockets of the kernel. */
export async function socketPair(t: TestContext): Promise<Pair> {
  const path = join(temporaryDirectory(t), 's')
  const server = createServer({ allowHalfOpen: true })
  server.listen(path)
  await event(server, 'listening')
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const near = connect({ path, allowHalfOpen: true })
  const far = await within(accepted, 'a connection')
  server.close()
  return ready(t, near, far)
}

/** The streams of a connection between pipes, from both ends of it. */
export async function pipePair(t: TestContext): Promise<Pair> {
  const [near, far] = await barePair(t)
  return ready(t, near.stream, far.stream)
}

/** A connection between pipes, of which neither end has made a stream yet. */
export async function barePair(t: TestContext): Promise<readonly [near: Connection, far: Connection]> {
  const binding = pipeBinding()
  assert.ok(binding)
  const path = join(temporaryDirectory(t), 's')
  let listener: Listener | undefined
  const accepted = new Promise<Connection>((resolve) => {
    listener = new Listener(resolve, () => {})
  })
  await listener?.listen(path)
  const near = await connectBare(path, binding)
  assert.ok(near)
  const far = await within(accepted, 'a connection')
  listener?.close()
  for (const end of [near, far]) defer(t, () => end.destroy())
  return [near, far]
}

/** Two Duplexes in memory. */
export async function memoryPair(t: TestContext): Promise<Pair> {
  let near: Duplex | undefined
  const far = await new Promise<Duplex>((resolve) => {
    near = dialInMemory(({ stream }) => resolve(stream)).stream
  })
  return ready(t, near ?? far, far)
}

export const pairs: readonly (readonly [what: string, create: (t: TestContext) => Promise<Pair>])[] = [
  ['unix socket', socketPair],
  ['pipes', pipePair],
  ['memory', memoryPair],
]

/** With their errors handled, as any connection's are. */
function ready(t: TestContext, near: Duplex, far: Duplex): Pair {
  for (const stream of [near, far]) {
    new DuplexConnection(stream)
    defer(t, () => stream.destroy())
  }
  return [near, far]
}
