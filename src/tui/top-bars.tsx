/** What stands above and below the table of `top`. */
import { Text } from 'ink'
import { amount, perSecond } from '../verbs/figures.ts'
import type { Row } from '../verbs/watched.ts'
import { cells, cut, fit } from './cells.ts'
import { totals } from './entries.ts'
import { type State, showsTopics } from './top-state.ts'

export interface TitleProps {
  readonly title: string
  readonly peers: number
  readonly filter: string
  readonly isPaused: boolean
  readonly now: number
  readonly columns: number
}

export function Title({ title, peers, filter, isPaused, now, columns }: TitleProps) {
  const clock = new Date(now).toTimeString().slice(0, 5)
  const words = [
    `${peers} peer${peers === 1 ? '' : 's'}`,
    ...(filter === '' ? [] : [`only “${filter}”`]),
    ...(isPaused ? ['paused'] : []),
  ]
  const tail = ` · ${words.join(' · ')}`
  const right = columns - cells(tail) > 30 ? clock : ''
  const name = cut(title, Math.max(1, columns - cells(tail) - right.length - 1))
  const space = Math.max(0, columns - cells(name) - cells(tail) - right.length)
  return (
    <Text wrap="truncate">
      <Text bold>{name}</Text>
      <Text color={isPaused ? 'yellow' : ''}>{tail}</Text>
      {' '.repeat(space)}
      <Text dimColor>{right}</Text>
    </Text>
  )
}

export function Totals({ rows, columns }: { rows: readonly Row[]; columns: number }) {
  const { bytesIn, bytesOut, rate, queueBytes, dropped } = totals(rows)
  const parts = [
    `in ${amount(bytesIn)}`,
    `out ${amount(bytesOut)}`,
    perSecond(rate) === '0' ? 'quiet' : perSecond(rate),
    `queue ${amount(queueBytes)}`,
    `dropped ${amount(dropped)}`,
  ]
  while (parts.length > 1 && cells(parts.join(SEPARATOR)) > columns - 2) parts.pop()
  return (
    <Text wrap="truncate" dimColor>
      {fit(`  ${parts.join(SEPARATOR)}`, columns)}
    </Text>
  )
}

const SEPARATOR = ' · '

type KeyWords = readonly [key: string, does: string]

/** What the keys do now; the first are kept where there is no room for all. */
export function keysOf(state: State): readonly KeyWords[] {
  if (state.mode === 'help') return [['Esc', 'back']]
  const isTopics = showsTopics(state)
  const isInside = state.isDetailed || (state.isAll && !isTopics) || state.filter !== ''
  const keys: readonly (KeyWords | false)[] = [
    ['?', 'help'],
    ['q', 'quit'],
    isInside && ['Esc', 'back'],
    ['Enter', isTopics ? 'open' : 'details'],
    ['/', 'filter'],
    ['← →', 'sort'],
    ['p', state.paused ? 'go on' : 'pause'],
    !isTopics && ['m', 'message'],
    !isTopics && ['k', 'cut'],
    ['r', 'reverse'],
  ]
  return keys.filter((key) => key !== false)
}

export function Keys({ keys, columns }: { keys: readonly KeyWords[]; columns: number }) {
  let left = columns - 2
  const fitting = keys.filter(([key, does]) => {
    const width = cells(key) + 1 + cells(does) + 3
    if (left < width - 3) return false
    left -= width
    return true
  })
  return (
    <Text wrap="truncate">
      {'  '}
      {fitting.map(([key, does], index) => (
        <Text key={key}>
          {index === 0 ? '' : '   '}
          <Text bold>{key}</Text>
          <Text dimColor> {does}</Text>
        </Text>
      ))}
    </Text>
  )
}

/** What is being typed, its end in sight. */
export function Prompt({ label, input, columns }: { label: string; input: string; columns: number }) {
  const room = Math.max(1, columns - cells(label) - 4)
  let end = input
  while (cells(end) > room) end = [...end].slice(1).join('')
  return (
    <Text wrap="truncate">
      <Text bold>{`  ${label} `}</Text>
      {end}
      <Text inverse> </Text>
    </Text>
  )
}
