/** The terminal as a view is given it: by `cli`, which alone touches the process. */
import type { ColourLevel } from './theme.ts'

/** A key, as the terminal's decoder names it. */
export interface Key {
  /** `left`, `home`, `a`, …; absent for a character that has no name. */
  readonly name?: string | undefined
  /** What it puts into a line, if it is a character. */
  readonly text?: string | undefined
  readonly ctrl: boolean
  readonly meta: boolean
}

export interface TerminalEvents {
  readonly onkey: (key: Key) => void
  /** Pasted in one go; its lines end with newlines. */
  readonly onpaste: (text: string) => void
  readonly onresize: () => void
  /** There will be no more keys. */
  readonly onend: () => void
}

export interface Terminal {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly colours: ColourLevel
  readonly columns: number
  readonly rows: number
  /** Takes the keys, one by one. */
  open(events: TerminalEvents): void
  /** Gives the terminal back as it was. Also done when the program ends. */
  close(): void
  /** What Ctrl-C does. */
  interrupt(): void
  /** What Ctrl-Z does; returns when we go on. */
  suspend(): void
}
