import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { it, type TestContext } from 'node:test'
import type { Connection } from '../../src/protocol/connection.ts'
import { Listener } from '../../src/transport/local/listener.ts'
import { defer, temporaryDirectory } from './helpers/scene.ts'
import { event, until } from './helpers/wait.ts'

async function scene(t: TestContext) {
  const path = join(temporaryDirectory(t), 's')
  const taken: Connection[] = []
  const counts = { dropped: 0 }
  const listener = new Listener(
    (connection) => taken.push(connection),
    () => {
      counts.dropped += 1
    },
  )
  await listener.listen(path)
  defer(t, () => listener.close())
  const dial = async () => {
    const socket = connect({ path, allowHalfOpen: true })
    socket.on('error', () => {})
    defer(t, () => socket.destroy())
    await event(socket, 'connect')
    return socket
  }
  return { path, listener, taken, counts, dial }
}

it('turns connections away beyond its room, and has room again when one has closed', async (t) => {
  const { listener, taken, counts, dial } = await scene(t)
  listener.maxConnections = 2
  const [first] = [await dial(), await dial()]
  await until(() => taken.length === 2, 'two are there')
  const third = await dial()
  await event(third.resume(), 'end')
  assert.deepEqual([taken.length, counts.dropped], [2, 1])
  // One whose stream was made, and one whose was not.
  const made = taken[0]?.stream
  assert.ok(made)
  made.destroy()
  await event(made, 'close')
  await dial()
  await until(() => taken.length === 3, 'there was room')
  taken[1]?.destroy()
  await dial()
  await until(() => taken.length === 4, 'there was room again')
  assert.equal(counts.dropped, 1)
  first?.destroy()
})

it('says why it cannot listen, by the name of the error', async (t) => {
  const { path } = await scene(t)
  const again = new Listener(
    () => {},
    () => {},
  )
  await assert.rejects(again.listen(path), { code: 'EADDRINUSE' })
  await assert.rejects(again.listen(join(path, 'below')), { code: /^(EACCES|ENOENT|ENOTDIR)$/ })
})

it('does not accept after close, and what was accepted lives on', async (t) => {
  const { path, listener, taken, dial } = await scene(t)
  const near = await dial()
  await until(() => taken.length === 1, 'it is accepted')
  listener.close()
  const late = connect(path)
  const [error] = await new Promise<unknown[]>((resolve) => late.once('error', (...all) => resolve(all)))
  assert.match(String(error), /ECONNREFUSED|ENOENT/)
  taken[0]?.stream.write('still here')
  const [chunk] = await new Promise<unknown[]>((resolve) => near.once('data', (...all) => resolve(all)))
  assert.equal(String(chunk), 'still here')
})

it('leaves nothing open, and may be closed twice', async (t) => {
  const pipes = () => process.getActiveResourcesInfo().filter((kind) => kind === 'PipeWrap').length
  const before = pipes()
  const { listener } = await scene(t)
  listener.close()
  listener.close()
  await until(() => pipes() <= before, 'its pipe is closed')
})
