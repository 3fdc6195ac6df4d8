/**
 * What every comparison stands on: a private directory, processes that end with us, runs in turns,
 * and the ratios of what was measured.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export const ROOT = resolve(import.meta.dirname, '../..')
export const COMMAND = join(ROOT, 'bin/lswarm.cjs')
export const TOOLS = join(import.meta.dirname, 'tools')

/** One run that takes longer is given up. */
const RUN_MS_MAX = 180_000
const PEAK_POLL_MS = 40

/** In memory where the system has such a place: a disk would be measured otherwise. */
const memory = '/dev/shm'
export const directory = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'lsb-'))

const groups = new Set()

function leave() {
  for (const pid of groups) killGroup(pid, 'SIGKILL')
  rmSync(directory, { recursive: true, force: true })
}

process.on('exit', leave)
for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 })) {
  process.on(signal, () => process.exit(128 + number))
}

function killGroup(pid, signal) {
  try {
    process.kill(-pid, signal)
  } catch {
    // All of it has ended.
  }
}

let names = 0

/** A path in the bench's own directory that nobody has used. */
export function freshPath(kind) {
  names += 1
  return join(directory, `${kind}${names}`)
}

/** A topic that nobody has used. */
export function freshTopic() {
  names += 1
  return `bench-${names}`
}

/** A port of the loopback interface that is free now. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((done) => server.once('listening', done))
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}

/** The sockets of the loopback interface that have this port: what the kernel tells of each, split. */
function socketsAt(port) {
  const address = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const lines = readFileSync('/proc/net/tcp', 'latin1').split('\n')
  return lines.map((line) => line.trim().split(/\s+/)).filter(([, local]) => local === address)
}

/** Whether somebody listens there. Looked up, not tried: a client that comes to see is a client. */
export function isListening(port) {
  return socketsAt(port).some(([, , , state]) => state === '0A')
}

/** How many connections have been accepted there: those that are not have no inode yet. */
export function acceptedCount(port) {
  return socketsAt(port).filter((socket) => socket[3] === '01' && socket[9] !== '0').length
}

/** Seconds on the clock that all processes of the machine share. */
export function now() {
  return Number(process.hrtime.bigint()) / 1e9
}

/** What measured processes see of the environment: Node's own additions cost a start-up up to 48 ms. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(NODE_|npm_|LSWARM_|XDG_RUNTIME_DIR$)/i.test(name)),
)
export const measuredEnvironment = {
  ...environment,
  LC_ALL: 'C.UTF-8',
  PATH: `${process.env.PATH}:/usr/sbin:/sbin`,
  LSWARM_DIR: directory,
  NODE: process.execPath,
  LSWARM: COMMAND,
  TOOLS,
}

/** A shell script, and everything that it starts. */
export class Job {
  /** Resolves with {status, at, cpu}: `at` as `now` tells, `cpu` seconds (user and system) of all its processes. */
  ended
  stdout = ''
  stderr = ''
  #child
  #ended = false
  #waiting = new Set()
  #peakBytes = 0
  #peakTimer

