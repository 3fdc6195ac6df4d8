/** The runtime directory is private, or nothing is put into it: failures.md F2, F3, F4, F14. */
import assert from 'node:assert/strict'
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { Swarm } from '../../src/swarm/swarm.ts'
import { runtimeDirectory } from '../../src/transport/local/runtime-directory.ts'
import { swarmError } from './helpers/errors.ts'
import { defer, temporaryDirectory } from './helpers/scene.ts'
import { within } from './helpers/wait.ts'
import { createSwarm, joinAll, untilConnected } from './helpers/ways.ts'

const isRoot = process.getuid?.() === 0

function modeOf(path: string): string {
  return (lstatSync(path).mode & 0o7777).toString(8)
}

/** Joins, and gives the warning that came; fails when joining does not. */
async function assertRefused(t: TestContext, basedir: string, why: RegExp): Promise<void> {
  for (const observer of [false, true]) {
    const swarm = createSwarm(t, { basedir, observer })
    const warnings: string[] = []
    swarm.on('warning', (message) => warnings.push(message))
    const discovery = swarm.join('room')
    await assert.rejects(within(discovery.flushed(), 'an error'), swarmError('RUNTIME_DIRECTORY', why))
    await assert.rejects(within(swarm.flush(), 'an error'), swarmError('RUNTIME_DIRECTORY'))
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] ?? '', why)
    await swarm.destroy()
  }
}

for (const umask of [0, 0o022, 0o077, 0o277, 0o777]) {
  test(`under umask 0${umask.toString(8)} the directories are 0700 and the socket is 0600`, async (t) => {
    const basedir = join(temporaryDirectory(t), 'base')
    const before = process.umask(umask)
    defer(t, () => process.umask(before))
    const [alice, bob] = [createSwarm(t, { basedir, shortcircuit: false }), createSwarm(t, { basedir })]
    await joinAll('room', alice, bob)
    await untilConnected(1, alice, bob)
    assert.equal(process.umask(), umask, 'the umask is as it was')
    const [topic] = readdirSync(basedir)
    const directory = join(basedir, topic ?? '')
    assert.deepEqual([modeOf(basedir), modeOf(directory)], ['700', '700'])
    const sockets = readdirSync(directory)
    assert.equal(sockets.length, 2)
    for (const name of sockets) {
      assert.match(name, /^p-[a-z2-7]{26}$/)
      assert.equal(modeOf(join(directory, name)), '600')
      assert.ok(lstatSync(join(directory, name)).isSocket())
    }
  })
}

test('the parents of the directory are not made', async (t) => {
  const parent = join(temporaryDirectory(t), 'a')
  await assertRefusedToJoin(t, join(parent, 'b'), /cannot make .*\/a\/b: no such file or directory/)
  assert.throws(() => lstatSync(parent), /ENOENT/)
})

async function assertRefusedToJoin(t: TestContext, basedir: string, why: RegExp): Promise<void> {
  const swarm = createSwarm(t, { basedir })
  await assert.rejects(within(swarm.join('room').flushed(), 'an error'), swarmError('RUNTIME_DIRECTORY', why))
}

for (const mode of [0o755, 0o710, 0o701, 0o777, 0o1777, 0o770]) {
  test(`a directory of mode 0${mode.toString(8)} is refused, and nothing is put into it`, async (t) => {
    const basedir = join(temporaryDirectory(t), 'base')
    mkdirSync(basedir)
    chmodSync(basedir, mode)
    await assertRefused(
      t,
      basedir,
      new RegExp(`/base has mode 0${(mode & 0o777).toString(8)}; it must be 0700`),
    )
    assert.deepEqual(readdirSync(basedir), [])
    assert.equal(modeOf(basedir), mode.toString(8), 'its mode is left alone')
  })
}

test('a symbolic link is refused, even to a directory that would do', async (t) => {
  const parent = temporaryDirectory(t)
  mkdirSync(join(parent, 'real'), { mode: 0o700 })
  symlinkSync('real', join(parent, 'base'))
  await assertRefused(t, join(parent, 'base'), /\/base is a symbolic link, not a directory/)
  assert.deepEqual(readdirSync(join(parent, 'real')), [])
})

