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
  return { config, file: join(home, 'lswarm', 'known'), names: open(config) }
}

function open(config: ConfigDirectory, warnings: string[] = []): KnownNames {
  return new KnownNames(config, (message) => warnings.push(message))
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

test('a name is remembered with the first key that used it, also for the next run', (t) => {
  const { config, names } = scene(t)
  assert.deepEqual(names.judge(one, 'alice', true), { standing: 'new', name: 'alice' })
  assert.deepEqual(names.judge(one, 'alice', true), { standing: 'known', name: 'alice' })
  assert.deepEqual(names.judge(two, 'alice', true), { standing: 'changed', name: 'alice', known: one })
  assert.deepEqual(open(config).judge(one, undefined, false), { standing: 'known', name: 'alice' })
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

test('a line that cannot be read is named once, skipped and kept, byte for byte', (t) => {
  const { config, file, names } = scene(t)
  names.judge(one, 'alice', true)
  const before = readFileSync(file)
  const junk = Buffer.from([0xff, 0xfe, 0, 1, 0x20, 0xe9])
  writeFileSync(file, Buffer.concat([Buffer.from('# a word\n\n'), junk, Buffer.from('\n'), before]))
  const warnings: string[] = []
  const broken = open(config, warnings)
  assert.deepEqual(broken.judge(one, undefined, false), { standing: 'known', name: 'alice' })
  broken.trust('bob', two)
  assert.equal(warnings.length, 1)
  assert.match(warnings.join(), /known: line 3 is not NAME KEY and first or trusted; no new name/)
  const bob = `bob ${showKey(two)} trusted\n`
  assert.deepEqual(
    readFileSync(file),
    Buffer.concat([Buffer.from('# a word\n\n'), junk, Buffer.from('\n'), before, Buffer.from(bob)]),
  )
})

test('while a line cannot be read no new name is remembered: it may be the name that was lost', (t) => {
  const { config, file, names } = scene(t)
  names.judge(one, 'alice', true)
  const whole = readFileSync(file, 'utf8')
  writeFileSync(file, whole.slice(0, 30))
  const broken = open(config)
  assert.deepEqual(broken.judge(two, 'alice', true), { standing: 'unknown', name: 'alice' })
  assert.equal(readFileSync(file, 'utf8'), whole.slice(0, 30))
  writeFileSync(file, whole)
  assert.equal(open(config).judge(two, 'alice', true).standing, 'changed')
})

test('a name whose line cannot be read is forgotten, or trusted anew, with that line', (t) => {
  const { config, file, names } = scene(t)
  names.trust('alice', one)
  writeFileSync(file, 'Alice key:cut\nbob key:cut\n')
  open(config).trust('alice', two)
  assert.equal(readFileSync(file, 'utf8'), `bob key:cut\nalice ${showKey(two)} trusted\n`)
  open(config).forget('bob')
  assert.equal(readFileSync(file, 'utf8'), `alice ${showKey(two)} trusted\n`)
})

test('a last line without its newline, and lines that end with CR, are lines', (t) => {
  const { config, file, names } = scene(t)
  names.trust('alice', one)
  writeFileSync(file, `alice ${showKey(one)} trusted\r\nbob ${showKey(two)} first`)
  const warnings: string[] = []
  const read = open(config, warnings)
  assert.deepEqual(
    read.list().map(({ name }) => name),
    ['alice', 'bob'],
  )
  const three = '33'.repeat(32)
  assert.deepEqual(read.judge(three, 'carl', true), { standing: 'new', name: 'carl' })
  assert.deepEqual(
    open(config, warnings)
      .list()
      .map(({ name }) => name),
    ['alice', 'bob', 'carl'],
  )
  assert.deepEqual(warnings, [])
})

test('a file that others may write is not believed', (t) => {
  const { config, file, names } = scene(t)
  names.judge(one, 'alice', true)
  chmodSync(file, 0o666)
  assert.throws(() => open(config), swarmError('CONFIG'))
})

test('so many names are remembered, and one more is shown only', (t) => {
  const { config, file, names } = scene(t)
  names.judge(one, 'first', true)
  const lines = Array.from({ length: limits.knownNames - 1 }, (_, at) => {
    const key = (at + 10).toString(16).padStart(64, '0')
    return `name-${at} ${showKey(key)} first\n`
  })
  appendFileSync(file, lines.join(''))
  const full = open(config)
  assert.equal(full.list().length, limits.knownNames)
  assert.deepEqual(full.judge(two, 'late', true), { standing: 'unknown', name: 'late' })
})