  /**
   * @param {string} script for bash; its descriptor 0 is a pipe from us, see `say`
   * @param {Record<string, string | number>} variables
   */
  constructor(script, variables = {}) {
    const timed = `${script}\nstatus=$?\ntimes >&3\nexit $status`
    const values = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]))
    const child = spawn('bash', ['-c', timed], {
      env: { ...measuredEnvironment, ...values },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      detached: true,
    })
    this.#child = child
    groups.add(child.pid)
    let times = ''
    child.stdio[3].on('data', (chunk) => (times += chunk))
    child.stdin.on('error', () => {})
    child.stdout.on('data', (chunk) => this.#hear('stdout', chunk))
    child.stderr.on('data', (chunk) => this.#hear('stderr', chunk))
    this.ended = new Promise((done) => {
      let at = 0
      child.on('exit', () => {
        at = now()
      })
      child.on('close', (status) => {
        this.#ended = true
        clearInterval(this.#peakTimer)
        groups.delete(child.pid)
        for (const look of this.#waiting) look()
        done({ status, at, cpu: cpuSeconds(times) })
      })
    })
  }

  /** Resolves with the time at which the job has ended; fails unless it did so with 0. */
  async done() {
    const ending = await this.ended
    if (ending.status !== 0) throw new Error(`status ${ending.status}: ${lastLine(this.stderr)}`)
    return ending
  }

  /** Resolves with the time of the moment when `stream` has text that matches. */
  async hears(pattern, stream = 'stderr') {
    await new Promise((resolve, reject) => {
      const look = () => {
        if (pattern.test(this[stream])) resolve()
        else if (this.#ended) reject(new Error(`ended too early: ${lastLine(this.stderr)}`))
        else return
        this.#waiting.delete(look)
      }
      this.#waiting.add(look)
      look()
    })
    return now()
  }

  /** Writes to the script's stdin. */
  say(text) {
    this.#child.stdin.write(text)
  }

  /** From now on watches the resident memory of its processes called `name`. */
  watchPeak(name = 'node') {
    this.#peakTimer = setInterval(() => {
      for (const pid of [this.#child.pid, ...descendants(this.#child.pid)]) {
        this.#peakBytes = Math.max(this.#peakBytes, peakOf(pid, name))
      }
    }, PEAK_POLL_MS)
  }

  get peakBytes() {
    return this.#peakBytes
  }

  get pid() {
    return this.#child.pid
  }

  /** The ids of the processes under it that are called `name`. */
  pids(name) {
    return descendants(this.#child.pid).filter((pid) => field(`/proc/${pid}/comm`, /^(.*)$/m) === name)
  }

  /** The ids of all processes under it. */
  children() {
    return descendants(this.#child.pid)
  }

  /** Asks the programs of the script to end, but not the script, which has to tell what they cost. */
  stop() {
    for (const pid of descendants(this.#child.pid)) process.kill(pid, 'SIGTERM')
  }

  kill() {
    killGroup(this.#child.pid, 'SIGKILL')
  }

  #hear(stream, chunk) {
    this[stream] += chunk
    for (const look of [...this.#waiting]) look()
  }
}

function lastLine(text) {
  return text.trim().split('\n').at(-1)
}

/** From what bash's `times` prints: its own user and system time, and those of its children. */
function cpuSeconds(times) {
  const parts = [...times.matchAll(/(\d+)m([\d.]+)s/g)]
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0)
}

function descendants(pid) {
  const children = field(`/proc/${pid}/task/${pid}/children`, /^(.*)$/) ?? ''
  return children
    .split(' ')
    .filter(Boolean)
    .flatMap((child) => [Number(child), ...descendants(child)])
}

function peakOf(pid, name) {
  const status = `/proc/${pid}/status`
  // The name of Node's main thread.
  if (!(field(status, /^Name:\s+(.*)$/m) ?? '').startsWith(name)) return 0
  return Number(field(status, /^VmHWM:\s+(\d+)/m) ?? 0) * 1024
}

/** Bytes of private and shared memory that a process has resident now. */
export function residentBytes(pid) {
  return Number(field(`/proc/${pid}/status`, /^VmRSS:\s+(\d+)/m) ?? 0) * 1024
}

/** Seconds that all threads of a process have run. */
export function processorSeconds(pid) {
  const nanoseconds = entriesOf(`/proc/${pid}/task`).map((thread) =>
    Number(field(`/proc/${pid}/task/${thread}/schedstat`, /^(\d+)/) ?? 0),
  )
  return nanoseconds.reduce((sum, ran) => sum + ran, 0) / 1e9
}

function entriesOf(path) {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function field(path, pattern) {
  try {
    return pattern.exec(readFileSync(path, 'latin1'))?.[1]
  } catch {
    return undefined
  }
}

/** Bytes that a process has written, to wherever. */
export function writtenBytes(pid) {
  return Number(field(`/proc/${pid}/io`, /^wchar: (\d+)/m) ?? 0)
}

/** Resolves with the time at which `holds` did. */
export async function until(holds, everyMs = 2) {
  for (;;) {
    const value = await holds()
    if (value) return now()
    await wait(everyMs)
  }
}

/** Runs `act` with a list to which it adds its jobs; kills what is left of them. */
export async function withJobs(act) {
  const jobs = []
  const start = (script, variables) => {
    const job = new Job(script, variables)
    jobs.push(job)
    return job
  }
  let timer
  const late = new Promise((_done, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${RUN_MS_MAX / 1000} s`)), RUN_MS_MAX)
  })
  try {
    return await Promise.race([act(start), late])
  } finally {
    clearTimeout(timer)
    for (const job of jobs) job.kill()
    await Promise.all(jobs.map((job) => job.ended))
  }
}

/** The command `join`, `send`, … in a script; ready lines go to stderr. */
export const LSWARM = '"$NODE" "$LSWARM"'

/** Resolves with the time at which all of these can be met. */
export async function allReady(jobs) {
  const times = await Promise.all(jobs.map((job) => job.hears(/^lswarm: ready/m)))
  return Math.max(...times)
}

/** What waits for our word before it starts to write. */
export const gated = (command) => `{ read -r go; exec ${command}; }`

/** A file of `bytes` bytes that do not compress to nothing; made once. */
export function dataFile(bytes) {
  const path = join(directory, `data-${bytes}`)
  if (existsSync(path)) return path
  const block = Buffer.alloc(1_048_576)
  for (let at = 0; at < block.length; at++) block[at] = (at * 2_654_435_761) >>> 13
  for (let left = bytes; left > 0; left -= block.length) {
    writeFileSync(path, left < block.length ? block.subarray(0, left) : block, { flag: 'a' })
  }
  return path
}

export function removeDataFile(bytes) {
  rmSync(join(directory, `data-${bytes}`), { force: true })
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

/** The exponent b of the best a * size ** b, by least squares of the logarithms. */
export function exponent(points) {
  const logs = points.map(({ size, cost }) => ({ x: Math.log(size), y: Math.log(cost) }))
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length
  const x = mean(logs.map((log) => log.x))
  const y = mean(logs.map((log) => log.y))
  const over = logs.reduce((sum, log) => sum + (log.x - x) * (log.y - y), 0)
  return over / logs.reduce((sum, log) => sum + (log.x - x) ** 2, 0)
}

/**
 * Runs all rows in turns (A B C A B C …).
 *
 * @param {{ name: string, run: () => Promise<Record<string, unknown>> }[]} rows a row that fails is left
 *   out of the rounds that follow, and its error is told
 */
export async function inTurns(rows, rounds, progress) {
  const samples = new Map(rows.map(({ name }) => [name, []]))
  const errors = new Map()
  for (let round = 1; round <= rounds; round++) {
    for (const { name, run } of rows) {
      if (errors.has(name)) continue
      progress(`round ${round} of ${rounds}: ${name}`)
      try {
        samples.get(name).push(await run())
      } catch (error) {
        errors.set(name, error.message)
      }
    }
  }
  return { samples, errors }
}

/**
 * A column of a table.
 * @typedef {object} Column
 * @property {string} title
 * @property {string} of the measure that it shows
 * @property {'rate' | 'cost' | 'value'} as how: `rate` is the reference's measure over the row's, `cost`
 *   the row's over the reference's, each round for itself; `value` is the measure as it is
 * @property {(value: number) => string} [format] of a `value`
 */

/** The rows' ratios to the reference: medians of the rounds, and their spread. */
export function table({ title, reference, columns, rows, samples, errors }) {
  const base = samples.get(reference)
  const shown = rows.map(({ name }) => {
    const error = errors.get(name)
    const mine = samples.get(name)
    if (error !== undefined || mine.length === 0) return { name, error: error ?? 'nothing measured' }
    const cells = columns.map((column) => cell(column, mine, base))
    return { name, cells: Object.fromEntries(columns.map((column, index) => [column.title, cells[index]])) }
  })
  return {
    title,
    reference,
    columns: columns.map(({ title: name, as }) => ({ name, as })),
    rows: shown,
    columnsOf: columns,
  }
}

function cell({ of, as }, mine, base) {
  const values = mine.map((sample) => sample[of]).filter((value) => value !== undefined)
  if (values.length === 0) return undefined
  if (as === 'value') return spread(values)
  const ratios = mine
    .map((sample, round) => {
      const other = base[round]?.[of]
      return as === 'rate' ? other / sample[of] : sample[of] / other
    })
    .filter(Number.isFinite)
  return ratios.length === 0 ? undefined : { ...spread(ratios), measured: median(values) }
}

function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) }
}

const ratio = (value) => value.toFixed(value < 0.1 ? 3 : 2)

/** A table as text. */
export function toText({ title, reference, rows, columnsOf }) {
  const head = [
    '',
    ...columnsOf.flatMap(({ title: name, as }) => (as === 'value' ? [name] : [name, 'spread'])),
  ]
  const lines = rows.map((row) => {
    const name = row.name === reference ? `${row.name} = 1.00` : row.name
    if (row.error !== undefined) return [name, row.error]
    const cells = columnsOf.flatMap(({ title: column, as, format = String }) => {
      const shown = row.cells[column]
      if (as === 'value') return [shown === undefined ? '' : format(shown.median)]
      if (shown === undefined) return ['', '']
      return [ratio(shown.median), `${ratio(shown.min)}..${ratio(shown.max)}`]
    })
    return [name, ...cells]
  })
  const isWhole = (line) => line.length === head.length
  const widths = head.map((name, index) =>
    Math.max(
      ...[head, ...lines].map((line) =>
        isWhole(line) || index === 0 ? (line[index] ?? '').length : name.length,
      ),
    ),
  )
  const layout = (line) =>
    line
      .map((text, index) =>
        index === 0 || !isWhole(line) ? text.padEnd(widths[index]) : text.padStart(widths[index]),
      )
      .join('  ')
      .trimEnd()
  return `${title}\n${[head, ...lines].map((line) => `  ${layout(line)}`).join('\n')}\n`
}

/** Costs at several sizes as text, the first one's as 1. */
export function growthToText({ title, points, exponent: power }) {
  const cells = points.map(({ size, cost }) => `${size}: ${ratio(cost)}`)
  return `${title}\n  ${cells.join('   ')}\n  exponent ${power.toFixed(2)}\n`
}

export const mebibytes = (bytes) => `${(bytes / 1_048_576).toFixed(0)} MiB`
export const count = (value) => String(Math.round(value))

/** `256 MiB`, `2 GiB`. */
export function sizeText(bytes) {
  return bytes >= 1 << 30
    ? `${+(bytes / (1 << 30)).toFixed(2)} GiB`
    : `${+(bytes / (1 << 20)).toFixed(2)} MiB`
}
