/**
 * One sender, N receivers: a file in memory to N times /dev/null. The rate is the sum over receivers,
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
const COUNTS = [1, 2, 4, 8, 16]
const MIB = 1 << 20

const COLUMNS = [
  { title: 'rate', of: 'seconds', as: 'rate' },
  { title: 'CPU', of: 'cpu', as: 'cost' },
  { title: 'peak RSS', of: 'rss', as: 'value', format: mebibytes },
]

export async function compare({ runs, size = 2048 * MIB, peers: there, progress, show }) {
  for (const receivers of COUNTS) {
    // The same number of bytes in all, but enough of them for each.
    const bytes = Math.max(Math.floor(size / receivers), Math.min(size, 256 * MIB))
    const variables = { FILE: dataFile(bytes), N: receivers, BYTES: bytes }
    const rows = [
      { name: 'lswarm', run: () => swarmed(receivers, variables) },
      { name: REFERENCE, run: () => teed(receivers, variables) },
    ]
    if (there.has('ncat')) rows.push({ name: 'ncat --broker', run: () => brokered(receivers, variables) })
    const measured = await inTurns(rows, runs, (text) => progress(`${receivers} receivers, ${text}`))
    const title = `fanout: ${sizeText(bytes)} to ${receivers} ${receivers === 1 ? 'receiver' : 'receivers'}`
    show(table({ title, reference: REFERENCE, columns: COLUMNS, rows, ...measured }))
    removeDataFile(bytes)
  }
}

export function swarmed(receivers, variables) {
  return withJobs(async (start) => {
    const all = { ...variables, TOPIC: freshTopic() }
    const sender = start(`${LSWARM} send $TOPIC -n $N --ready <"$FILE"`, all)
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

function teed(receivers, variables) {
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
      const job = start(`tee ${others.join(' ')} <"$FILE" >${last}`, variables)
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

function brokered(receivers, variables) {
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
    const sender = start('ncat --send-only 127.0.0.1 $PORT <"$FILE"', all)
    const at = await until(() => pids.every((pid) => writtenBytes(pid) >= all.BYTES), 5)
    broker.stop()
    const endings = await Promise.all([broker, sender, ...sinks].map((job) => job.ended))
    return { seconds: at - since, cpu: endings.reduce((sum, { cpu }) => sum + cpu, 0) }
  })
}