test('a dangling symbolic link is refused', async (t) => {
  const parent = temporaryDirectory(t)
  symlinkSync('nowhere', join(parent, 'base'))
  await assertRefused(t, join(parent, 'base'), /symbolic link/)
  assert.deepEqual(readdirSync(parent), ['base'])
})

test('a file is refused', async (t) => {
  const path = join(temporaryDirectory(t), 'base')
  writeFileSync(path, 'mine')
  await assertRefused(t, path, /\/base is not a directory/)
})

test('a directory of another user is refused', {
  skip: isRoot ? false : 'needs root, for chown',
}, async (t) => {
  const basedir = join(temporaryDirectory(t), 'base')
  mkdirSync(basedir, { mode: 0o700 })
  chownSync(basedir, 65_534, 65_534)
  await assertRefused(t, basedir, /\/base belongs to user 65534, not to you \(0\)/)
  assert.deepEqual(readdirSync(basedir), [])
})

test('a directory that becomes unsafe while we run is a warning, and the links stay', async (t) => {
  const basedir = join(temporaryDirectory(t), 'base')
  const [alice, bob] = [
    createSwarm(t, { basedir, shortcircuit: false }),
    createSwarm(t, { basedir, shortcircuit: false }),
  ]
  await joinAll('room', alice, bob)
  chmodSync(basedir, 0o755)
  const refreshed = alice.status('room')?.refresh() ?? Promise.reject()
  await assert.rejects(within(refreshed, 'an error'), swarmError('RUNTIME_DIRECTORY', /0755/))
  await untilConnected(1, alice, bob)
})

test('a topic directory that is a file is named in the error', async (t) => {
  const basedir = temporaryDirectory(t)
  writeFileSync(join(basedir, '986ee9172870d241'), '')
  await assertRefusedToJoin(t, basedir, /986ee9172870d241/)
})

/** Environment variables for one test. */
function environment(t: TestContext, values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name]
    defer(t, () => set(name, before))
    set(name, value)
  }
}

function set(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name]
  else process.env[name] = value
}

const byUser = join(tmpdir(), `lswarm-${process.getuid?.() ?? 'user'}`)

test('what the program says comes before LSWARM_DIR, and that before XDG_RUNTIME_DIR', (t) => {
  const xdg = temporaryDirectory(t)
  environment(t, { LSWARM_DIR: '/from/env', XDG_RUNTIME_DIR: xdg })
  assert.equal(runtimeDirectory('/given'), '/given')
  assert.equal(runtimeDirectory(), '/from/env')
  set('LSWARM_DIR', '')
  assert.equal(runtimeDirectory(), join(xdg, 'lswarm'))
})

test('a XDG_RUNTIME_DIR that cannot be trusted is passed over', (t) => {
  const file = join(temporaryDirectory(t), 'file')
  writeFileSync(file, '')
  environment(t, { LSWARM_DIR: undefined, XDG_RUNTIME_DIR: undefined })
  for (const xdg of [undefined, '', 'relative/path', '/nowhere/at/all', file]) {
    set('XDG_RUNTIME_DIR', xdg)
    assert.equal(runtimeDirectory(), byUser, String(xdg))
  }
})

test('a XDG_RUNTIME_DIR of another user is passed over', {
  skip: isRoot ? false : 'needs root, for chown',
}, (t) => {
  const xdg = temporaryDirectory(t)
  chownSync(xdg, 65_534, 65_534)
  environment(t, { LSWARM_DIR: undefined, XDG_RUNTIME_DIR: xdg })
  assert.equal(runtimeDirectory(), byUser)
})

test('a relative directory is meant from where we are', () => {
  assert.equal(runtimeDirectory('here'), join(process.cwd(), 'here'))
})

test('a swarm that could not join can try again', async (t) => {
  const basedir = join(temporaryDirectory(t), 'base')
  mkdirSync(basedir)
  chmodSync(basedir, 0o755)
  const swarm = new Swarm({ basedir })
  defer(t, () => swarm.destroy())
  await assert.rejects(within(swarm.join('room').flushed(), 'an error'), swarmError('RUNTIME_DIRECTORY'))
  chmodSync(basedir, 0o700)
  await within(swarm.join('room').flushed(), 'flushed')
  const other = createSwarm(t, { basedir })
  await joinAll('room', other)
  await untilConnected(1, swarm, other)
})
