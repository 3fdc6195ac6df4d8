/** A private DHT on loopback, made as `lswarm bootstrap` makes it. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { bootstrapNode } from '../../../src/transport/dht/dht.ts'
import { defer } from './scene.ts'

/** The `HOST:PORT` of a first node that ends with the test. */
export async function privateDht(t: TestContext): Promise<string> {
  for (;;) {
    const port = await freePort()
    try {
      defer(t, await bootstrapNode('127.0.0.1', port))
      return `127.0.0.1:${port}`
    } catch {
      // Another test was quicker: the next one is free.
    }
  }
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
