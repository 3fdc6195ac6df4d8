import assert from 'node:assert/strict'
import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { limits } from '../../src/limits.ts'
import { ConfigDirectory } from '../../src/verbs/config-directory.ts'
import { showKey } from '../../src/verbs/identities.ts'
import { KnownNames } from '../../src/verbs/known-names.ts'
import { swarmError } from './helpers/errors.ts'
import { temporaryDirectory } from './helpers/scene.ts'

const [one, two] = ['11'.repeat(32), '22'.repeat(32)] as const

function scene(t: TestContext) {
  const home = temporaryDirectory(t)
  const config = new ConfigDirectory({ XDG_CONFIG_HOME: home })
  return { config, file: join(home, 'lswarm', 'known'), names: new KnownNames(config) }
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

test('a name is remembered with the first key that used it, also for the next run', (t) => {
  const { config, names } = scene(t)
  assert.deepEqual(names.judge(one, 'alice', true), { standing: 'new', name: 'alice' })
  assert.deepEqual(names.judge(one, 'alice', true), { standing: 'known', name: 'alice' })
  assert.deepEqual(names.judge(two, 'alice', true), { standing: 'changed', name: 'alice', known: one })
  assert.deepEqual(new KnownNames(config).judge(one, undefined, false), { standing: 'known', name: 'alice' })
})

test('Alice is alice', (t) => {
  const { names } = scene(t)
  names.judge(one, 'alice', true)
  assert.equal(names.judge(two, 'ALICE', true).standing, 'changed')
})

test('who is not to be learned stays unknown', (t) => {
  const { names } = scene(t)
  assert.deepEqual(names.judge(one, 'alice', false), { standing: 'unknown', name: 'alice' })
  assert.deepEqual(names.judge(one, undefined, true), { standing: 'unknown', name: '' })
  assert.deepEqual(names.judge(one, 'not a name', true), { standing: 'unknown', name: '' })
  assert.deepEqual(names.list(), [])
})

test('a key that is trusted by hand is known, and another one is refused until the name is forgotten', (t) => {
  const { names } = scene(t)
  names.trust('bob', one)
  assert.throws(() => names.trust('bob', two), swarmError('CONFIG', /lswarm id forget bob/))
  names.forget('bob')
  names.trust('bob', two)
  assert.equal(names.get('bob')?.key, two)
  assert.throws(() => names.forget('nobody'), swarmError('CONFIG', /nobody is not known/))
})

test('what another process has written meanwhile counts', async (t) => {
  const { file, names } = scene(t)
  names.judge(one, 'alice', true)
  appendFileSync(file, `bob ${showKey(two)} trusted\n`)
  await nextTurn()
  assert.equal(names.judge(one, 'bob', true).standing, 'changed')
})

test('a line that is none is named, and the file is left alone', (t) => {
  const { config, file, names } = scene(t)
  names.judge(one, 'alice', true)
  const before = readFileSync(file, 'utf8')
  writeFileSync(file, `${before}# a word\n\noops\n`)
  assert.throws(() => new KnownNames(config), swarmError('CONFIG', /line 4 is not NAME KEY/))
  assert.match(readFileSync(file, 'utf8'), /oops/)
})

test('a file that others may write is not believed', (t) => {
  const { config, file, names } = scene(t)
  names.judge(one, 'alice', true)
  chmodSync(file, 0o666)
  assert.throws(() => new KnownNames(config), swarmError('CONFIG'))
})

test('so many names are remembered, and one more is shown only', (t) => {
  const { config, file, names } = scene(t)
  names.judge(one, 'first', true)
  const lines = Array.from({ length: limits.knownNames - 1 }, (_, at) => {
    const key = (at + 10).toString(16).padStart(64, '0')
    return `name-${at} ${showKey(key)} first\n`
  })
  appendFileSync(file, lines.join(''))
  const full = new KnownNames(config)
  assert.equal(full.list().length, limits.knownNames)
  assert.deepEqual(full.judge(two, 'late', true), { standing: 'unknown', name: 'late' })
})
