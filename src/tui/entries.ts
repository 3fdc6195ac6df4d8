/** From what the monitor saw to lines of the table. */
import type { Row } from '../verbs/watched.ts'
import type { Entry } from './columns.ts'

/** The topic of a row, as its key. */
export function topicOf(row: Row): string {
  return row.info.topic.toString('hex')
}

/** A topic as people call it. */
export function topicName(rows: readonly Row[], topic: string): string {
  const named = rows.find((row) => topicOf(row) === topic && row.info.topicName !== '')
  return named?.info.topicName ?? `hex:${topic.slice(0, 16)}`
}

export function peerEntry(row: Row): Entry {
  const { info, ...figures } = row
  const { id, name, verb, pid, transport } = info
  return { ...figures, id, name, verb, pid, transport }
}

/** One line for each topic, with the sums of its peers. */
export function topicEntries(rows: readonly Row[]): Entry[] {
  const topics = new Map<string, Row[]>()
  for (const row of rows) topics.set(topicOf(row), [...(topics.get(topicOf(row)) ?? []), row])
  return [...topics].map(([key, peers]) => ({
    ...totals(peers),
    key,
    id: undefined,
    name: topicName(peers, key),
    peers: peers.length,
  }))
}

/** The sums of many peers, and how their rate went. */
export function totals(rows: readonly Row[]) {
  const sum = (of: (row: Row) => number | undefined) => rows.reduce((total, row) => total + (of(row) ?? 0), 0)
  const length = Math.max(0, ...rows.map(({ rates }) => rates.length))
  return {
    bytesIn: sum((row) => row.bytesIn),
    bytesOut: sum((row) => row.bytesOut),
    linesIn: sum((row) => row.linesIn),
    linesOut: sum((row) => row.linesOut),
    rate: sum((row) => row.rate),
    queueBytes: sum((row) => row.queueBytes),
    dropped: sum((row) => row.dropped),
    rates: Array.from({ length }, (_, back) => sum((row) => row.rates.at(back - length))),
  }
}
