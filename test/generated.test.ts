/** What is derived from the option table is what is committed, and what its readers can read. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import about from '../package.json' with { type: 'json' }
import { commands } from '../src/cli/commands.ts'
import { descriptions } from '../src/cli/descriptions.ts'
import { generated } from '../src/cli/generated.ts'

const root = join(import.meta.dirname, '..')

for (const [path, text] of generated()) {
  test(`${path} is what "npm run generate" writes`, () => {
    assert.equal(readFileSync(join(root, path), 'utf8'), text)
  })
}

const pages = readdirSync(join(root, 'man'))

test('npm installs every manual page, and every verb has one', () => {
  assert.deepEqual([...about.man].sort(), pages.map((page) => `man/${page}`).sort())
  for (const { verb } of commands) assert.ok(pages.includes(`lswarm-${verb}.1`), verb)
  for (const { verb } of commands) assert.ok(descriptions[verb], `a description of ${verb}`)
})

const readers: readonly (readonly [name: string, ...command: string[]])[] = [
  ['bash reads its completion', 'bash', '-n', 'completions/lswarm.bash'],
  ['zsh reads its completion', 'zsh', '-n', 'completions/_lswarm'],
  ['fish reads its completion', 'fish', '-n', 'completions/lswarm.fish'],
  [
    'mandoc finds no fault with the manual pages',
    'mandoc',
    '-Tlint',
    '-Wwarning',
    ...pages.map((page) => `man/${page}`),
  ],
]

for (const [name, command = '', ...args] of readers) {
  // mandoc has no --version, and would wait for a page.
  const there =
    spawnSync(command, ['--version'], { stdio: ['ignore', 'ignore', 'ignore'] }).error === undefined
  test(name, { skip: there ? false : `${command} is not installed` }, () => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
    assert.equal(status, 0, `${stdout}${stderr}`)
  })
}

test('V8 takes what the build has kept of the compiled program', () => {
  const script = `const { readFileSync } = require('node:fs')
    const [, program] = process.argv
    const source = readFileSync(program, 'utf8')
    const cachedData = readFileSync(program.replace(/cjs$/, 'cache'))
    console.log(new (require('node:vm').Script)(source, { filename: program, cachedData }).cachedDataRejected)`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script, join(root, 'dist/main.cjs')], {
    encoding: 'utf8',
  })
  assert.equal(stdout, 'false\n', stderr)
})
