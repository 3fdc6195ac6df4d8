/**
 * One sender, one receiver, on one machine: a file in memory to /dev/null, a pipe to a pipe, and a
 * command to a command.
 *
 * Both ends have started before the clock does. From a file it runs from the moment when the second
 * of them is ready (lswarm says so with `--ready`, and its handshake is still to come; the others are
 * started then, which takes them 2 to 5 ms) until both have ended, lswarm's with status 0, which is the
 * confirmed end. From a pipe it runs from the moment when its writer is let go.
 */

import { existsSync } from 'node:fs'
import {
  allReady,
  dataFile,
  freshPath,
  freshTopic,
  gated,
  inTurns,
  LSWARM,
  mebibytes,
  now,
  removeDataFile,
  sizeText,
  table,
  until,
  withJobs,
} from './harness.mjs'
import { compile } from './peers.mjs'

export const peers = ['socat', 'nc', 'ncat']

const REFERENCE = 'socat -b262144'
const GIB = 1 << 30

/** What listens, and what dials: `$SOCKET` is where. Without stdin and stdout. */
const PAIRS = [
  {
    name: REFERENCE,
    needs: 'socat',
    listen: 'socat -u -b262144 UNIX-LISTEN:$SOCKET -',
    dial: 'socat -u -b262144 - UNIX-CONNECT:$SOCKET',
  },
  {
    name: 'socat as typed',
    needs: 'socat',
    listen: 'socat -u UNIX-LISTEN:$SOCKET -',
    dial: 'socat -u - UNIX-CONNECT:$SOCKET',
  },
  { name: 'nc -U', needs: 'nc', listen: 'nc.openbsd -dlU $SOCKET', dial: 'nc.openbsd -NU $SOCKET' },
  {
    name: 'ncat -U',
    needs: 'ncat',
    listen: 'ncat --recv-only -lU $SOCKET',
    dial: 'ncat --send-only -U $SOCKET',
  },
  { name: 'C, read and write', needs: 'loop', listen: '$LOOP listen $SOCKET', dial: '$LOOP connect $SOCKET' },
]

const COLUMNS = [
  { title: 'rate', of: 'seconds', as: 'rate' },
  { title: 'CPU', of: 'cpu', as: 'cost' },
  { title: 'peak RSS', of: 'rss', as: 'value', format: mebibytes },
]

export async function compare({ runs, size = 2 * GIB, peers: there, progress, show }) {
  const loop = compile('loop')
  if (loop !== undefined) there.add('loop')
  const pairs = PAIRS.filter(({ needs }) => there.has(needs))
  const variables = { FILE: dataFile(size), LOOP: loop ?? '', SIZE: size }

  for (const way of WAYS) {
    const rows = [
      { name: 'lswarm', run: () => swarmed(way, variables) },
      ...pairs.map(({ name, ...pair }) => ({ name, run: () => paired(pair, way, variables) })),
      { name: way.plainName, run: () => plain(way, variables) },
    ]
    const measured = await inTurns(rows, runs, progress)
    const title = `throughput: ${sizeText(size)}, ${way.title}`
    show(table({ title, reference: REFERENCE, columns: COLUMNS, rows, ...measured }))
  }
  removeDataFile(size)
}

/** From where to where: `sender` and `receiver` complete a command that reads stdin and writes stdout. */
const WAYS = [
  {
    title: 'a file in memory to /dev/null',
    sender: (command) => `${command} <"$FILE"`,
    receiver: (command) => `${command} >/dev/null`,
    plainName: 'cat | cat',
    plain: 'cat "$FILE" | cat >/dev/null',
  },
  {
    title: 'a pipe to a pipe',
    isGated: true,
    sender: (command) => `${gated('cat "$FILE"')} | ${command}`,
    receiver: (command) => `${command} | cat >/dev/null`,
    plainName: 'cat | cat | cat',
    plain: `${gated('cat "$FILE"')} | cat | cat >/dev/null`,
  },
]

function swarmed(way, variables) {
  return withJobs(async (start) => {
    const all = { ...variables, TOPIC: freshTopic() }
    const sender = start(way.sender(`${LSWARM} send $TOPIC --ready`), all)
    await allReady([sender])
    const receiver = start(way.receiver(`${LSWARM} recv $TOPIC --ready`), all)
    sender.watchPeak()
    receiver.watchPeak()
    let since = await allReady([receiver])
    if (way.isGated) since = letGo(sender)
    const result = await spent([sender, receiver], since)
    return { ...result, rss: Math.max(sender.peakBytes, receiver.peakBytes) }
  })
}

function paired({ listen, dial }, way, variables) {
  return withJobs(async (start) => {
    const all = { ...variables, SOCKET: freshPath('s') }
    const receiver = start(way.receiver(listen), all)
    await until(() => existsSync(all.SOCKET))
    // Bound is not yet listening.
    await new Promise((done) => setTimeout(done, 20))
    let since = now()
    const sender = start(way.sender(dial), all)
    if (way.isGated) since = letGo(sender)
    return spent([sender, receiver], since)
  })
}

function plain(way, variables) {
  return withJobs(async (start) => {
    let since = now()
    const job = start(way.plain, variables)
    if (way.isGated) since = letGo(job)
    return spent([job], since)
  })
}

function letGo(job) {
  const since = now()
  job.say('\n')
  return since
}

/** Waits for the end of all of them. */
async function spent(jobs, since) {
  const endings = await Promise.all(jobs.map((job) => job.done()))
  return {
    seconds: Math.max(...endings.map(({ at }) => at)) - since,
    cpu: endings.reduce((sum, { cpu }) => sum + cpu, 0),
  }
}
