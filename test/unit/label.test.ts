/** What stands in the runtime directory for shells to read. */
import assert from 'node:assert/strict'
import { lstatSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { limits } from '../../src/limits.ts'
import { Swarm } from '../../src/swarm/swarm.ts'
import { labelPath } from '../../src/transport/local/labels.ts'
import { local } from '../../src/transport/local/local.ts'

import { monotonicClock } from './helpers/clock.ts'
import { age, deadSocket, topicDirectory } from './helpers/leftovers.ts'
import { defer, temporaryDirectory } from './helpers/scene.ts'

/** A peer that is shown as alice on `topic`; its directory, and what is in it. */
async function shown(t: TestContext, topic: string) {
  const basedir = temporaryDirectory(t)
  const swarm = new Swarm({ transports: [local({ basedir, shownAs: 'alice' })] })
  defer(t, () => swarm.destroy())
  await swarm.join(topic).flushed()
  const directory = topicDirectory(basedir, topic)
  const labels = () => readdirSync(join(basedir, '.names'))
  return { basedir, swarm, directory, labels }
}

test('a label is private, and goes with its socket', async (t) => {
  const { basedir, swarm, directory, labels } = await shown(t, 'a room')
  const [socket = '', ...others] = readdirSync(directory)
  assert.deepEqual(others, [])
  const path = labelPath(basedir, socket)
  assert.deepEqual(labels(), [basename(path)])
  assert.equal(lstatSync(dirname(path)).mode & 0o777, 0o700)
  assert.equal(readFileSync(path, 'utf8'), 'alice\na room\n')
  assert.equal(lstatSync(path).mode & 0o777, 0o600)
  await swarm.destroy()
  assert.deepEqual(readdirSync(basedir), [])
})

test('a topic that cannot stand on a line is not written', async (t) => {
  const { basedir, labels } = await shown(t, 'two\nlines')
  assert.equal(readFileSync(join(basedir, '.names', labels()[0] ?? ''), 'utf8'), 'alice\n\n')
})

test('a label does not outlive a socket that somebody else removed', async (t) => {
  const { basedir, swarm, directory, labels } = await shown(t, 'room')
  const [before = ''] = labels()
  unlinkSync(join(directory, `p-${before}`))
  await swarm.status('room')?.refresh()
  assert.equal(labels().length, 1)
  assert.notEqual(labels()[0], before)
  await swarm.destroy()
  assert.deepEqual(readdirSync(basedir), [])
})

test('a label is removed with its dead socket', async (t) => {
  const clock = monotonicClock(t)
  const { basedir, swarm, directory, labels } = await shown(t, 'room')
  const name = await deadSocket(directory)
  writeFileSync(labelPath(basedir, name), 'bob\nroom\n')
  age(join(directory, name), limits.reapAgeMs / 1000 + 1)
  await swarm.status('room')?.refresh()
  assert.equal(labels().length, 2)
  clock.forward(limits.reapRefusalsMs)
  await swarm.status('room')?.refresh()
  assert.equal(labels().length, 1)
})
