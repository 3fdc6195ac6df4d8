/** What is in a topic's directory: read again when it has changed, and whenever that cannot be told. */
import assert from 'node:assert/strict'
import { renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { toTopic } from '../../src/topic.ts'
import { newSocketName, TopicDirectory } from '../../src/transport/local/topic-directory.ts'
import { temporaryDirectory } from './helpers/scene.ts'

const LONG_AGO = new Date(Date.now() - 60_000)

function directoryFor(t: TestContext): TopicDirectory {
  const directory = new TopicDirectory(temporaryDirectory(t), toTopic('room'))
  directory.ensure()
  return directory
}

/** @returns the name of a new entry */
function publish(directory: TopicDirectory, prefix = ''): string {
  const name = `${prefix}${newSocketName()}`
  writeFileSync(directory.pathOf(name), '')
  return name
}

test('who comes right after a look is seen by the next one', (t) => {
  const directory = directoryFor(t)
  const names: string[] = []
  for (let round = 0; round < 50; round++) {
    names.push(publish(directory))
    assert.deepEqual([...directory.entries().sockets].sort(), [...names].sort())
  }
})

test('a directory that has not changed for a while gives the same again', (t) => {
  const directory = directoryFor(t)
  publish(directory)
  utimesSync(directory.path, LONG_AGO, LONG_AGO)
  const entries = directory.entries()
  assert.equal(directory.entries(), entries)
})

test('who comes to a directory that was quiet is seen', (t) => {
  const directory = directoryFor(t)
  utimesSync(directory.path, LONG_AGO, LONG_AGO)
  assert.deepEqual(directory.entries().sockets, [])
  const name = publish(directory)
  assert.deepEqual(directory.entries().sockets, [name])
})

test('another directory in its place, of the same time, is read', (t) => {
  const directory = directoryFor(t)
  publish(directory)
  utimesSync(directory.path, LONG_AGO, LONG_AGO)
  assert.equal(directory.entries().sockets.length, 1)
  // Kept aside: its inode might be used again.
  renameSync(directory.path, `${directory.path}-before`)
  directory.ensure()
  utimesSync(directory.path, LONG_AGO, LONG_AGO)
  assert.deepEqual(directory.entries().sockets, [])
})

test('a directory that is gone has nobody, each time anew', (t) => {
  const directory = directoryFor(t)
  rmSync(directory.path, { recursive: true })
  const first = directory.entries()
  assert.deepEqual(first, { sockets: [], hidden: [] })
  assert.notEqual(directory.entries(), first)
})

test('sockets, hidden sockets and what is not ours are told apart', (t) => {
  const directory = directoryFor(t)
  const socket = publish(directory)
  const hidden = publish(directory, '.')
  writeFileSync(directory.pathOf('notes.txt'), '')
  assert.deepEqual(directory.entries(), { sockets: [socket], hidden: [hidden] })
})
