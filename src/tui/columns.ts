/** The columns of the live table: what they show, how they sort, and which go first when the window is narrow. */
import { amount, clock, perSecond, shortly } from '../verbs/figures.ts'
import type { Figures } from '../verbs/watched.ts'
import { fit, safe } from './cells.ts'
import { sparkline } from './sparkline.ts'

/** A line of the table: a peer, or a topic with the sums of its peers. */
export interface Entry extends Figures {
  readonly key: string
  /** For the colour of its name; a topic has none. */
  readonly id: string | undefined
  readonly name: string
  /** Of a topic. */
  readonly peers?: number
  readonly verb?: string
  readonly pid?: number | undefined
  readonly transport?: string
  readonly rates: readonly number[]
}

export interface Column {
  readonly id: string
  readonly title: string
  /** In cells; the name takes what is left, too. */
  readonly width: number
  /** Words at the left; figures at the right, and the largest first when lines are sorted by them. */
  readonly align: 'left' | 'right'
  /** A narrow window keeps those with the lowest. */
  readonly rank: number
  text(entry: Entry, width: number, now: number): string
  value(entry: Entry): string | number | undefined
}

/** A column of words, in the order of the alphabet. */
function words(
  id: string,
  title: string,
  width: number,
  rank: number,
  value: (entry: Entry) => string | undefined,
): Column {
  const text = (entry: Entry) => safe(value(entry) ?? '')
  return { id, title, width, align: 'left', rank, value, text }
}

type Figure = Exclude<
  { [K in keyof Entry]-?: NonNullable<Entry[K]> extends number ? K : never }[keyof Entry],
  undefined
>

/** A column of figures, the largest first. */
function figures(
  id: string,
  key: Figure,
  title: string,
  width: number,
  rank: number,
  show: (n: number, now: number) => string,
): Column {
  const text = (entry: Entry, _width: number, now: number) => {
    const value = entry[key]
    return value === undefined ? '-' : show(value, now)
  }
  return { id, title, width, align: 'right', rank, value: (entry) => entry[key], text }
}

const name = words('name', 'NAME', 12, 0, (entry) => entry.name)
const spark: Column = {
  ...figures('trend', 'rate', '', 10, 6, String),
  text: (entry, width) => sparkline(entry.rates, width),
}

const shared = [
  figures('in', 'bytesIn', 'IN', 6, 3, amount),
  figures('out', 'bytesOut', 'OUT', 6, 4, amount),
  figures('lines in', 'linesIn', 'LINES IN', 8, 9, amount),
  figures('lines out', 'linesOut', 'LINES OUT', 9, 10, amount),
  figures('rate', 'rate', 'RATE', 7, 2, perSecond),
  spark,
  figures('queue', 'queueBytes', 'QUEUE', 6, 5, amount),
  figures('dropped', 'dropped', 'DROPPED', 7, 8, amount),
]

export const peerColumns: readonly Column[] = [
  name,
  words('id', 'ID', 8, 7, (entry) => entry.id?.slice(0, 8)),
  words('verb', 'VERB', 7, 1, (entry) => entry.verb),
  figures('pid', 'pid', 'PID', 7, 13, String),
  words('transport', 'TRANSPORT', 9, 14, (entry) => entry.transport),
  figures('since', 'since', 'SINCE', 8, 12, clock),
  ...shared,
  figures('round trip', 'roundTripMs', 'ROUND TRIP', 10, 11, shortly),
]

export const topicColumns: readonly Column[] = [
  { ...name, id: 'topic', title: 'TOPIC' },
  figures('peers', 'peers', 'PEERS', 5, 1, String),
  ...shared,
]

export interface Placed {
  readonly column: Column
  readonly width: number
}

export const GAP = '  '
const NAME_WIDTH_MAX = 32
const TREND_WIDTH_MAX = 24
const SORT_RANK = 0.5

/**
 * The columns that have room in `width` cells; what is left widens the name, then the trend.
 * @param sort the one by which lines are sorted: it goes last but for the first
 */
export function place(columns: readonly Column[], width: number, sort?: Column): Placed[] {
  const rankOf = (column: Column) => (column === sort ? Math.min(column.rank, SORT_RANK) : column.rank)
  const kept = new Set<Column>()
  let used = -GAP.length
  for (const column of [...columns].sort((a, b) => rankOf(a) - rankOf(b))) {
    if (kept.size > 0 && used + GAP.length + column.width > width) continue
    kept.add(column)
    used += GAP.length + column.width
  }
  let left = Math.max(0, width - used)
  const grown = (column: Column, most: number) => {
    const more = Math.max(0, Math.min(left, most - column.width))
    left -= more
    return column.width + more
  }
  const widths = new Map<Column, number>()
  for (const column of columns) if (column.rank === 0) widths.set(column, grown(column, NAME_WIDTH_MAX))
  if (kept.has(spark)) widths.set(spark, grown(spark, TREND_WIDTH_MAX))
  return columns
    .filter((column) => kept.has(column))
    .map((column) => ({ column, width: Math.min(widths.get(column) ?? column.width, Math.max(1, width)) }))
}

/** One cell, as wide as its column. */
export function cell({ column, width }: Placed, entry: Entry, now: number): string {
  return fit(column.text(entry, width, now), width, column.align)
}

/** True where the largest comes first. */
export function isFalling({ align }: Column, reversed: boolean): boolean {
  return (align === 'right') !== reversed
}

/** In the order of a column; those without a value last, equal ones by name and key. */
export function sorted(entries: readonly Entry[], column: Column, reversed: boolean): Entry[] {
  const sign = isFalling(column, reversed) ? -1 : 1
  return [...entries].sort((a, b) => {
    const [x, y] = [column.value(a), column.value(b)]
    if (x !== y) {
      if (x === undefined) return 1
      if (y === undefined) return -1
      return x < y ? -sign : sign
    }
    return `${a.name}\u0000${a.key}` < `${b.name}\u0000${b.key}` ? -1 : 1
  })
}
