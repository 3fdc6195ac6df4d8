/**
 * Many processes that start at once on one topic: until each pair is linked, seen from outside; and until the first byte of
 * a newcomer is at one of those who are there.
 *
 * Measured is the command itself, `lswarm join`, beside a small program with simple-local-swarm (tools/member.mjs) and the
 * same with the least that could do its work (tools/bare-swarm.mjs). The clock runs from the start of the first process,
 * Node's own start-up included, until the kernel lists an accepted connection for each pair; if that does not
 * happen, until the last one was accepted. Processor time is that of all the processes until then.
 *
 * A pair that has no connection is missing, one with two is double. Nobody leaves while it is measured, so every connection
 * that a process reports lost is one that never was.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import {
  count,
  freshPath,
  inTurns,
  mebibytes,
  median,
  now,
  processorSeconds,
  residentBytes,
  table,
  withJobs,
} from './harness.mjs'
import { acceptedIn, pairsIn } from './unix-sockets.mjs'

const SIZES = [10, 50, 100, 200]
/** The larger ones take long, and differ less from run to run. */
const FULL_RUNS_SIZE = 50
const JOINED = [1, 100]
const REFERENCE = 'simple-local-swarm'
const LSWARM = 'lswarm join'
/** What Node itself takes: sockets, and nothing said. */
const LEAST = 'bare sockets of Node'
const MEMBER = '"$NODE" "$TOOLS/member.mjs" $LIBRARY "$PLACE" $TOPIC $COUNT'
/** A few say who has come and who has left: 200 lines cost a twentieth of what 200 links do. */
const SPEAKERS = 10
const JOIN = 'LSWARM_DIR="$PLACE" "$NODE" "$LSWARM" join $SPOKEN $TOPIC'
/** All read the job's stdin, which stays open and empty. Should the bench be killed, it ends, and they with it. */
const MEMBERS = (program) => `
  exec 4<&0
  { read -r <&4; kill -KILL 0; } &
  SPOKEN=--verbose
  for ((i = 0; i < SIZE; i++)); do
    ((i < SPEAKERS)) || SPOKEN=
    ${program} <&4 >>"$PLACE.out" 2>>"$PLACE.err" &
  done
  wait`
const BUSY = 'while :; do :; done'

const POLL_MS = 20
/** Nobody new for so long: those who are missing do not come. Longer than two re-scans of lswarm. */
const QUIET_S = 8
const GIVEN_UP_S = 150
/** For connections that are still to be closed, and for what is said about it. */
const SETTLED_MS = 1_000

export const peers = ['ss']

const COLUMNS = [
  { title: 'time', of: 'seconds', as: 'cost' },
  { title: 'CPU', of: 'cpu', as: 'cost' },
  { title: 'RSS of one', of: 'rss', as: 'value', format: mebibytes },
  { title: 'missing pairs', of: 'missing', as: 'value', format: count },
  { title: 'double pairs', of: 'double', as: 'value', format: count },
  { title: `lost, as ${SPEAKERS} say`, of: 'lost', as: 'value', format: count },
]

export async function compare({ runs, sizes = SIZES, beside = [], progress, show }) {
  const programs = [
    { name: LSWARM, program: JOIN },
    ...beside.map((command) => ({ name: command, program: JOIN, variables: { LSWARM: command } })),
    { name: REFERENCE, program: MEMBER, variables: { LIBRARY: REFERENCE } },
    { name: LEAST, program: MEMBER, variables: { LIBRARY: 'bare' } },
  ]
  const meshed = async (size, rounds, isBusy) => {
    const rows = programs.map((one) => ({ name: one.name, run: () => linked(one, size, isBusy) }))
    const title = `mesh: ${size} processes${isBusy ? ', a core busy' : ''}`
    const samples = await inTurns(rows, rounds, (text) => progress(`${title}, ${text}`))
    show(table({ title, reference: REFERENCE, columns: COLUMNS, rows, ...samples }))
  }
  for (const size of sizes) await meshed(size, roundsOf(size, runs), false)
  await meshed(Math.max(...sizes), 1, true)
  for (const size of JOINED) {
    const rows = ['lswarm', REFERENCE].map((name) => ({ name, run: () => joined(name, size) }))
    const samples = await inTurns(rows, runs, (text) => progress(`a newcomer to ${size}, ${text}`))
    const columns = [
      { title: 'first byte at a peer', of: 'first', as: 'cost' },
      { title: 'at the last peer', of: 'last', as: 'cost' },
    ]
    const title = `mesh: a newcomer, from its start, with ${size} there`
    show(table({ title, reference: REFERENCE, columns, rows, ...samples }))
  }
}

