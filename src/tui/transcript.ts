/**
 * What was said, as rows for the terminal's scrollback: safe, each author's name before it, coloured.
 *
 * What comes is held until the next frame takes it. A frame shows so many lines and no more, the newest; the others
 * are counted. So a flood costs the same as a talk, but for the counting.
 */
import chalk from 'chalk'
import { countLines, eachLine } from '../io/lines.ts'
import type { Separator } from '../protocol/link.ts'
import { safe } from './cells.ts'
import { NO_WRAP, WRAP } from './escapes.ts'
import { Labels, type Named } from './labels.ts'
import { colourOf } from './theme.ts'
import { wrap } from './wrap.ts'

/** Lines of others in one frame; more than anyone reads in a tenth of a second. */
export const FRAME_LINES_MAX = 200
/** Held for one frame. */
const FRAME_BYTES_MAX = 1_048_576
/** Of one line. */
const LINE_BYTES_MAX = 16_384
/** Notices in one frame. */
const NOTICES_MAX = 200
const NAMED_MAX = 3
const BELL = '\x07'

export interface TranscriptOptions {
  readonly self: Named
  /** Time of day, as it is shown. */
  readonly time: () => string
  /** A mention rings. */
  readonly bell: boolean
}

type Item =
  | {
      readonly kind: 'body'
      readonly info: Named
      readonly label: string
      readonly from: Separator
      body: Buffer
      lines: number
    }
  | { readonly kind: 'said'; readonly label: string; readonly text: string; readonly colour: Named }
  | { readonly kind: 'notice'; readonly text: string }
  | { readonly kind: 'moved'; readonly said: string; readonly labels: string[]; count: number }

export class Transcript {
  readonly labels = new Labels()
  hasTimes: boolean
  /** Lines of others, ever. */
  heard = 0
  readonly #options: TranscriptOptions
  readonly #mention: RegExp
  #items: Item[] = []
  #lines = 0
  #bytes = 0
  #notices = 0
  #hidden = 0

  constructor(options: TranscriptOptions, hasTimes: boolean) {
    this.#options = options
    this.hasTimes = hasTimes
    this.labels.add(options.self)
    const name = options.self.name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    this.#mention = new RegExp(`(?<![\\p{L}\\p{N}_])${name}(?![\\p{L}\\p{N}_])`, 'iu')
  }

