/** `top` on a terminal: draws what the monitor sees, and does what the keys say. */
import { Box, Text, useApp, useInput } from 'ink'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Row } from '../verbs/watched.ts'
import { ALL_TOPICS, LOOKING } from './alternate-screen.ts'
import { cut, fit, safe } from './cells.ts'
import { topicName } from './entries.ts'
import type { Size } from './painter.ts'
import type { Store } from './store.ts'
import { Keys, keysOf, Prompt, Title, Totals } from './top-bars.tsx'
import { DETAIL_ROWS, TopDetail } from './top-detail.tsx'
import { TopHelp } from './top-help.tsx'
import { pressed, strokes } from './top-keys.ts'
import { initial, peerAt, type State, shown, showsTopics } from './top-state.ts'
import { TopTable } from './top-table.tsx'

export interface TopProps {
  readonly store: Store
  /** As typed; absent: all topics. */
  readonly topic: string | undefined
  readonly size: Size
  /** Ctrl-Z. */
  readonly onsuspend: () => void
}

/** Title, totals and keys; and a line of air where there is room. */
const CHROME_ROWS = 3
const NOTICE_MS = 4_000

export function Top({ store, topic, size, onsuspend }: TopProps) {
  const { exit } = useApp()
  const view = useSyncExternalStore(store.subscribe, store.view)
  const [state, setState] = useState<State>({ ...initial, isAll: topic === undefined })
  // Keys may come faster than frames: each sees what the one before it did.
  const latest = useRef(state)
  const [notice, setNotice] = useNotice()
  const { columns, rows } = size
  const now = view.time
  const here = shown(state, view.rows)
  const peer = peerAt(state, here)
  const name = safe(here.entries[here.at]?.name ?? '')

  const say = (to: Row, text: string) => {
    if (text.trim() === '') return
    const called = safe(to.info.name)
    setNotice(store.monitor.say(to.key, text) ? `said to ${called}` : `${called} does not take messages`)
  }
  const cutOff = (one: Row) => {
    const called = safe(one.info.name)
    setNotice(store.monitor.cut(one.key) ? `asked ${called} to leave` : `${called} cannot be asked to leave`)
  }

  useInput((input, key) => {
    if (key.ctrl && input === 'c') return exit()
    if (key.ctrl && input === 'z') return onsuspend()
    for (const stroke of strokes(latest.current, input, key)) {
      const { current } = latest
      const on = peerAt(current, shown(current, store.view().rows))
      if (current.mode === 'list' && stroke.text === 'q') return exit()
      if (current.mode === 'list' && stroke.text === 'p') store.pause(!current.paused)
      if (current.mode === 'cut' && stroke.text === 'y' && on !== undefined) cutOff(on)
      if (current.mode === 'message' && stroke.key.return && on !== undefined) say(on, current.input)
      latest.current = pressed(current, store.view().rows, stroke.text, stroke.key)
      // What was typed before a question was asked does not answer it.
      if (latest.current.mode === 'cut') break
    }
    setState(latest.current)
  })

  const title = showsTopics(state) ? ALL_TOPICS : (topic ?? topicName(here.rows, state.topic ?? ''))
  const inside = Math.max(2, rows - CHROME_ROWS)
  const hasDetail = state.isDetailed && peer !== undefined
  const hasBoth = hasDetail && inside >= DETAIL_ROWS + 4
  const tableRows = hasBoth ? inside - DETAIL_ROWS : inside
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Title
        title={safe(title)}
        peers={here.rows.length}
        filter={safe(state.filter)}
        isPaused={state.paused}
        now={now}
        columns={columns}
      />
      {state.mode === 'help' ? <TopHelp columns={columns} rows={inside} /> : null}
      {state.mode !== 'help' && (!hasDetail || hasBoth) ? (
        <TopTable
          shown={here}
          reversed={state.reversed}
          columns={columns}
          rows={tableRows}
          now={now}
          empty={emptyWords(state, view.isReady)}
        />
      ) : null}
      {state.mode !== 'help' && hasDetail ? (
        <TopDetail row={peer} columns={columns} rows={hasBoth ? DETAIL_ROWS : inside} now={now} />
      ) : null}
      <Totals rows={here.rows} columns={columns} />
      <Foot state={state} notice={notice} name={name} columns={columns} />
    </Box>
  )
}

interface FootProps {
  readonly state: State
  readonly notice: string
  readonly name: string
  readonly columns: number
}

/** The last line: a question, what is being typed, what was done, or the keys. */
function Foot({ state, notice, name, columns }: FootProps) {
  if (state.mode === 'filter') return <Prompt label="filter:" input={safe(state.filter)} columns={columns} />
  if (state.mode === 'message') {
    const label = `to ${cut(name, Math.max(4, Math.floor(columns / 3)))}:`
    return <Prompt label={label} input={safe(state.input)} columns={columns} />
  }
  if (state.mode === 'cut') {
    return (
      <Text wrap="truncate" bold color="red">
        {fit(`  cut ${cut(name, Math.max(4, columns - 30))} off? It will leave. y/N`, columns)}
      </Text>
    )
  }
  if (notice !== '') return <Text wrap="truncate">{fit(`  ${notice}`, columns)}</Text>
  return <Keys keys={keysOf(state)} columns={columns} />
}

function emptyWords(state: State, isReady: boolean): string {
  if (!isReady) return LOOKING
  if (state.filter !== '') return 'nothing contains that'
  return showsTopics(state) ? 'nobody is on any topic' : 'nobody is here'
}

/** A few words that go away by themselves. */
function useNotice(): [string, (text: string) => void] {
  const [notice, setNotice] = useState('')
  useEffect(() => {
    if (notice === '') return
    const timer = setTimeout(() => setNotice(''), NOTICE_MS)
    return () => clearTimeout(timer)
  }, [notice])
  return [notice, setNotice]
}
