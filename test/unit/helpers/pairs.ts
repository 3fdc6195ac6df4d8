/** Two ends of a connection, as the transports make them. */
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import type { TestContext } from 'node:test'
import { Connection } from '../../../src/protocol/connection.ts'
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
  ['memory', memoryPair],
]

/** With their errors handled, as any connection's are. */
function ready(t: TestContext, near: Duplex, far: Duplex): Pair {
  for (const stream of [near, far]) {
    new Connection(stream)
    defer(t, () => stream.destroy())
  }
  return [near, far]
}