  said(info: Named, body: Buffer, from: Separator): void {
    const lines = countLines(body, from)
    this.heard += lines
    this.#items.push({ kind: 'body', info, label: this.labels.of(info), from, body, lines })
    this.#lines += lines
    this.#bytes += body.length
    if (this.#lines > FRAME_LINES_MAX || this.#bytes > FRAME_BYTES_MAX) this.#hide()
  }

  /** Our own words; `to` is the label of the one they are for. */
  echo(text: string, to?: string): void {
    const { self } = this.#options
    const label = this.labels.of(self) + (to === undefined ? '' : ` → ${to}`)
    this.#items.push({ kind: 'said', label, text, colour: self })
  }

  /** What the program says. */
  notice(text: string): void {
    this.#notices += 1
    if (this.#notices > NOTICES_MAX) this.#hidden += 1
    else this.#items.push({ kind: 'notice', text })
  }

  /** A peer joined or left: told together with others who did the same just now. */
  moved(info: Named, event: 'join' | 'leave', reason: string): void {
    const label = event === 'join' ? this.labels.add(info) : this.labels.of(info)
    if (event === 'leave') this.labels.delete(info)
    const why = reason && reason !== 'left' ? ` (${safe(reason).slice(0, 200)})` : ''
    const said = event === 'join' ? 'joined' : `left${why}`
    const last = this.#items.findLast((item) => item.kind === 'moved' || item.kind === 'body')
    if (last?.kind === 'moved' && last.said === said) {
      last.count += 1
      if (last.labels.length < NAMED_MAX) last.labels.push(label)
    } else this.#items.push({ kind: 'moved', said, labels: [label], count: 1 })
  }

  get isEmpty(): boolean {
    return this.#items.length === 0 && this.#hidden === 0
  }

  /** Everything since the last time, as bytes for a terminal so many cells wide. */
  take(columns: number): string {
    const items = this.#items
    const hidden = this.#hidden
    this.#items = []
    this.#lines = this.#bytes = this.#notices = this.#hidden = 0
    let text = hidden > 0 ? this.#row(`… ${hidden.toLocaleString('en')} lines not shown`, columns) : ''
    for (const item of items) text += this.#shown(item, columns)
    return text && NO_WRAP + text + WRAP
  }

  #shown(item: Item, columns: number): string {
    if (item.kind === 'notice') return this.#row(`-- ${safe(item.text)}`, columns)
    if (item.kind === 'moved')
      return this.#row(`-- ${together(item.labels, item.count)} ${item.said}`, columns)
    if (item.kind === 'said') return this.#speech(item.label, item.text, item.colour, false, columns)
    let text = ''
    eachLine(item.body, item.from, (line) => {
      const isWhole = line.length <= LINE_BYTES_MAX
      const shown = line.subarray(0, LINE_BYTES_MAX).toString('utf8')
      // The last character may be cut.
      const words = isWhole ? shown : shown.replace(/\ufffd$/, '')
      const more = isWhole ? '' : ` … ${line.length - LINE_BYTES_MAX} bytes not shown`
      const isMention = this.#mention.test(words)
      if (isMention && this.#options.bell) text += BELL
      text += this.#speech(item.label, words + more, item.info, isMention, columns)
    })
    return text
  }

  #speech(label: string, words: string, { id }: Named, isMention: boolean, columns: number): string {
    const isAction = words.startsWith('/me ')
    const text = safe(isAction ? words.slice(4) : words)
    const before = isAction ? '* ' : ''
    const after = isAction ? ' ' : ': '
    const time = this.hasTimes ? `${this.#options.time()} ` : ''
    const plain = time + before + label + after
    // The whole is measured and broken; then what stands before the words is painted.
    const rows = wrap(plain + text, columns, Math.max(2, columns - 2))
    const whole = rows.join('\n  ')
    const paint = isMention ? chalk.bold : (part: string) => part
    // A name that is broken itself, in a very narrow window, is not painted.
    if (!whole.startsWith(plain.trimEnd())) return `${whole}\n`
    const name = chalk[colourOf(id)](label)
    return `${chalk.dim(time)}${before}${name}${after.trimEnd()}${paint(whole.slice(plain.trimEnd().length))}\n`
  }

  #row(text: string, columns: number): string {
    const rows = wrap(text, columns, Math.max(2, columns - 2))
    return `${chalk.dim(rows.join('\n  '))}\n`
  }

  /** Forgets the oldest lines of others; of the newest body at least one is kept. */
  #hide(): void {
    const bodies = this.#items.filter((item) => item.kind === 'body')
    for (const item of bodies) {
      const over = this.#lines - FRAME_LINES_MAX
      const goesWhole = this.#bytes > FRAME_BYTES_MAX && item !== bodies.at(-1)
      if (over <= 0 && !goesWhole) break
      const drop = goesWhole ? item.lines : Math.min(over, item.lines)
      const start = drop === item.lines ? item.body.length : startOf(item.body, item.from, drop)
      this.#lines -= drop
      this.#bytes -= start
      this.#hidden += drop
      item.lines -= drop
      // A copy: the rest would be held in memory with it.
      item.body = Buffer.from(item.body.subarray(start))
    }
    this.#items = this.#items.filter((item) => item.kind !== 'body' || item.lines > 0)
  }
}

/** Where the line after so many others begins. */
function startOf(body: Buffer, separator: number, lines: number): number {
  let at = 0
  for (let count = 0; count < lines; count++) at = body.indexOf(separator, at) + 1
  return at
}

/** `bob`, `bob and carol`, `bob, carol and 12 others`. */
function together(labels: readonly string[], count: number): string {
  const named = count > NAMED_MAX ? labels.slice(0, NAMED_MAX - 1) : labels
  const others = count - named.length
  const all = others > 0 ? [...named, `${others} others`] : named
  return all.length === 1 ? `${all[0]}` : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
}
