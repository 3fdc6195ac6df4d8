/**
 * The rows that stand below the scrollback of the terminal: drawn anew beneath what is added to it.
 *
 * The cursor rests in the last of them. A window that gets smaller loses rows below the cursor first, and nobody
 * tells us in time: were there one, wiping ours would wipe the last row of the scrollback with them.
 */

import { BEGIN, END, NO_WRAP, WRAP } from './escapes.ts'

const [ERASE_BELOW, ERASE_ROW, UP] = ['\x1b[J', '\r\x1b[2K', '\x1b[A']

/** Rows, and the cells before the cursor in the last of them. */
export interface Frame {
  readonly rows: readonly string[]
  readonly cursor: number
}

export class Below {
  readonly #write: (text: string) => void
  /** What stands there, when it is known. */
  #drawn = ''
  /** Rows of ours above the cursor, none when nobody knows; absent when nothing of ours stands there. */
  #above: number | undefined

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  /** Adds `rows`, whole lines or nothing, to the scrollback, and draws the frame below them. */
  draw(rows: string, frame: Frame): void {
    const place = frame.cursor > 0 ? `\r\x1b[${frame.cursor}C` : '\r'
    const drawn = NO_WRAP + frame.rows.join('\r\n') + WRAP + place
    if (rows === '' && drawn === this.#drawn) return
    this.#write(BEGIN + this.#erasure() + rows + drawn + END)
    this.#drawn = drawn
    this.#above = frame.rows.length - 1
  }

  /** The window was resized: the next frame is drawn whatever it is. */
  resized(): void {
    this.#drawn = ''
  }

  /** The terminal was somebody else's: what stands above the cursor's row is theirs. */
  forget(): void {
    this.#drawn = ''
    this.#above = 0
  }

  /** Nothing of ours stands there any more. */
  wipe(): void {
    if (this.#above === undefined) return
    this.#write(this.#erasure())
    this.#drawn = ''
    this.#above = undefined
  }

  /** Row by row: tmux takes it for clearing the screen when all is erased from its first cell, and keeps what stood there. */
  #erasure(): string {
    if (this.#above === undefined) return ''
    return ERASE_BELOW + ERASE_ROW + (UP + ERASE_ROW).repeat(this.#above)
  }
}
