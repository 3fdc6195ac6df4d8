/** The programs that lswarm is compared with: where they are, and getting them from Debian's packages. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { directory, measuredEnvironment, TOOLS } from './harness.mjs'

/** By the name that comparisons use. */
const PEERS = {
  socat: { command: 'socat', package: 'socat' },
  ncat: { command: 'ncat', package: 'ncat' },
  nc: { command: 'nc.openbsd', package: 'netcat-openbsd' },
  redis: { command: 'redis-server', package: 'redis-server' },
  nats: { command: 'nats-server', package: 'nats-server' },
  python3: { command: 'python3', package: 'python3' },
  s6: { command: 's6-ipcserver', package: 's6' },
  ucspi: { command: 'unixserver', package: 'ucspi-unix' },
  ss: { command: 'ss', package: 'iproute2' },
  mosquitto: { command: 'mosquitto', package: 'mosquitto' },
}

function isThere(command) {
  return measuredEnvironment.PATH.split(':').some((place) => existsSync(join(place, command)))
}

/**
 * Installs what is missing where that can be done.
 * @param {string[]} wanted
 * @returns {Set<string>} those of `wanted` that are there now
 */
export function findPeers(wanted, report) {
  const missing = () => wanted.filter((name) => !isThere(PEERS[name].command))
  if (missing().length > 0 && process.getuid?.() === 0 && isThere('apt-get')) {
    const packages = missing().map((name) => PEERS[name].package)
    report(`installing ${packages.join(', ')}`)
    for (const one of packages) install(one)
  }
  for (const name of missing()) report(`${PEERS[name].package} is not there: its rows are left out`)
  return new Set(wanted.filter((name) => isThere(PEERS[name].command)))
}

let isUpdated = false

/** One by one: what Debian does not have must not keep the others away. */
function install(name) {
  const run = (...args) => {
    // Level 1 of System V: the package's service is not started.
    const env = { ...measuredEnvironment, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
    return spawnSync('apt-get', ['-qq', ...args], { env, stdio: 'ignore' }).status === 0
  }
  const now = () => run('install', '--no-install-recommends', '-y', name)
  if (now()) return
  if (!isUpdated) run('update')
  isUpdated = true
  now()
}

/**
 * A program of ours in C, `tools/NAME.c`.
 * @returns its path; `undefined` where there is no compiler
 */
export function compile(name) {
  const program = join(directory, name)
  if (existsSync(program)) return program
  const compiler = ['cc', 'gcc', 'clang'].find(isThere)
  if (compiler === undefined) return undefined
  const source = join(TOOLS, `${name}.c`)
  const { status } = spawnSync(compiler, ['-O2', '-o', program, source], { stdio: 'ignore' })
  return status === 0 ? program : undefined
}
