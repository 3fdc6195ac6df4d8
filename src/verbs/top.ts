/** `top` without a screen: the peers with their figures as a table, or snapshots for programs. */
import { jsonLine } from '../io/sanitize.ts'
import { type Context, until } from './context.ts'
import { amount, clock, perSecond, shortly } from './figures.ts'
import { Monitor, type MonitorOptions } from './monitor.ts'
import { sortKey } from './observe.ts'
import { print, printNone, table } from './table.ts'
import type { Row } from './watched.ts'
import { whileRead } from './while-read.ts'

export interface TopOptions extends MonitorOptions {
  /** One table, or one snapshot, and no more. */
  readonly once: boolean
  /** NDJSON, one object for each snapshot. */
  readonly json: boolean
}

export async function top(context: Context, options: TopOptions): Promise<void> {
  context.checkStdout()
  const monitor = new Monitor(context, options)
  try {
    await until(context.signal, monitor.begin())
    if (!options.json && monitor.rows().length === 0)
      return await printNone(context, `nobody is on ${monitor.topic ?? 'any topic'}`)
    if (!options.json) return await print(context, tableOf(monitor))
    if (options.once) return await print(context, snapshot(monitor))
    await stream(context, monitor)
  } finally {
    await monitor.destroy()
  }
}

/** Snapshots at the monitor's pace, until their reader has had enough. */
async function stream(context: Context, monitor: Monitor): Promise<void> {
  const sink = context.openStdout()
  let writing = false
  const write = () => {
    // A reader that takes his time gets fewer snapshots, not old ones.
    if (writing) return
    writing = true
    sink.write(Buffer.from(snapshot(monitor)), () => {
      writing = false
    })
  }
  try {
    await whileRead(context.signal, sink, async (signal) => {
      write()
      await monitor.run(signal, write)
      signal.throwIfAborted()
    })
  } finally {
    if (!context.signal.aborted) await sink.close()
  }
}

function snapshot(monitor: Monitor): string {
  return jsonLine({ time: new Date().toISOString(), peers: ordered(monitor.rows()).map(describe) })
}

function describe({ key: _key, info, rates: _rates, since, rate, roundTripMs, ...counted }: Row) {
  const { name, id, verb, pid, transport, topic, topicName } = info
  return {
    topic: topicName || `hex:${topic.toString('hex')}`,
    name,
    id,
    verb,
    pid,
    transport,
    since: since && new Date(since).toISOString(),
    ...counted,
    bytesPerSecond: rate && Math.round(rate),
    roundTripMs: roundTripMs && Math.round(roundTripMs * 1000) / 1000,
  }
}

/** Heads, and what a row has below them. */
const COLUMNS: readonly (readonly [head: string, cell: (row: Row, now: number) => string])[] = [
  ['NAME', ({ info }) => info.name],
  ['ID', ({ info }) => info.id.slice(0, 8)],
  ['VERB', ({ info }) => info.verb],
  ['PID', ({ info }) => known(info.pid, String)],
  ['TRANSPORT', ({ info }) => info.transport],
  ['SINCE', ({ since }, now) => known(since, (time) => clock(time, now))],
  ['IN', ({ bytesIn }) => known(bytesIn, amount)],
  ['OUT', ({ bytesOut }) => known(bytesOut, amount)],
  ['LINES IN', ({ linesIn }) => known(linesIn, amount)],
  ['LINES OUT', ({ linesOut }) => known(linesOut, amount)],
  ['RATE', ({ rate }) => known(rate, perSecond)],
  ['QUEUE', ({ queueBytes }) => known(queueBytes, amount)],
  ['DROPPED', ({ dropped }) => known(dropped, amount)],
  ['ROUND TRIP', ({ roundTripMs }) => known(roundTripMs, shortly)],
]

function tableOf(monitor: Monitor): string {
  const now = Date.now()
  const topic = ({ info }: Row) => info.topicName || `hex:${info.topic.toString('hex').slice(0, 8)}`
  const columns = monitor.topic === undefined ? [['TOPIC', topic] as const, ...COLUMNS] : COLUMNS
  const heads = columns.map(([head]) => head)
  const rows = ordered(monitor.rows()).map((row) => columns.map(([, cell]) => cell(row, now)))
  return table(heads, rows, heads.indexOf('IN'))
}

/** A figure, or a dash for what is not known. */
function known<T>(value: T | undefined, text: (value: T) => string): string {
  return value === undefined ? '-' : text(value)
}

function ordered(rows: readonly Row[]): Row[] {
  const key = ({ info }: Row) => `${info.topicName}\u0000${info.topic.toString('hex')}\u0000${sortKey(info)}`
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}
