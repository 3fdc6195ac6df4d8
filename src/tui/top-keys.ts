/** What each key of `top` does. */
import type { Key } from 'ink'
import type { Row } from '../verbs/watched.ts'
import { back, moved, opened, peerAt, type State, shown, sortedBy, typed } from './top-state.ts'

export interface Stroke {
  readonly text: string
  readonly key: Key
}

/**
 * What came at once, one by one: keys that were pressed fast. What goes into a prompt is one text, however
 * many lines a paste has; only a newline at its end is Enter.
 */
export function strokes({ mode }: State, input: string, key: Key): Stroke[] {
  if (key.ctrl || key.meta || input.length < 2) return [{ text: input, key }]
  const first = mode === 'list' ? [...input].findIndex((char) => char === 'm' || char === '/') : -1
  const keys = mode === 'list' ? (first < 0 ? input : input.slice(0, first + 1)) : ''
  const rest = input.slice(keys.length)
  const ends = /[\r\n]$/.test(rest)
  const text = ends ? rest.slice(0, -1) : rest
  return [
    ...[...keys].map((char) => ({ text: char, key })),
    ...(text === '' ? [] : [{ text, key }]),
    ...(ends ? [{ text: '', key: { ...key, return: true } }] : []),
  ]
}

const PAGE = 10

/** The state after a key, or, where a line is typed, after a text that came at once. */
export function pressed(state: State, rows: readonly Row[], input: string, key: Key): State {
  if (key.escape) return back(state)
  if (state.mode === 'filter' || state.mode === 'message') return inPrompt(state, input, key)
  if (state.mode === 'cut' || state.mode === 'help') return { ...state, mode: 'list' }
  const here = shown(state, rows)
  if (key.upArrow) return moved(state, here, -1)
  if (key.downArrow) return moved(state, here, 1)
  if (key.pageUp) return moved(state, here, -PAGE)
  if (key.pageDown) return moved(state, here, PAGE)
  if (key.home) return moved(state, here, Number.NEGATIVE_INFINITY)
  if (key.end) return moved(state, here, Number.POSITIVE_INFINITY)
  if (key.leftArrow) return sortedBy(state, here, -1)
  if (key.rightArrow) return sortedBy(state, here, 1)
  if (key.return) return opened(state, here)
  if (key.ctrl || key.meta) return state
  if (input === 'r') return { ...state, sort: here.sort.id, reversed: !state.reversed }
  if (input === '/') return { ...state, mode: 'filter' }
  if (input === '?') return { ...state, mode: 'help' }
  if (input === 'p') return { ...state, paused: !state.paused }
  const peer = peerAt(state, here)
  // From here on the marker stays with this peer, wherever it moves.
  if (input === 'm' && peer) return { ...state, mode: 'message', selected: peer.key }
  if (input === 'k' && peer) return { ...state, mode: 'cut', selected: peer.key }
  return state
}

function inPrompt(state: State, input: string, key: Key): State {
  if (key.return) return { ...state, mode: 'list', input: '' }
  if (key.meta || key.tab) return state
  if (key.ctrl && input !== 'w' && input !== 'u') return state
  const erases = key.backspace || key.delete ? 'backspace' : undefined
  const control = key.ctrl ? (input === 'w' ? 'word' : 'all') : erases
  const text = typed(state.mode === 'filter' ? state.filter : state.input, input, control)
  return state.mode === 'filter' ? { ...state, filter: text } : { ...state, input: text }
}
