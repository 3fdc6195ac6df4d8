/** What is derived from the option table is what is committed, and what its readers can read. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { bashCompletion, fishCompletion, zshCompletion } from '../src/cli/completion.ts'
import { manPage } from '../src/cli/man.ts'

const root = join(import.meta.dirname, '..')

const generated: readonly (readonly [path: string, text: string])[] = [
  ['man/lswarm.1', manPage()],
  ['completions/lswarm.bash', bashCompletion()],
  ['completions/_lswarm', zshCompletion()],
  ['completions/lswarm.fish', fishCompletion()],
]

for (const [path, text] of generated) {
  test(`${path} is what "npm run generate" writes`, () => {
    assert.equal(readFileSync(join(root, path), 'utf8'), text)
  })
}

const readers: readonly (readonly [name: string, ...command: string[]])[] = [
  ['bash reads its completion', 'bash', '-n', 'completions/lswarm.bash'],
  ['zsh reads its completion', 'zsh', '-n', 'completions/_lswarm'],
  ['fish reads its completion', 'fish', '-n', 'completions/lswarm.fish'],
  ['mandoc finds no fault with the man page', 'mandoc', '-Tlint', '-Wwarning', 'man/lswarm.1'],
]

for (const [name, command = '', ...args] of readers) {
  const there = spawnSync(command, ['--version']).error === undefined
  test(name, { skip: there ? false : `${command} is not installed` }, () => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' })
    assert.equal(status, 0, `${stdout}${stderr}`)
  })
}

test('V8 takes what the build has kept of the compiled program', () => {
  const script = `const { readFileSync } = require('node:fs')
    const [, program] = process.argv
    const source = require('node:module').wrap(readFileSync(program, 'utf8'))
    const cachedData = readFileSync(program.replace(/cjs$/, 'cache'))
    console.log(new (require('node:vm').Script)(source, { filename: program, cachedData }).cachedDataRejected)`
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script, join(root, 'dist/main.cjs')], {
    encoding: 'utf8',
  })
  assert.equal(stdout, 'false\n', stderr)
})
