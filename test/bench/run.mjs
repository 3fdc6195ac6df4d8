/**
 * `npm run bench [-- NAME…] [--json] [--runs N] [--size BYTES] [--sizes N,…] [--beside COMMAND]`: lswarm beside the
 * programs that people use instead, in turns, as ratios. Nothing here passes or fails; see the files beside this one.
 * `--sizes`: how many processes a mesh has; `--beside`: another build's `bin/lswarm.cjs`, a row of its own there.
 */
import { existsSync } from 'node:fs'
import { cpus, release } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { COMMAND, growthToText, ROOT, toText } from './harness.mjs'
import { findPeers } from './peers.mjs'

const NAMES = [
  'throughput',
  'handed',
  'fanout',
  'startup',
  'exec',
  'lines',
  'gossip',
  'flood',
  'mesh',
  'dht',
  'growth',
]

const complain = (message) => {
  process.stderr.write(`bench: ${message}\n`)
  process.exit(2)
}

function readArguments() {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        runs: { type: 'string' },
        size: { type: 'string' },
        sizes: { type: 'string' },
        beside: { type: 'string', multiple: true },
      },
    })
    return { ...values, names: positionals.length > 0 ? positionals : NAMES }
  } catch (error) {
    return complain(error.message)
  }
}

/** `2147483648`, `256M`, `4G`. */
function bytesOf(text) {
  const parts = /^(\d+)([KMG]?)$/i.exec(text)
  if (!parts) return complain(`--size takes a number of bytes like 256M or 4G, not ${text}`)
  return Number(parts[1]) * 1024 ** ' KMG'.indexOf(parts[2].toUpperCase() || ' ')
}

const { json = false, names, ...given } = readArguments()
for (const name of names) {
  if (!NAMES.includes(name)) complain(`no comparison is called ${name}; there are ${NAMES.join(', ')}`)
}
const runs = Number(given.runs ?? 5)
if (!Number.isInteger(runs) || runs < 1) complain(`--runs takes a number from 1, not ${given.runs}`)
const size = given.size === undefined ? undefined : bytesOf(given.size)
const sizes = given.sizes?.split(',').map(Number)
if (sizes?.some((one) => !Number.isInteger(one) || one < 2))
  complain(`--sizes takes numbers from 2, like 10,50, not ${given.sizes}`)
const beside = given.beside?.map((path) => resolve(path))
for (const path of beside ?? []) if (!existsSync(path)) complain(`--beside: there is no ${path}`)
if (process.platform !== 'linux') complain('this needs Linux: it reads /proc')
if (!existsSync(`${ROOT}/dist/main.cjs`)) complain('there is no dist/: npm run build makes it')

const isTerminal = process.stderr.isTTY
const progress = (text) => isTerminal && process.stderr.write(`\r\x1b[K${text}`)
const report = (text) => process.stderr.write(`${isTerminal ? '\r\x1b[K' : ''}${text}\n`)

const machine = `${cpus().length} processors, Linux ${release()}, Node ${process.version}`
if (!json) console.log(`${COMMAND.slice(ROOT.length + 1)}; ${machine}; medians of ${runs} runs in turns\n`)

const comparisons = {}
for (const name of names) {
  const { peers = [], compare } = await import(`./${name}.mjs`)
  const there = findPeers(peers, report)
  const tables = []
  const show = (table) => {
    progress('')
    tables.push(table)
    if (!json) console.log(table.points ? growthToText(table) : toText(table))
  }
  const options = { runs, size, sizes, beside, peers: there, show }
  await compare({ ...options, progress: (text) => progress(`${name}, ${text}`) })
  comparisons[name] = tables.map(({ columnsOf: _columns, ...table }) => table)
}
if (json) {
  console.log(
    JSON.stringify({
      node: process.version,
      kernel: release(),
      processors: cpus().length,
      runs,
      comparisons,
    }),
  )
}
process.exit(0)
