/**
 * Progress on stderr: a bar that is drawn over itself, an object a second, or nothing; and a line for each SIGUSR1.
 *
 * The bar is one line, redrawn by a timer that reads counters. No package draws it: those for bars keep counters of
 * their own, to be told of every change, and know nothing of the messages that have to stand above them.
 */

import process from 'node:process'
import { now } from '../clock.ts'
import { isTerminal } from '../io/descriptor.ts'
import { jsonLine } from '../io/sanitize.ts'
import type { Follow } from '../verbs/progress.ts'
import { Pacer, progressFields, progressLine } from './progress-line.ts'
import { type StderrReport, writeAll } from './report.ts'

export type ProgressMode = 'auto' | 'bar' | 'json' | 'none'

const BAR_MS = 100
const JSON_MS = 1_000
const ERASE = '\r\x1b[K'
/** The bar gives way to the words: who keeps the others waiting stands at the end of them. */
const BARS_CELLS = [20, 10, 0]

export class ProgressDisplay {
  readonly #report: StderrReport
  readonly #mode: ProgressMode
  readonly #pacer = new Pacer()
  #followed: Follow | undefined

  /** From here on SIGUSR1 is ours: else Node would open its debugger. */
  constructor(report: StderrReport, mode: ProgressMode) {
    this.#report = report
    this.#mode = mode
    process.on('SIGUSR1', () => this.#tell())
  }

  /** @returns what ends it */
  follow(followed: Follow): () => void {
    this.#followed = followed
    this.#pace(followed)
    const mode = this.#mode === 'auto' ? this.#automatic(followed) : this.#mode
    if (mode === 'json') {
      const timer = setInterval(() => this.#tellObject(), JSON_MS)
      return () => {
        clearInterval(timer)
        this.#tellObject()
      }
    }
    return mode === 'bar' ? this.#drawBar() : () => {}
  }

  #automatic({ isScreenTaken }: Follow): ProgressMode {
    const { quiet, json } = this.#report.voice
    return isTerminal(2) && process.env.TERM !== 'dumb' && !isScreenTaken && !quiet && !json ? 'bar' : 'none'
  }

  #drawBar(): () => void {
    // The widths of all of Unicode cost a start 15 ms: no start without a bar pays for them.
    let text: typeof import('../tui/cells.ts') | undefined
    void import('../tui/cells.ts').then((loaded) => {
      text = loaded
    })
    const draw = () => {
      if (text === undefined) return
      const { cells, cut } = text
      const columns = stderrColumns() || Number(process.env.COLUMNS) || 80
      // Its last column stays free: some terminals go to the next line there.
      const lines = this.#lines(BARS_CELLS)
      const line = lines.find((one) => cells(one) < columns) ?? lines.at(-1) ?? ''
      writeAll(2, ERASE + cut(line, columns - 1))
    }
    const timer = setInterval(draw, BAR_MS)
    // A message takes the place of the bar, which is drawn again below it.
    this.#report.divert = (text) => {
      writeAll(2, `${ERASE}${text}`)
      draw()
    }
    const end = () => {
      clearInterval(timer)
      process.off('exit', end)
      this.#report.divert = undefined
      draw()
      writeAll(2, '\n')
    }
    process.on('exit', end)
    draw()
    return end
  }

  /** The same line with bars of these lengths. */
  #lines(bars: readonly number[]): string[] {
    const followed = this.#followed
    if (followed === undefined) return ['not begun']
    const pace = this.#pace(followed)
    return bars.map((bar) => progressLine(pace, followed.peer, bar))
  }

  #tell(): void {
    if (this.#mode === 'json' || this.#report.voice.json) this.#tellObject()
    else this.#report.write(`lswarm: ${this.#lines([0])}\n`)
  }

  #tellObject(): void {
    if (this.#followed) this.#report.write(jsonLine(progressFields(this.#pace(this.#followed))))
  }

  #pace(followed: Follow) {
    return this.#pacer.pace(followed.read(), now())
  }
}

/** The width of the terminal. A terminal that hangs up cannot be opened: then nobody sees the bar. */
function stderrColumns(): number | undefined {
  try {
    return process.stderr.columns
  } catch {
    return undefined
  }
}
