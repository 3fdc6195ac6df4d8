/**
 * Frames onto the alternate screen: at most ten a second, and of each only the lines that changed.
 *
 * Ink writes whole frames to us and knows nothing of the screen: its own way of rewriting what stands there
 * would clear the scrollback when a frame is as high as the window.
 */

const FRAME_MS = 100
/** The terminal shows what is between these at once, where it knows them. */
const [BEGIN, END] = ['\u001b[?2026h', '\u001b[?2026l']

export interface Size {
  readonly columns: number
  readonly rows: number
}

export class Painter {
  readonly #write: (text: string) => void
  readonly #size: () => Size
  #wanted: string | undefined
  /** What stands on each line; `undefined`: nobody knows. */
  #lines: (string | undefined)[] = []
  #paintedAt = Number.NEGATIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(write: (text: string) => void, size: () => Size) {
    this.#write = write
    this.#size = size
  }

  /** The next frame: now, or as soon as the last one is old enough. */
  paint(frame: string): void {
    this.#wanted = frame
    if (this.#timer !== undefined) return
    const wait = this.#paintedAt + FRAME_MS - performance.now()
    if (wait <= 0) this.#paintNow()
    else this.#timer = setTimeout(() => this.#paintNow(), wait)
  }

  /** The screen was resized, or was somebody else's: everything is drawn anew. */
  forget(): void {
    this.#lines = []
    if (this.#wanted !== undefined) this.paint(this.#wanted)
  }

  /** Nothing is painted any more. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {}, 0)
    clearTimeout(this.#timer)
  }

  #paintNow(): void {
    this.#timer = undefined
    this.#paintedAt = performance.now()
    const { rows } = this.#size()
    const lines = (this.#wanted ?? '').split('\n').slice(0, rows)
    while (lines.length < rows) lines.push('')
    let text = ''
    for (const [row, line] of lines.entries()) {
      if (this.#lines[row] !== line) text += `\u001b[${row + 1};1H\u001b[0m\u001b[2K${line}`
    }
    this.#lines = lines
    if (text !== '') this.#write(`${BEGIN}${text}\u001b[0m${END}`)
  }
}
