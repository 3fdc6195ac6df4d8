/** `top` without a screen: the peers with their figures as a table, or snapshots for programs. */
import { jsonLine } from '../io/sanitize.ts'
import { type Context, until } from './context.ts'
import { amount, clock, perSecond, shortly } from './figures.ts'
import { Monitor, type MonitorOptions } from './monitor.ts'
import { sortKey } from './observe.ts'
import { print, printNone, table } from './table.ts'
import type { Row } from './watched.ts'

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
  const closed = new Promise<void>((resolve, reject) => {
    sink.onclose = (error) => (error ? reject(error) : resolve())
  })
  const write = () => {
    // A reader that takes his time gets fewer snapshots, not old ones.
    if (writing) return
    writing = true
    sink.write(Buffer.from(snapshot(monitor)), () => {
      writing = false
    })
  }
  write()
  const controller = new AbortController()
  const running = monitor.run(controller.signal, write)
  try {
    await until(context.signal, closed)
  } finally {
    controller.abort()
    await running
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
    ...(pid !== undefined && { pid }),
    transport,
    ...(since !== undefined && { since: new Date(since).toISOString() }),
    ...counted,
    ...(rate !== undefined && { bytesPerSecond: Math.round(rate) }),
    ...(roundTripMs !== undefined && { roundTripMs: Math.round(roundTripMs * 1000) / 1000 }),
  }
}

const HEAD = [
  'NAME',
  'ID',
  'VERB',
  'PID',
  'TRANSPORT',
  'SINCE',
  'IN',
  'OUT',
  'LINES IN',
  'LINES OUT',
  'RATE',
  'QUEUE',
  'DROPPED',
  'ROUND TRIP',
]

function tableOf(monitor: Monitor): string {
  const rows = ordered(monitor.rows())
  const now = Date.now()
  const one = monitor.topic !== undefined
  const lines = rows.map((row) => {
    const { info } = row
    return [
      ...(one ? [] : [info.topicName || `hex:${info.topic.toString('hex').slice(0, 8)}`]),
      info.name,
      info.id.slice(0, 8),
      info.verb,
      known(info.pid, String),
      info.transport,
      known(row.since, (since) => clock(since, now)),
      known(row.bytesIn, amount),
      known(row.bytesOut, amount),
      known(row.linesIn, amount),
      known(row.linesOut, amount),
      known(row.rate, perSecond),
      known(row.queueBytes, amount),
      known(row.dropped, amount),
      known(row.roundTripMs, shortly),
    ]
  })
  const head = one ? HEAD : ['TOPIC', ...HEAD]
  return table(...flushRight(head, lines, head.indexOf('IN')))
}

/** Figures end where their heads end. */
function flushRight(
  head: readonly string[],
  lines: readonly (readonly string[])[],
  from: number,
): [head: string[], lines: string[][]] {
  const widths = head.map((title, at) =>
    Math.max(title.length, ...lines.map((line) => line[at]?.length ?? 0)),
  )
  const flush = (line: readonly string[]) =>
    line.map((cell, at) => (at < from ? cell : cell.padStart(widths[at] ?? 0)))
  return [flush(head), lines.map(flush)]
}

/** A figure, or a dash for what is not known. */
function known<T>(value: T | undefined, text: (value: T) => string): string {
  return value === undefined ? '-' : text(value)
}

function ordered(rows: readonly Row[]): Row[] {
  const key = ({ info }: Row) => `${info.topicName}\u0000${info.topic.toString('hex')}\u0000${sortKey(info)}`
  return [...rows].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}
