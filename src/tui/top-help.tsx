/** The keys of `top`, all of them. */
import { Box, Text } from 'ink'
import { fit } from './cells.ts'

const KEYS = [
  ['↑ ↓', 'choose a line; PgUp, PgDn, Home, End'],
  ['Enter', 'open a topic, or the details of a peer'],
  ['Esc', 'back'],
  ['← →', 'sort by another column'],
  ['r', 'sort the other way round'],
  ['/', 'show only what contains a text'],
  ['m', 'say a line to this peer alone'],
  ['k', 'cut this peer off: it is asked to leave'],
  ['p', 'pause, and go on'],
  ['q', 'quit'],
  ['', ''],
  ['K', 'is 1024; - is what a peer does not tell'],
] as const

export function TopHelp({ columns, rows }: { columns: number; rows: number }) {
  return (
    <Box flexDirection="column" height={rows} overflow="hidden">
      {KEYS.slice(0, rows).map(([key, does]) => (
        <Text key={key} wrap="truncate">
          <Text bold>{`  ${key.padEnd(6)}`}</Text>
          {fit(does, Math.max(0, columns - 8))}
        </Text>
      ))}
    </Box>
  )
}
