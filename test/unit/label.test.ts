/** What stands beside a socket for shells to read. */
import assert from 'node:assert/strict'
import { existsSync, lstatSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { limits } from '../../src/limits.ts'
import { Swarm } from '../../src/swarm/swarm.ts'
import { local } from '../../src/transport/local/local.ts'
import { labelOf, newSocketName } from '../../src/transport/local/topic-directory.ts'
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
  const labels = () => readdirSync(directory).filter((name) => name.startsWith('.n-'))
  return { basedir, swarm, directory, labels }
}

test('a label is beside its socket, private, and goes with it', async (t) => {
  const { basedir, swarm, directory, labels } = await shown(t, 'a room')
  const [socket = ''] = readdirSync(directory).filter((name) => name.startsWith('p-'))
  assert.deepEqual(labels(), [labelOf(socket)])
  const path = join(directory, labelOf(socket))
  assert.equal(readFileSync(path, 'utf8'), 'alice\na room\n')
  assert.equal(lstatSync(path).mode & 0o777, 0o600)
  await swarm.destroy()
  assert.deepEqual(readdirSync(basedir), [])
})

test('a topic that cannot stand on a line is not written', async (t) => {
  const { directory, labels } = await shown(t, 'two\nlines')
  assert.equal(readFileSync(join(directory, labels()[0] ?? ''), 'utf8'), 'alice\n\n')
})

test('a label does not outlive a socket that somebody else removed', async (t) => {
  const { swarm, directory, labels } = await shown(t, 'room')
  const [before = ''] = labels()
  unlinkSync(join(directory, before.replace('.n-', 'p-')))
  await swarm.status('room')?.refresh()
  assert.equal(labels().length, 1)
  assert.notEqual(labels()[0], before)
  await swarm.destroy()
  assert.equal(existsSync(directory), false)
})

test('a label is removed with its dead socket', async (t) => {
  const clock = monotonicClock(t)
  const { swarm, directory, labels } = await shown(t, 'room')
  const name = await deadSocket(directory)
  writeFileSync(join(directory, labelOf(name)), 'bob\nroom\n')
  age(join(directory, name), limits.reapAgeMs / 1000 + 1)
  await swarm.status('room')?.refresh()
  assert.equal(labels().length, 2)
  clock.forward(limits.reapRefusalsMs)
  await swarm.status('room')?.refresh()
  assert.equal(labels().length, 1)
})

test('the name of a label is hidden, and cannot be taken for a socket', () => {
  assert.match(labelOf(newSocketName()), /^\.n-[a-z2-7]{26}$/)
})
