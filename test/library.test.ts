/**
 * The library as a program that depends on it gets it: the files that are published, in a project of its
 * own, with nothing else of ours beside them.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import test, { before, type TestContext } from 'node:test'
import { defer, temporaryDirectory } from './unit/helpers/scene.ts'
import { event, until } from './unit/helpers/wait.ts'

const ROOT = resolve(import.meta.dirname, '..')
const FIXTURES = join(ROOT, 'test/fixtures')

before(() => {
  if (existsSync(join(ROOT, 'dist/index.js')) && existsSync(join(ROOT, 'dist/types/index.d.ts'))) return
  const built = spawnSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: 'inherit' })
  assert.equal(built.status, 0, 'npm run build')
})

/** A project that has installed lswarm, and these files of test/fixtures. */
function projectWith(t: TestContext, ...files: readonly string[]): string {
  const project = temporaryDirectory(t)
  const installed = join(project, 'node_modules/lswarm')
  mkdirSync(installed, { recursive: true })
  for (const path of ['package.json', 'bin', 'dist']) {
    cpSync(join(ROOT, path), join(installed, path), { recursive: true })
  }
  for (const file of files) cpSync(join(FIXTURES, file), join(project, file))
  return project
}

/** One process of the example. */
class Greeter {
  readonly name: string
  readonly #child: ChildProcess
  #out = ''
  #err = ''

  constructor(t: TestContext, project: string, name: string) {
    this.name = name
    this.#child = spawn(process.execPath, ['greet.mjs', 'mytopic', name], {
      cwd: project,
      env: { ...process.env, LSWARM_DIR: join(project, 'd') },
    })
    defer(t, () => this.#child.kill('SIGKILL'))
    this.#child.stdout?.on('data', (chunk: Buffer) => (this.#out += chunk.toString()))
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#err += chunk.toString()))
  }

  /** What it has printed, sorted: who comes first is chance. */
  get lines(): string[] {
    assert.equal(this.#err, '', `${this.name} says nothing on stderr`)
    return this.#out.split('\n').slice(0, -1).sort()
  }

  /** Ctrl-C; resolves with how it ended. */
  async interrupt(): Promise<unknown[]> {
    const closed = event(this.#child, 'close')
    this.#child.kill('SIGINT')
    return closed
  }
}

/** What `name` prints when `others` greet it. */
function greetings(name: string, others: readonly string[]): string[] {
  return others.map((other) => `${other}: hello ${name}, I am ${other}`).sort()
}

/** Waits until each of these has been greeted by each other one. */
async function untilGreeted(greeters: readonly Greeter[]): Promise<void> {
  const all = greeters.map(({ name }) => name)
  const expected = greeters.map(({ name }) =>
    greetings(
      name,
      all.filter((other) => other !== name),
    ),
  )
  await until(
    () => greeters.every(({ lines }, index) => lines.length >= (expected[index]?.length ?? 0)),
    'every greeting',
    60_000,
  )
  assert.deepEqual(
    greeters.map(({ lines }) => lines),
    expected,
  )
}

/** Interrupts them one after the other: each ends well, and they leave no trace. */
async function assertGoneWithoutTrace(project: string, greeters: readonly Greeter[]): Promise<void> {
  for (const greeter of greeters) assert.deepEqual(await greeter.interrupt(), [0, null], greeter.name)
  assert.deepEqual(readdirSync(join(project, 'd')), [])
}

test('three processes that start at once greet each other', async (t) => {
  const project = projectWith(t, 'greet.mjs')
  const greeters = ['alice', 'bob', 'claire'].map((name) => new Greeter(t, project, name))
  await untilGreeted(greeters)
  await assertGoneWithoutTrace(project, greeters)
})

test('who comes later is greeted, and greets', async (t) => {
  const project = projectWith(t, 'greet.mjs')
  const greeters: Greeter[] = []
  for (const name of ['alice', 'bob', 'claire']) {
    greeters.push(new Greeter(t, project, name))
    await untilGreeted(greeters)
  }
  await assertGoneWithoutTrace(project, greeters)
})

test('what is published needs no package beside it, unless it is to reach the network', () => {
  // What is imported by a call is loaded when the network is asked for.
  const loaded =
    /(?:\brequire\(|\bmodule\.later\(|^(?:import|export)\b[^'"();]*?\bfrom *) *["']([^"']+)["']/gm
  const names = ['dist/index.js', 'bin/load.cjs', 'dist/library/main.cjs'].flatMap((path) =>
    [...readFileSync(join(ROOT, path), 'utf8').matchAll(loaded)].map(([, name]) => name),
  )
  assert.ok(names.includes('node:net'))
  assert.deepEqual(
    names.filter((name) => !name?.startsWith('node:')),
    [],
  )
})

test('a program in CommonJS gets the library by require', (t) => {
  const project = projectWith(t)
  const script = "const { Swarm, Gossip } = require('lswarm'); console.log(typeof Swarm, typeof Gossip)"
  const { stdout, status } = spawnSync(process.execPath, ['-e', script], { cwd: project, encoding: 'utf8' })
  assert.equal(stdout, 'function function\n')
  assert.equal(status, 0)
})

test('without what V8 made of it, or with that of another, the library is the same', (t) => {
  const project = projectWith(t)
  const cache = join(project, 'node_modules/lswarm/dist/library/main.cache')
  const script = "import { Swarm } from 'lswarm'; console.log(typeof Swarm)"
  const run = () =>
    spawnSync(process.execPath, ['--input-type=module', '-e', script], { cwd: project, encoding: 'utf8' })
  assert.equal(run().stdout, 'function\n')
  truncateSync(cache, 1000)
  assert.equal(run().stdout, 'function\n')
  rmSync(cache)
  assert.equal(run().stdout, 'function\n')
})

for (const resolution of ['nodenext', 'bundler']) {
  test(`a program is typed by what is published (moduleResolution ${resolution})`, (t) => {
    const project = projectWith(t, 'program.ts', 'greet.mjs')
    const types = join(project, 'node_modules/@types')
    mkdirSync(types)
    symlinkSync(join(ROOT, 'node_modules/@types/node'), join(types, 'node'))
    const options = {
      strict: true,
      noEmit: true,
      allowJs: true,
      checkJs: true,
      target: 'es2022',
      module: resolution === 'bundler' ? 'preserve' : resolution,
      moduleResolution: resolution,
      types: 'node',
    }
    const args = Object.entries(options).flatMap(([option, value]) => [`--${option}`, String(value)])
    const { status, stdout, stderr } = spawnSync(
      join(ROOT, 'node_modules/.bin/tsc'),
      ['--ignoreConfig', ...args, 'program.ts', 'greet.mjs'],
      { cwd: project, encoding: 'utf8' },
    )
    assert.equal(`${stdout}${stderr}`, '')
    assert.equal(status, 0)
  })
}
