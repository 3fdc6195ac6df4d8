/**
 * `npm test [-- NAME…] [--times N]`: builds, checks, then runs the files of node:test and bats, one
 * more at a time than there are processors (they mostly wait), one line for each. NAMEs pick files whose path contains one
 * of them (and `check`); `--times` repeats the files. The last line is `N passed, N failed`.
 */
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const ROOT = resolve(import.meta.dirname, '..')
const FILE_MS_MAX = 5 * 60_000
const KILL_GRACE_MS = 2_000
const LEFTOVER_GRACE_MS = 2_000
const OUTPUT_LINES_MAX = 60

const { values, positionals: names } = parseArgs({
  allowPositionals: true,
  options: { times: { type: 'string', default: '1' } },
})
if (!/^[1-9]\d*$/.test(values.times)) {
  console.error(`--times takes a number, not ${values.times}`)
  process.exit(2)
}

const run = randomBytes(8).toString('hex')
const temporary = mkdtempSync(join(tmpdir(), 'lst-'))
const logs = mkdtempSync(join(temporary, 'log-'))
const environment = environmentOfTests()
const running = new Set()
const total = { passed: 0, failed: 0, skipped: 0 }

function environmentOfTests() {
  const added = { LC_ALL: 'C.UTF-8', NO_COLOR: '1', TMPDIR: temporary, LSWARM_TEST_RUN: run }
  const removed = /^(NODE_EXTRA_CA_CERTS|NODE_TEST_CONTEXT|FORCE_COLOR|XDG_RUNTIME_DIR|BATS_.*|LSWARM_.*)$/
  const kept = Object.entries(process.env).filter(([name]) => !removed.test(name))
  return { ...Object.fromEntries(kept), ...added }
}

const print = (text) => process.stdout.write(`${text}\n`)
const indent = (lines) => lines.map((line) => `    ${line}`).join('\n')
const linesOf = (text) => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))

/**
 * Runs a command in a process group of its own, its output in files: a pipe would stay open as long
 * as anything that the test left behind.
 */
async function execute(command, args, label, extra = {}) {
  const base = join(logs, randomBytes(6).toString('hex'))
  const out = openSync(`${base}.out`, 'w')
  const err = openSync(`${base}.err`, 'w')
  const began = performance.now()
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...environment, LSWARM_TEST_FILE: label, ...extra },
    stdio: ['ignore', out, err],
    detached: true,
  })
  closeSync(out)
  closeSync(err)
  running.add(child)
  let isKilled = false
  const cap = setTimeout(() => {
    isKilled = true
    killGroup(child.pid, 'SIGTERM')
    setTimeout(() => killGroup(child.pid, 'SIGKILL'), KILL_GRACE_MS).unref()
  }, FILE_MS_MAX)
  const ending = await new Promise((done) => {
    child.once('error', (error) => done(error.message))
    child.once('exit', (code, signal) =>
      done(code === 0 ? '' : signal ? `ended by ${signal}` : `status ${code}`),
    )
  })
  clearTimeout(cap)
  if (isKilled) killGroup(child.pid, 'SIGKILL')
  running.delete(child)
  return {
    ending: isKilled ? `killed after ${FILE_MS_MAX / 1000} s` : ending,
    isKilled,
    out: readFileSync(`${base}.out`, 'utf8'),
    err: readFileSync(`${base}.err`, 'utf8'),
    seconds: ((performance.now() - began) / 1000).toFixed(1),
  }
}

function killGroup(pid, signal) {
  try {
    if (pid !== undefined) process.kill(-pid, signal)
  } catch {
    // It has ended.
  }
}

/** One run of TAP points at one depth: a plan that has to match them. */
class Level {
  count = 0
  plan = undefined
  hasFailed = false

  problem() {
    if (this.plan === undefined) return 'no plan'
    return this.plan === this.count ? undefined : `the plan is 1..${this.plan}, but ${this.count} ran`
  }
}

