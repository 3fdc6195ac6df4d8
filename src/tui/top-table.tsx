/** The table of `top`: the head names the column that sorts, the marker stays in sight. */
import { Box, Text } from 'ink'
import { cells, fit } from './cells.ts'
import { type Column, cell, type Entry, GAP, isFalling, type Placed, place } from './columns.ts'
import { colourOf } from './theme.ts'
import type { Shown } from './top-state.ts'

const MARKER_WIDTH = 2

export interface TableProps {
  readonly shown: Shown
  readonly reversed: boolean
  readonly columns: number
  /** Lines, the head among them. */
  readonly rows: number
  readonly now: number
  /** What stands where nobody is. */
  readonly empty: string
}

export function TopTable({ shown, reversed, columns, rows, now, empty }: TableProps) {
  const placed = place(shown.columns, columns - MARKER_WIDTH, shown.sort)
  const body = Math.max(1, rows - 1)
  const first = Math.max(0, Math.min(shown.at - Math.floor(body / 2), shown.entries.length - body))
  const seen = shown.entries.slice(first, first + body)
  return (
    <Box flexDirection="column" height={rows} overflow="hidden">
      <Head placed={placed} sort={shown.sort.id} falls={isFalling(shown.sort, reversed)} />
      {seen.length === 0 ? <Text dimColor>{fit(`  ${empty}`, columns)}</Text> : null}
      {seen.map((entry, row) => (
        <Line
          key={entry.key}
          placed={placed}
          entry={entry}
          isSelected={first + row === shown.at}
          columns={columns}
          now={now}
        />
      ))}
    </Box>
  )
}

function Head({ placed, sort, falls }: { placed: readonly Placed[]; sort: string; falls: boolean }) {
  return (
    <Text wrap="truncate">
      {' '.repeat(MARKER_WIDTH)}
      {placed.map(({ column, width }, index) => {
        const isSort = column.id === sort
        const isRight = column.align === 'right'
        const arrow = !isSort ? '' : falls ? '▼' : '▲'
        const title = isRight ? arrow + column.title : column.title + arrow
        // A title as wide as its column has its arrow in the gap before it.
        const over = isRight ? Math.min(GAP.length, Math.max(0, cells(title) - width)) : 0
        return (
          <Text key={column.id}>
            {index === 0 ? '' : GAP.slice(over)}
            <Text bold={isSort} dimColor={!isSort}>
              {fit(title, width + over, column.align)}
            </Text>
          </Text>
        )
      })}
    </Text>
  )
}

interface LineProps {
  readonly placed: readonly Placed[]
  readonly entry: Entry
  readonly isSelected: boolean
  readonly columns: number
  readonly now: number
}

function Line({ placed, entry, isSelected, columns, now }: LineProps) {
  const used = placed.reduce((sum, { width }) => sum + width + GAP.length, MARKER_WIDTH - GAP.length)
  return (
    <Text wrap="truncate" inverse={isSelected}>
      {isSelected ? '▸ ' : '  '}
      {placed.map((one, index) => {
        const text = cell(one, entry, now)
        return (
          <Text key={one.column.id}>
            {index === 0 ? '' : GAP}
            <Text {...lookOf(one.column, entry, text, isSelected)}>{text}</Text>
          </Text>
        )
      })}
      {' '.repeat(Math.max(0, columns - used))}
    </Text>
  )
}

/** How a cell with this text is drawn. */
function lookOf({ id, rank }: Column, entry: Entry, text: string, isSelected: boolean) {
  if (id === 'dropped' && (entry.dropped ?? 0) > 0) return { color: 'red' }
  if (id === 'queue' && (entry.queueBytes ?? 0) > 0) return { color: 'yellow' }
  // On the marker's line colours would be the ground: one tone is easier to read.
  if (isSelected) return {}
  if (rank === 0 && entry.id !== undefined) return { color: colourOf(entry.id) }
  if (id === 'trend') return { color: 'cyan' }
  return { dimColor: ['id', 'pid', 'transport'].includes(id) || /^\s*[-0]$/.test(text) }
}
