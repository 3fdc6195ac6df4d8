/**
 * Many processes on one topic: until each has N - 1 others, and until the first byte of a newcomer is at
 * one of those who are there. Both libraries run in the same small program (tools/member.mjs), and the least that could do
 * their work (tools/bare-swarm.mjs).
 *
 * The clock runs from the start of the first process, Node's own start-up included, until the last
 * connection is there. A pair that has no connection is missing, one with two is double; a program that
 * misses pairs has done less work in its time.
 */
import { mkdirSync } from 'node:fs'
import {
  count,
  freshPath,
  inTurns,
  mebibytes,
  median,
  now,
  residentBytes,
  table,
  withJobs,
} from './harness.mjs'

const SIZES = [10, 50, 200]
const JOINED = [1, 100]
const REFERENCE = 'simple-local-swarm'
const NAMES = ['lswarm', REFERENCE]
/** What Node itself takes: pipes, a hello each way, and a stream. */
const LEAST = { name: 'bare pipes of Node', library: 'bare' }
const MEMBER = 'exec "$NODE" "$TOOLS/member.mjs" $LIBRARY "$PLACE" $TOPIC $COUNT'

export async function compare({ runs, progress, show }) {
  for (const size of SIZES) {
    const rows = [...NAMES.map((name) => ({ name, library: name })), LEAST].map(({ name, library }) => ({
      name,
      run: () => gathered(library, size),
    }))
    const measured = await inTurns(rows, runs, (text) => progress(`${size} processes, ${text}`))
    const columns = [
      { title: 'time', of: 'seconds', as: 'cost' },
      { title: 'RSS of one', of: 'rss', as: 'value', format: mebibytes },
      { title: 'missing pairs', of: 'missing', as: 'value', format: count },
      { title: 'double pairs', of: 'double', as: 'value', format: count },
    ]
    show(table({ title: `mesh: ${size} processes`, reference: REFERENCE, columns, rows, ...measured }))
  }
  for (const size of JOINED) {
    const rows = NAMES.map((name) => ({ name, run: () => joined(name, size) }))
    const measured = await inTurns(rows, runs, (text) => progress(`a newcomer to ${size}, ${text}`))
    const columns = [
      { title: 'first byte at a peer', of: 'first', as: 'cost' },
      { title: 'at the last peer', of: 'last', as: 'cost' },
    ]
    const title = `mesh: a newcomer, from its start, with ${size} there`
    show(table({ title, reference: REFERENCE, columns, rows, ...measured }))
  }
}

/** Starts members all at once, and waits until each has settled. */
async function gather(start, library, size) {
  const place = freshPath('m')
  mkdirSync(place, { mode: 0o700 })
  const variables = { LIBRARY: library, PLACE: place, TOPIC: 'mesh', COUNT: size - 1 }
  const since = now()
  const members = Array.from({ length: size }, () => start(MEMBER, variables))
  await Promise.all(members.map((member) => member.hears(/\n/, 'stdout')))
  return {
    since,
    members,
    variables,
    found: members.map((member) => JSON.parse(member.stdout.split('\n', 1)[0])),
  }
}

export function gathered(library, size) {
  return withJobs(async (start) => {
    const { since, members, found } = await gather(start, library, size)
    const total = (key) => found.reduce((sum, one) => sum + one[key], 0)
    return {
      seconds: Math.max(...found.map(({ at }) => at)) - since,
      rss: median(members.map((member) => residentBytes(member.pid))),
      // Seen from both ends.
      missing: (size * (size - 1) - total('others')) / 2,
      double: total('double') / 2,
    }
  })
}

export function joined(library, size) {
  return withJobs(async (start) => {
    const { members, variables } = await gather(start, library, size)
    const since = now()
    start(MEMBER, { ...variables, COUNT: size })
    const bytes = await Promise.all(members.map((member) => byteOf(member)))
    return { first: Math.min(...bytes) - since, last: Math.max(...bytes) - since }
  })
}

async function byteOf(member) {
  await member.hears(/"byte".*\n/, 'stdout')
  return JSON.parse(/.*"byte".*/.exec(member.stdout)[0]).byte
}