/**
 * Reads TAP, of bats and of node:test (whose subtests are indented by four). Counts leaves only: a
 * suite, or a test with subtests, counts when it failed although nothing in it did.
 * @param file the path by which node:test reports a file as if it were a test
 */
function parseTap(text, file) {
  const points = []
  const problems = []
  const comments = []
  let levels = [new Level()]
  let point
  let yaml
  for (const line of text.split('\n')) {
    if (yaml !== undefined) {
      if (line === `${yaml}...`) yaml = undefined
      else {
        if (line === `${yaml}type: 'suite'`) point.isSuite = true
        point.details.push(line.slice(yaml.length))
      }
      continue
    }
    const [, space, rest] = /^( *)(.*)$/s.exec(line)
    const depth = space.length / 4
    const result = /^(not ok|ok) (\d+)(?: - | |$)(.*)$/s.exec(rest)
    const plan = /^1\.\.(\d+)(?:\s*#.*)?$/.exec(rest)
    if (rest === '---' && point && space.length === point.depth * 4 + 2) yaml = space
    else if (rest.startsWith('Bail out!')) problems.push(rest)
    else if (rest.startsWith('#') && depth % 1 === 0) {
      if (/^# (Subtest: |(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$)/.test(rest))
        continue
      comments.push(rest)
      if (depth === 0) point?.details.push(rest)
    } else if (plan && depth % 1 === 0) {
      levels[depth] ??= new Level()
      if (levels[depth].plan !== undefined) problems.push('two plans')
      levels[depth].plan = Number(plan[1])
    } else if (result && depth % 1 === 0) {
      const within = levels[depth + 1]
      const problem = within?.problem()
      if (problem) problems.push(`in ${result[3]}: ${problem}`)
      levels = levels.slice(0, depth + 1)
      for (let above = 0; above <= depth; above++) levels[above] ??= new Level()
      levels[depth].count++
      if (Number(result[2]) !== levels[depth].count) problems.push(`test number ${result[2]} is out of order`)
      point = {
        depth,
        isOk: result[1] === 'ok',
        isSkip: / # skip\b/i.test(result[3]),
        name: result[3].replaceAll('\\#', '#'),
        isParent: within !== undefined,
        isSuite: false,
        isFile: depth === 0 && (result[3] === file || resolve(ROOT, result[3]) === file),
        isTold: within?.hasFailed === true,
        details: [],
      }
      points.push(point)
      if (!point.isOk) levels[depth].hasFailed = true
    }
  }
  const last = levels[0].problem()
  if (last) problems.push(last)
  if (levels.length > 1) problems.push('it ends inside a test')
  return { points, problems, comments }
}

/** Prints a file's line and its failures, and adds it to the total. */
function report(label, file, { ending, isKilled, out, err, seconds }) {
  const { points, problems, comments } = parseTap(out, file)
  const isLeaf = ({ isParent, isSuite, isFile }) => !isParent && !isSuite && !isFile
  const failures = points.filter((point) => !point.isOk && (isLeaf(point) || !point.isTold))
  const passed = points.filter((point) => point.isOk && !point.isSkip && isLeaf(point)).length
  const skipped = points.filter((point) => point.isOk && point.isSkip && isLeaf(point)).length
  const notes = failures.map(({ name, details, isFile }) => ({
    name,
    lines: isFile ? [...comments.slice(-OUTPUT_LINES_MAX), ...details] : details,
  }))
  // What a killed file had not yet said needs no complaint of its own.
  if (isKilled) notes.push({ name: ending, lines: comments.slice(-OUTPUT_LINES_MAX) })
  else if (problems.length > 0) notes.push({ name: `broken TAP: ${problems.join('; ')}`, lines: [] })
  if (ending && notes.length === 0) notes.push({ name: ending, lines: comments.slice(-OUTPUT_LINES_MAX) })
  if (notes.length === 0 && passed + skipped === 0) notes.push({ name: 'no tests', lines: [] })

  total.passed += passed
  total.failed += notes.length
  total.skipped += skipped
  const parts = [`${passed} passed`, `${notes.length} failed`]
  if (skipped > 0) parts.push(`${skipped} skipped`)
  print(`${label}: ${parts.join(', ')} (${seconds} s)`)
  for (const { name, lines } of notes)
    print([`  not ok: ${name}`, ...(lines.length ? [indent(lines)] : [])].join('\n'))
  if (notes.length > 0 && err) print(indent(linesOf(err).slice(-OUTPUT_LINES_MAX)))
}

/** A step that is one test: `npm run NAME`. */
async function step(name) {
  const { ending, out, err, seconds } = await execute('npm', ['run', '--silent', name], name)
  if (!ending) {
    print(`${name}: passed (${seconds} s)`)
    return true
  }
  total.failed++
  print(`${name}: failed, ${ending} (${seconds} s)`)
  const lines = [...linesOf(out), ...linesOf(err)]
  if (lines.length > 0) print(indent(lines))
  return false
}

function filesToRun() {
  const test = (path) => join('test', path)
  const here = readdirSync(join(ROOT, 'test')).sort()
  const unit = existsSync(join(ROOT, 'test/unit'))
    ? readdirSync(join(ROOT, 'test/unit'), { recursive: true })
    : []
  const files = [
    ...unit
      .filter((path) => /\.test\.tsx?$/.test(path))
      .map((path) => join('unit', path))
      .sort(),
    ...here.filter((path) => path.endsWith('.test.ts')),
    ...here.filter((path) => path.endsWith('.bats')),
  ]
  const picked = files.filter((path) => names.length === 0 || names.some((name) => path.includes(name)))
  return Array.from({ length: Number(values.times) }, () => picked.map(test)).flat()
}

async function runFile(label) {
  const file = join(ROOT, label)
  const result = label.endsWith('.bats')
    ? await execute('node_modules/bats/bin/bats', ['--formatter', 'tap', file], label)
    : await execute(process.execPath, ['--import', 'tsx', '--test', '--test-reporter=tap', file], label)
  report(label, file, result)
}

async function runAll(files) {
  const queue = files.values()
  const worker = async () => {
    for (const file of queue) await runFile(file)
  }
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, worker))
}

