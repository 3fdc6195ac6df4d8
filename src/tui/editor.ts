/** One line of input, as a value: what stands in it, where the cursor is, and what each key makes of it. */
import { cells, graphemes } from './cells.ts'
import type { Key } from './terminal.ts'

const HISTORY_MAX = 500
const GRAPHEME_MAX = 64
/** Longer than any line that can be sent: more pasted is refused. */
const TEXT_MAX = 1_048_576

export class Editor {
  /** Newlines in it come from a paste: each line will be a message of its own. */
  text = ''
  /** Where the next character goes: an index into `text`, between two graphemes. */
  cursor = 0
  #history: string[] = []
  /** Where in the history we are; its length: at the draft. */
  #at = 0
  #draft = ''
  #killed = ''

  /** @returns false when there was no room for all of it */
  insert(text: string): boolean {
    const room = TEXT_MAX - this.text.length
    const kept = text.length > room ? text.slice(0, Math.max(0, room)).replace(/[\ud800-\udbff]$/, '') : text
    this.text = this.text.slice(0, this.cursor) + kept + this.text.slice(this.cursor)
    this.cursor += kept.length
    return kept.length === text.length
  }

  set(text: string, cursor = text.length): void {
    this.text = text
    this.cursor = cursor
  }

  /** Takes the line out, and remembers it. */
  take(): string {
    const { text } = this
    if (text !== '' && text !== this.#history.at(-1)) this.#history.push(text)
    if (this.#history.length > HISTORY_MAX) this.#history.shift()
    this.#at = this.#history.length
    this.#draft = ''
    this.set('')
    return text
  }

  /** An editing key. @returns false when it is none */
  press({ name = '', ctrl, meta }: Key): boolean {
    const action = ACTIONS.get((ctrl ? 'C-' : meta ? 'M-' : '') + name)
    if (action === undefined) return false
    action(this)
    return true
  }

  /** The cursor, and no text. */
  move(to: number): void {
    this.cursor = Math.min(Math.max(0, to), this.text.length)
  }

  /** What stands between the cursor and another place goes; a word or more can be brought back. */
  erase(to: number, isKept: boolean): void {
    const [from, end] = to < this.cursor ? [to, this.cursor] : [this.cursor, to]
    if (isKept && end > from) this.#killed = this.text.slice(from, end)
    this.set(this.text.slice(0, from) + this.text.slice(end), from)
  }

  yank(): void {
    this.insert(this.#killed)
  }

  recall(step: -1 | 1): void {
    const at = this.#at + step
    if (at < 0 || at > this.#history.length) return
    if (this.#at === this.#history.length) this.#draft = this.text
    this.#at = at
    this.set(this.#history[at] ?? this.#draft)
  }

  get left(): number {
    // Far back is slow to segment, and no grapheme is that long.
    const before = graphemes(this.text.slice(Math.max(0, this.cursor - GRAPHEME_MAX), this.cursor))
    return this.cursor - (before.at(-1)?.length ?? 0)
  }

  get right(): number {
    const [first = ''] = graphemes(this.text.slice(this.cursor, this.cursor + GRAPHEME_MAX))
    return this.cursor + first.length
  }

  get wordLeft(): number {
    return /[\p{L}\p{N}\p{M}_]*[^\p{L}\p{N}\p{M}_]*$/u.exec(this.text.slice(0, this.cursor))?.index ?? 0
  }

  get wordRight(): number {
    const after = /^[^\p{L}\p{N}\p{M}_]*[\p{L}\p{N}\p{M}_]*/u.exec(this.text.slice(this.cursor))
    return this.cursor + (after?.[0].length ?? 0)
  }

  /** Where a shell's Ctrl-W goes: to the last space. */
  get spaceLeft(): number {
    return /\S*\s*$/.exec(this.text.slice(0, this.cursor))?.index ?? 0
  }
}

type Action = (editor: Editor) => void

/** The keys of each action; `C-` stands for Ctrl, `M-` for Meta. */
const KEYS: readonly (readonly [keys: string, action: Action])[] = [
  ['left C-b', (one) => one.move(one.left)],
  ['right C-f', (one) => one.move(one.right)],
  ['home C-a', (one) => one.move(0)],
  ['end C-e', (one) => one.move(one.text.length)],
  ['C-left M-left M-b', (one) => one.move(one.wordLeft)],
  ['C-right M-right M-f', (one) => one.move(one.wordRight)],
  ['up C-p', (one) => one.recall(-1)],
  ['down C-n', (one) => one.recall(1)],
  ['backspace C-h', (one) => one.erase(one.left, false)],
  ['delete C-d', (one) => one.erase(one.right, false)],
  ['C-backspace M-backspace', (one) => one.erase(one.wordLeft, true)],
  ['C-delete M-d', (one) => one.erase(one.wordRight, true)],
  ['C-w', (one) => one.erase(one.spaceLeft, true)],
  ['C-u', (one) => one.erase(0, true)],
  ['C-k', (one) => one.erase(one.text.length, true)],
  ['C-y', (one) => one.yank()],
]
const ACTIONS = new Map(
  KEYS.flatMap(([keys, action]) => keys.split(' ').map((key) => [key, action] as const)),
)

/** What of a line fits into a row, with the cursor in it. */
export interface Window {
  readonly text: string
  /** Cells before the cursor. */
  readonly cursor: number
}

/** The part of the line around the cursor; `‹` and `›` stand where there is more. */
export function windowOf({ text, cursor }: Pick<Editor, 'text' | 'cursor'>, width: number): Window {
  // No row is wider than a few cells for each unit of text, and a megabyte of paste takes long to measure.
  const reach = width * 16
  const before = graphemes(shown(text.slice(Math.max(0, cursor - reach), cursor)))
  const after = graphemes(shown(text.slice(cursor, cursor + reach)))
  let used = 0
  let first = before.length
  // Two cells for the marks, one for the cursor itself.
  const room = width - 3
  while (first > 0 && used + cells(before[first - 1] ?? '') <= room) used += cells(before[--first] ?? '')
  const leading = used
  let last = 0
  while (last < after.length && used + cells(after[last] ?? '') <= room) used += cells(after[last++] ?? '')
  const isCut = first > 0 || cursor > reach
  const mark = isCut ? '‹' : ''
  const more = last < after.length || cursor + reach < text.length ? '›' : ''
  return {
    text: mark + before.slice(first).join('') + after.slice(0, last).join('') + more,
    cursor: leading + (isCut ? 1 : 0),
  }
}

/** Each character of the line as something that takes cells: controls cannot be typed, but pasted. */
function shown(text: string): string {
  return text
    .replaceAll('\n', '↵')
    .replaceAll('\t', ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]|\p{Bidi_C}/gu, '?')
}
