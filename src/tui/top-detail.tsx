/** The pane of `top` with all that is known of one peer. */
import { Box, Text } from 'ink'
import { age, amount, perSecond, shortly } from '../verbs/figures.ts'
import type { Row } from '../verbs/watched.ts'
import { fit, safe } from './cells.ts'
import { sparkline } from './sparkline.ts'
import { colourOf } from './theme.ts'

/** Lines that the pane takes. */
export const DETAIL_ROWS = 10

export interface DetailProps {
  readonly row: Row
  readonly columns: number
  /** Lines; where they are few, the last are left out. */
  readonly rows: number
  readonly now: number
}

export function TopDetail({ row, columns, rows, now }: DetailProps) {
  const { info } = row
  const time = (at: number) => {
    const date = new Date(at)
    const two = (n: number) => String(n).padStart(2, '0')
    const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
    return `${day} ${date.toTimeString().slice(0, 8)}`
  }
  const said = <T,>(value: T | undefined, text: (value: T) => string) =>
    value === undefined ? '-' : text(value)
  const flow = (bytes: number | undefined, lines: number | undefined) =>
    said(bytes, (count) => `${amount(count)} bytes`) + (lines === undefined ? '' : `, ${amount(lines)} lines`)
  const lines: readonly (readonly [label: string, text: string])[] = [
    ['in', flow(row.bytesIn, row.linesIn)],
    ['out', flow(row.bytesOut, row.linesOut)],
    ['waiting', `${said(row.queueBytes, amount)} bytes; ${said(row.dropped, amount)} lines dropped`],
    ['answers', said(row.roundTripMs, (ms) => `in ${shortly(ms)}`)],
    ['does', `${safe(info.verb)}${info.pid === undefined ? '' : `, process ${info.pid}`}, ${info.transport}`],
    ['since', said(row.since, (since) => `${time(since)} (${age(now - since)})`)],
    ['id', info.id],
  ]
  const trendWidth = Math.max(0, Math.min(60, columns - 24))
  const rate = said(row.rate, perSecond).padEnd(8)
  const all = [
    <Text key="edge" wrap="truncate" dimColor>
      {'─'.repeat(columns)}
    </Text>,
    <Text key="name" wrap="truncate" bold color={colourOf(info.id)}>
      {fit(`  ${safe(info.name)}`, columns)}
    </Text>,
    <Text key="rate" wrap="truncate">
      <Text dimColor>{'  rate      '}</Text>
      {rate}
      <Text color="cyan">{`  ${sparkline(row.rates, trendWidth).trimStart()}`}</Text>
    </Text>,
    ...lines.map(([label, text]) => (
      <Text key={label} wrap="truncate">
        <Text dimColor>{`  ${label.padEnd(8)}  `}</Text>
        {text}
      </Text>
    )),
  ]
  // Alone on the screen it needs no edge.
  const shown = rows < DETAIL_ROWS ? all.slice(1, rows + 1) : all
  return (
    <Box flexDirection="column" height={rows} overflow="hidden">
      {shown}
    </Box>
  )
}
