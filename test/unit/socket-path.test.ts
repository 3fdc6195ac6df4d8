/** Paths that the kernel would cut: failures.md F1. */
import assert from 'node:assert/strict'
import { lstatSync, mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { limits } from '../../src/limits.ts'
import { toTopic } from '../../src/topic.ts'
import { newSocketName, TopicDirectory } from '../../src/transport/local/topic-directory.ts'
import { defer, temporaryDirectory } from './helpers/scene.ts'
import { until, within } from './helpers/wait.ts'
import { createSwarm, joinAll, metBy, untilConnected } from './helpers/ways.ts'

/** A private directory in which a peer's socket has a path of exactly so many bytes. */
function basedirFor(t: TestContext, pathBytes: number): string {
  const root = temporaryDirectory(t)
  const below = '/0123456789abcdef/'.length + newSocketName().length
  const bytes = pathBytes - below - root.length
  assert.ok(bytes >= 2, `the temporary directory is too deep for a path of ${pathBytes} bytes`)
  // A name has 255 bytes at most, and some of these have two.
  const name = 'ä'.repeat(Math.floor((bytes - 1) / 2)).padEnd(bytes - 1 - Math.floor((bytes - 1) / 2), 'x')
  assert.equal(Buffer.byteLength(`${root}/${name}`) + below, pathBytes)
  return join(root, name)
}

const platform = process.platform === 'linux' ? false : 'only Linux has a way round the limit'

// 106: even the hidden name, one byte longer, fits. 107: it does not, and the published one does.
for (const bytes of [106, 107, 108, 109, 200]) {
  test(`a socket with a path of ${bytes} bytes is met, and none is cut`, { skip: platform }, async (t) => {
    const basedir = basedirFor(t, bytes)
    const swarms = Array.from({ length: 3 }, () => createSwarm(t, { basedir, shortcircuit: false }))
    const met = swarms.map(metBy)
    await joinAll('room', ...swarms)
    await untilConnected(2, ...swarms)
    const directory = join(basedir, toTopic('room').hex.slice(0, 16))
    const names = readdirSync(directory)
    assert.equal(names.length, 3)
    for (const name of names) {
      assert.match(name, /^p-[a-z2-7]{26}$/)
      assert.equal(Buffer.byteLength(join(directory, name)), bytes)
      assert.ok(lstatSync(join(directory, name)).isSocket())
    }
    assert.deepEqual(readdirSync(basedir), [toTopic('room').hex.slice(0, 16)])
    const heard: string[] = []
    swarms[1]?.once('connection', () => {})
    for (const { stream } of met[1] ?? []) stream.on('data', (text) => heard.push(String(text)))
    for (const { stream } of [...(met[0] ?? []), ...(met[2] ?? [])]) stream.write('x')
    await until(() => heard.length === 2, 'data from both')
    const [one, two] = swarms
    assert.ok(one && two)
    const info = two.peers.get(one.id)
    assert.ok(info)
    one.on('stream', (incoming) => incoming.accept())
    const stream = await within(two.openStream(info, 1), 'a stream')
    stream.stream.destroy()
    await Promise.all(swarms.map((swarm) => swarm.destroy({ lingerMs: 0 })))
    assert.deepEqual(readdirSync(basedir), [])
  })
}

test('two sockets whose first 108 bytes are the same are two peers', { skip: platform }, async (t) => {
  const basedir = basedirFor(t, 250)
  const swarms = Array.from({ length: 4 }, () => createSwarm(t, { basedir, shortcircuit: false }))
  await joinAll('room', ...swarms)
  await untilConnected(3, ...swarms)
  assert.deepEqual(
    swarms.map((swarm) => swarm.peers.size),
    [3, 3, 3, 3],
  )
})

test('a path is handed on as it is up to the limit, and through a descriptor past it', {
  skip: platform,
}, (t) => {
  for (const [bytes, through] of [
    [limits.socketPathBytes, false],
    [limits.socketPathBytes + 1, true],
  ] as const) {
    const basedir = basedirFor(t, bytes)
    mkdirSync(basedir, { mode: 0o700 })
    const directory = new TopicDirectory(basedir, toTopic('room'))
    defer(t, () => directory.close())
    directory.ensure()
    const name = newSocketName()
    const path = directory.socketPath(name)
    assert.equal(path === directory.pathOf(name), !through)
    assert.ok(Buffer.byteLength(path) <= limits.socketPathBytes)
    if (through) assert.match(path, /^\/proc\/self\/fd\/\d+\/p-/)
    directory.close()
  }
})

test('socket names do not repeat, and fit their grammar', () => {
  const names = Array.from({ length: 10_000 }, newSocketName)
  assert.equal(new Set(names).size, names.length)
  for (const name of names) assert.match(name, /^p-[a-z2-7]{26}$/)
})
