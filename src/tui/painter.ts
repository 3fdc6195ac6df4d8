/**
 * Frames onto the alternate screen: at most ten a second, and of each only the lines that changed.
 *
 * Ink writes whole frames to us and knows nothing of the screen: its own way of rewriting what stands there
 * would clear the scrollback when a frame is as high as the window.
 */
import { BEGIN, END } from './escapes.ts'
import { Frames } from './frames.ts'

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
  readonly #frames = new Frames(() => this.#paintNow())

  constructor(write: (text: string) => void, size: () => Size) {
    this.#write = write
    this.#size = size
  }

  /** The next frame: now, or as soon as the last one is old enough. */
  paint(frame: string): void {
    this.#wanted = frame
    this.#frames.due()
  }

  /** The screen was resized, or was somebody else's: everything is drawn anew. */
  forget(): void {
    this.#lines = []
    if (this.#wanted !== undefined) this.paint(this.#wanted)
  }

  /** Nothing is painted any more. */
  close(): void {
    this.#frames.stop()
  }

  #paintNow(): void {
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