function roundsOf(size, runs) {
  return Math.max(1, Math.round(runs * Math.min(1, FULL_RUNS_SIZE / size)))
}

/** The command's own mesh, for its growth. */
export function gathered(size) {
  return linked({ program: JOIN }, size)
}

function linked({ program, variables = {} }, size, isBusy = false) {
  return withJobs(async (start) => {
    if (isBusy) start(BUSY)
    const place = freshPlace()
    const since = now()
    const mesh = { PLACE: place, TOPIC: 'mesh', SIZE: size, COUNT: size, SPEAKERS }
    const job = start(MEMBERS(program), { ...variables, ...mesh })
    const { at, cpu, rss } = await untilLinked(job, place, size)
    await wait(SETTLED_MS)
    const pairs = pairsIn(place, job.children())
    const total = [...pairs.values()].reduce((sum, links) => sum + links, 0)
    const lines = readFileSync(`${place}.err`, 'utf8').split('\n')
    return {
      seconds: at - since,
      cpu,
      rss,
      missing: pairsOf(size) - pairs.size,
      double: total - pairs.size,
      lost: lines.filter((line) => / left\b/.test(line)).length,
    }
  })
}

/** Resolves with what was measured when each pair was linked; or, if that does not come about, at the last link. */
async function untilLinked(job, place, size) {
  const since = now()
  let last = measured(job, since)
  let most = 0
  for (;;) {
    const at = now()
    const accepted = acceptedIn(place)
    const isNew = accepted > most
    if (isNew) last = measured(job, at)
    most = Math.max(most, accepted)
    // One that is still to be refused is accepted too.
    const isLinked = accepted >= pairsOf(size) && pairsIn(place, job.children()).size === pairsOf(size)
    if (isLinked) return isNew ? last : measured(job, at)
    if ((most > 0 && at - last.at > QUIET_S) || at - since > GIVEN_UP_S) return last
    // What looks takes the processors from those who are looked at.
    await wait(Math.max(POLL_MS, 5_000 * (now() - at)))
  }
}

function measured(job, at) {
  const pids = job.children()
  return {
    at,
    cpu: pids.reduce((sum, pid) => sum + processorSeconds(pid), 0),
    rss: median(pids.map((pid) => residentBytes(pid))),
  }
}

function pairsOf(size) {
  return (size * (size - 1)) / 2
}

function freshPlace() {
  const place = freshPath('m')
  mkdirSync(place, { mode: 0o700 })
  return place
}

export function joined(library, size) {
  return withJobs(async (start) => {
    const variables = { LIBRARY: library, PLACE: freshPlace(), TOPIC: 'mesh', COUNT: size - 1 }
    const members = Array.from({ length: size }, () => start(`exec ${MEMBER}`, variables))
    await Promise.all(members.map((member) => member.hears(/\n/, 'stdout')))
    const since = now()
    start(`exec ${MEMBER}`, { ...variables, COUNT: size })
    const bytes = await Promise.all(members.map((member) => byteOf(member)))
    return { first: Math.min(...bytes) - since, last: Math.max(...bytes) - since }
  })
}

async function byteOf(member) {
  await member.hears(/"byte".*\n/, 'stdout')
  return JSON.parse(/.*"byte".*/.exec(member.stdout)[0]).byte
}