/** Processes that this run started and that still live, where /proc tells: pid → file and command line. */
function leftovers() {
  const found = new Map()
  if (!existsSync('/proc/self/environ')) return found
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim()
      const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
      const isOurs = variables.includes(`LSWARM_TEST_RUN=${run}`) || command.includes(temporary)
      const from = variables.find((variable) => variable.startsWith('LSWARM_TEST_FILE='))?.split('=')[1]
      // A zombie has neither: it has ended, and its parent's list is not ours to keep.
      if (isOurs && command !== '') found.set(Number(pid), `${from ?? 'a test'} left ${command} (${pid})`)
    } catch {
      // It has ended, or belongs to someone else.
    }
  }
  return found
}

function killLeftovers() {
  for (const pid of leftovers().keys()) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }
}

async function checkLeftovers() {
  const deadline = performance.now() + LEFTOVER_GRACE_MS
  while (leftovers().size > 0 && performance.now() < deadline) await wait(20)
  const found = [...leftovers().values()]
  if (found.length === 0) return
  killLeftovers()
  total.failed++
  print(`leftover processes: failed\n${indent(found)}`)
}

function removeTemporary() {
  try {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 3 })
  } catch (error) {
    total.failed++
    print(`temporary directory: failed\n${indent([error.message])}`)
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    for (const child of running) killGroup(child.pid, 'SIGKILL')
    killLeftovers()
    removeTemporary()
    process.kill(process.pid, signal)
  })
}

if (await step('build')) {
  const isCheckPicked = names.length === 0 || names.some((name) => 'check'.includes(name))
  if (isCheckPicked && (await step('check'))) total.passed++
  await runAll(filesToRun())
}
await checkLeftovers()
removeTemporary()
const { passed, failed, skipped } = total
print(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed > 0 || passed + skipped === 0 ? 1 : 0
