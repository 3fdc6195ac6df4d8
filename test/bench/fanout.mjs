/**
 * One sender, N receivers: a file in memory, by itself and through a pipe, to N times /dev/null. The rate is the sum over receivers,
 * so that all programs do the same work at the same N.
 *
 * As in throughput, all receivers are there before the clock starts. lswarm's ends when the sender has
 * ended with status 0, which means that every receiver has confirmed; tee's when the last reader has
 * ended; the broker says nobody's end, so its clock runs until the last receiver has written the last byte.
 */

import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  acceptedCount,
  allReady,
  dataFile,
  directory,
  freePort,
  freshTopic,
  inTurns,
  isListening,
  LSWARM,
  mebibytes,
  now,
  removeDataFile,
  sizeText,
  table,
  until,
  withJobs,
  writtenBytes,
} from './harness.mjs'

export const peers = ['ncat']

const REFERENCE = 'tee'
const COUNTS = [1, 2, 4, 8, 16, 64]
/** `source` makes it the stdin of a command. */
const WAYS = [
  { from: 'a file', source: (command) => `${command} <"$FILE"` },
  { from: 'a pipe', source: (command) => `cat "$FILE" | ${command}` },
]
const MIB = 1 << 20

const COLUMNS = [
  { title: 'rate', of: 'seconds', as: 'rate' },
  { title: 'CPU', of: 'cpu', as: 'cost' },
  { title: 'peak RSS', of: 'rss', as: 'value', format: mebibytes },
]

export async function compare({ runs, size = 2048 * MIB, peers: there, progress, show }) {
  for (const receivers of COUNTS) {
    // The same number of bytes in all, but enough of them for each: a stream has to begin, too.
    const enough = (receivers > 16 ? 256 : 512) * MIB
    const bytes = Math.max(Math.floor(size / receivers), Math.min(size, enough))
    const variables = { FILE: dataFile(bytes), N: receivers, BYTES: bytes }
    for (const { from, source } of WAYS) {
      const rows = [
        { name: 'lswarm', run: () => swarmed(receivers, variables, source) },
        { name: REFERENCE, run: () => teed(receivers, variables, source) },
      ]
      // Its limit of clients is 60, and it is the slowest: not for the largest number.
      if (there.has('ncat') && receivers < 60)
        rows.push({ name: 'ncat --broker', run: () => brokered(receivers, variables, source) })
      const measured = await inTurns(rows, runs, (text) => progress(`${receivers} receivers, ${text}`))
      const to = `${receivers} ${receivers === 1 ? 'receiver' : 'receivers'}`
      const title = `fanout: ${sizeText(bytes)} from ${from} to ${to}`
      show(table({ title, reference: REFERENCE, columns: COLUMNS, rows, ...measured }))
    }
    removeDataFile(bytes)
  }
  await compareStuck({ runs, size, progress, show })
}

/** What a receiver that takes nothing costs the others. */
async function compareStuck({ runs, size, progress, show }) {
  const variables = { FILE: dataFile(size) }
  for (const { from, source } of WAYS) {
    const rows = [
      { name: 'three receivers', run: () => besideStuck(0, variables, source) },
      { name: 'and one that takes nothing', run: () => besideStuck(1, variables, source) },
    ]
    const measured = await inTurns(rows, runs, progress)
    const title = `fanout: ${sizeText(size)} from ${from}, --drop-slow 500ms`
    const columns = [{ title: 'time of the three', of: 'seconds', as: 'cost' }]
    show(table({ title, reference: 'three receivers', columns, rows, ...measured }))
  }
  removeDataFile(size)
}

function besideStuck(stuck, variables, source) {
  return withJobs(async (start) => {
    const all = { ...variables, TOPIC: freshTopic(), N: 3 + stuck }
    const sender = start(source(`${LSWARM} send $TOPIC -n $N --ready --drop-slow 500ms`), all)
    await allReady([sender])
    if (stuck > 0) await allReady([start(`${LSWARM} recv $TOPIC --ready | sleep 60`, all)])
    const sinks = Array.from({ length: 3 }, () => start(`${LSWARM} recv $TOPIC --ready >/dev/null`, all))
    const since = await allReady(sinks)
    const endings = await Promise.all(sinks.map((sink) => sink.done()))
    return { seconds: Math.max(...endings.map(({ at }) => at)) - since }
  })
}

export function swarmed(receivers, variables, source = WAYS[0].source) {
  return withJobs(async (start) => {
    const all = { ...variables, TOPIC: freshTopic() }
    const sender = start(source(`${LSWARM} send $TOPIC -n $N --ready`), all)
    await allReady([sender])
    const sinks = Array.from({ length: receivers }, () =>
      start(`${LSWARM} recv $TOPIC --ready >/dev/null`, all),
    )
    sender.watchPeak()
    const since = await allReady(sinks)
    const { at, cpu } = await sender.done()
    const others = await Promise.all(sinks.map((sink) => sink.done()))
    return {
      seconds: at - since,
      cpu: others.reduce((sum, other) => sum + other.cpu, cpu),
      rss: sender.peakBytes,
    }
  })
}

function teed(receivers, variables, source) {
  return withJobs(async (start) => {
    const pipes = join(directory, 'tee')
    mkdirSync(pipes)
    try {
      const paths = Array.from({ length: receivers }, (_, index) => join(pipes, String(index)))
      execFileSync('mkfifo', paths)
      const sinks = paths.map((path) => start('cat <"$PIPE" >/dev/null', { PIPE: path }))
      // Not waited for: they are open when tee opens them.
      const since = now()
      const [last, ...others] = paths
      const job = start(source(`tee ${others.join(' ')} >${last}`), variables)
      const endings = await Promise.all([job, ...sinks].map((one) => one.done()))
      return {
        seconds: Math.max(...endings.map(({ at }) => at)) - since,
        cpu: endings.reduce((sum, { cpu }) => sum + cpu, 0),
      }
    } finally {
      rmSync(pipes, { recursive: true })
    }
  })
}

function brokered(receivers, variables, source) {
  return withJobs(async (start) => {
    const all = { ...variables, PORT: await freePort() }
    const broker = start('ncat -l --broker 127.0.0.1 $PORT', all)
    await until(() => isListening(all.PORT))
    const sinks = Array.from({ length: receivers }, () =>
      start('ncat --recv-only 127.0.0.1 $PORT >/dev/null', all),
    )
    await until(() => acceptedCount(all.PORT) === receivers)
    const pids = sinks.flatMap((sink) => sink.pids('ncat'))
    const since = now()
    const sender = start(source('ncat --send-only 127.0.0.1 $PORT'), all)
    const at = await until(() => pids.every((pid) => writtenBytes(pid) >= all.BYTES), 5)
    broker.stop()
    const endings = await Promise.all([broker, sender, ...sinks].map((job) => job.ended))
    return { seconds: at - since, cpu: endings.reduce((sum, { cpu }) => sum + cpu, 0) }
  })
}
