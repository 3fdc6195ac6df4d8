/** What the keys of `top` do to what is shown. */
import type { Row } from '../verbs/watched.ts'
import { graphemes } from './cells.ts'
import { type Column, type Entry, peerColumns, sorted, topicColumns } from './columns.ts'
import { peerEntry, topicEntries, topicOf } from './entries.ts'

export type Mode = 'list' | 'help' | 'filter' | 'message' | 'cut'

export interface State {
  readonly mode: Mode
  /** The topic whose peers are shown; absent: the topics. */
  readonly topic: string | undefined
  /** There is a list of topics to go back to. */
  readonly isAll: boolean
  /** The key of the line that the marker is on. */
  readonly selected: string | undefined
  /** The pane with one peer's details is open. */
  readonly isDetailed: boolean
  readonly sort: string
  readonly reversed: boolean
  readonly filter: string
  /** What is being typed. */
  readonly input: string
  readonly paused: boolean
}

export const initial: State = {
  mode: 'list',
  topic: undefined,
  isAll: false,
  selected: undefined,
  isDetailed: false,
  sort: '',
  reversed: false,
  filter: '',
  input: '',
  paused: false,
}

export interface Shown {
  readonly columns: readonly Column[]
  readonly sort: Column
  readonly entries: readonly Entry[]
  /** Where the marker is; -1 when nothing is there. */
  readonly at: number
  readonly rows: readonly Row[]
}

/** True where the lines are topics, not peers. */
export function showsTopics({ isAll, topic }: State): boolean {
  return isAll && topic === undefined
}

/** What is shown of `rows`: filtered, sorted, and where the marker is. */
export function shown(state: State, rows: readonly Row[]): Shown {
  const isTopics = showsTopics(state)
  const here =
    state.isAll && state.topic !== undefined ? rows.filter((row) => topicOf(row) === state.topic) : rows
  const columns = isTopics ? topicColumns : peerColumns
  const [first] = columns
  const sort = columns.find(({ id }) => id === state.sort) ?? first
  if (sort === undefined) throw new Error('a table without columns')
  const wanted = state.filter.toLowerCase()
  const all = isTopics ? topicEntries(here) : here.map(peerEntry)
  const matching = all.filter((entry) =>
    [entry.name, entry.id ?? '', entry.verb ?? '', String(entry.pid ?? '')].some((text) =>
      text.toLowerCase().includes(wanted),
    ),
  )
  const entries = sorted(matching, sort, state.reversed)
  const at = entries.findIndex(({ key }) => key === state.selected)
  return { columns, sort, entries, at: at < 0 ? Math.min(0, entries.length - 1) : at, rows: here }
}

/** The peer that the marker is on. */
export function peerAt(state: State, { rows, entries, at }: Shown): Row | undefined {
  return showsTopics(state) ? undefined : rows.find(({ key }) => key === entries[at]?.key)
}

/** Moves the marker by so many lines. */
export function moved(state: State, { entries, at }: Shown, by: number): State {
  const to = Math.max(0, Math.min(entries.length - 1, at + by))
  return { ...state, selected: entries[to]?.key ?? state.selected }
}

/** Sorts by the next column, or the one before. */
export function sortedBy(state: State, { columns, sort }: Shown, by: 1 | -1): State {
  const sortable = columns.filter(({ title }) => title !== '')
  const next = sortable[(sortable.indexOf(sort) + by + sortable.length) % sortable.length]
  return { ...state, sort: next?.id ?? state.sort, reversed: false }
}

/** Enter: into a topic, or a peer's details. */
export function opened(state: State, { entries, at }: Shown): State {
  const entry = entries[at]
  if (entry === undefined) return state
  if (showsTopics(state))
    return { ...state, topic: entry.key, selected: undefined, sort: '', reversed: false, filter: '' }
  return { ...state, selected: entry.key, isDetailed: !state.isDetailed }
}

/** Esc: back, one step. */
export function back(state: State): State {
  if (state.mode !== 'list') {
    return { ...state, mode: 'list', input: '', filter: state.mode === 'filter' ? '' : state.filter }
  }
  if (state.isDetailed) return { ...state, isDetailed: false }
  if (state.filter !== '') return { ...state, filter: '' }
  if (state.isAll && state.topic !== undefined)
    return { ...state, topic: undefined, selected: state.topic, sort: '', reversed: false }
  return state
}

/** A line that is typed without moving in it; `key` is what was pressed with Ctrl, or a name. */
export function typed(input: string, text: string, key: 'backspace' | 'word' | 'all' | undefined): string {
  if (key === 'all') return ''
  if (key === 'word') return input.replace(/\S*\s*$/u, '')
  if (key === 'backspace') return graphemes(input).slice(0, -1).join('')
  return (input + text.replace(/[\r\n]+/g, ' ')).slice(0, INPUT_LENGTH_MAX)
}

const INPUT_LENGTH_MAX = 500
