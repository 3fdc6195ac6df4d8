/** destroy() during each part of an encrypted handshake: the connection is closed, and the process can end. */

import assert from 'node:assert/strict'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { AT_ONCE_MS, assertDestroyed } from './helpers/destroyed.ts'
import { addressOf, type Place, placeAt, placeOf, transportsAt } from './helpers/places.ts'
import { TestProcess } from './helpers/processes.ts'
import { defer, temporaryDirectory } from './helpers/scene.ts'
import { freeTcpPort } from './helpers/tcp.ts'
import { event, turns, until, within } from './helpers/wait.ts'
import { createSwarm, polite } from './helpers/ways.ts'

/** A listener in the place of a host: passes so many bytes on in each direction, and then none. */
async function stallingProxy(
  t: TestContext,
  place: Place,
  bytes: number,
): Promise<{ place: Place; sockets: Socket[] }> {
  const sockets: Socket[] = []
  const server = createServer((near) => {
    const far = connect(addressOf(place))
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      let left = bytes
      sockets.push(from.on('error', () => {}))
      from.on('data', (chunk) => {
        const part = chunk.subarray(0, left)
        left -= part.length
        if (part.length > 0) to.write(part)
      })
    }
  })
  const at =
    place.kind === 'unix'
      ? { path: join(temporaryDirectory(t), 'proxy') }
      : { host: '127.0.0.1', port: await freeTcpPort() }
  server.listen(at)
  await event(server, 'listening')
  defer(t, () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { place: placeAt(place, at), sockets }
}

for (const kind of ['tcp', 'tls', 'unix', 'lan'] as const) {
  for (const bytes of [0, 10, 60, 200, 300, 450, 600, 900, 1_500, 2_500])
    test(`${kind}: destroy during a handshake of which ${bytes} bytes came`, async (t) => {
      const place = await placeOf(t, kind)
      const host = polite(createSwarm(t, { transports: transportsAt(place, 'host') }))
      await within(host.join('room').flushed(), 'flushed')
      const proxy = await stallingProxy(t, place, bytes)
      const guest = createSwarm(t, { transports: transportsAt(proxy.place, 'guest') })
      guest
        .join('room')
        .flushed()
        .catch(() => {})
      await until(() => proxy.sockets.length > 0, 'the proxy is dialled')
      // As far as it gets.
      await turns(100)
      await assertDestroyed(guest)
      await until(
        () =>
          proxy.sockets
            .filter((_, index) => index % 2 === 0)
            .every((socket) => socket.readableEnded || socket.destroyed),
        'its sockets are closed',
        AT_ONCE_MS,
      )
      const count = proxy.sockets.length
      await turns(50)
      assert.equal(proxy.sockets.length, count, 'it dials no more')
      await assertDestroyed(host)
    })

  test(`${kind}: a process whose swarm is destroyed during a handshake ends`, async (t) => {
    const place = await placeOf(t, kind)
    const host = createSwarm(t, { transports: transportsAt(place, 'host') })
    await within(host.join('room').flushed(), 'flushed')
    const proxy = await stallingProxy(t, place, 10)
    const party = new TestProcess(
      t,
      'party',
      JSON.stringify({ place: proxy.place, role: 'guest', waits: false }),
    )
    await party.tells('ready')
    await until(() => proxy.sockets.length > 0, 'the proxy is dialled')
    party.child.send('destroy')
    await party.tells('destroyed')
    assert.equal(await within(party.exit(), 'it ends', 5_000), 0)
  })
}
