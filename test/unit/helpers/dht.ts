/** A private DHT on loopback, made as `lswarm bootstrap` makes it. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { bootstrapNode } from '../../../src/transport/dht/dht.ts'
import { defer } from './scene.ts'
import { within } from './wait.ts'

/** The `HOST:PORT` of a first node that ends with the test. */
export async function privateDht(t: TestContext): Promise<string> {
  const node = await bootstrapNode('127.0.0.1', 0)
  defer(t, () => within(node.destroy(), 'the end of a private DHT'))
  return node.address
}

/** A UDP port of loopback at which nobody listens. */
export async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}
