/** The terminal as what is drawn on it sees it; given by `cli`, to which the process belongs. */
import type { ColourLevel } from './theme.ts'

export interface Terminal {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly colours: ColourLevel
  readonly columns: number
  readonly rows: number
  /** Writes, unless the terminal is gone. */
  write(text: string): void
  /** Takes it: keys come one by one, and `modes` hold until `giveBack`, or until the process ends, however it does. */
  take(modes: Modes): void
  /** Gives it back as it was. */
  giveBack(): void
  /** What Ctrl-Z does: gives it back and stops the process; on `fg` takes it again, and calls `onreturn`. */
  suspend(): void
  /** What Ctrl-C does. */
  interrupt(): void
  /** Decodes what is typed from here on, for a view that does not do so itself. When the terminal has gone, so are we: SIGHUP. */
  listen(events: KeyEvents): void
  /** It is about to be given back, for we are being stopped: what is drawn should go. */
  onstop: (() => void) | undefined
  /** It was taken again: nothing is known of what stands on it. */
  onreturn: (() => void) | undefined
}

/** What is written when a terminal is taken, and when it is given back. */
export interface Modes {
  readonly enter: string
  readonly leave: string
}

/** A key, as the terminal's decoder names it. */
export interface Key {
  /** `left`, `home`, `a`, …; absent for a character that has no name. */
  readonly name?: string | undefined
  /** What it puts into a line, if it is a character. */
  readonly text?: string | undefined
  readonly ctrl: boolean
  readonly meta: boolean
}

export interface KeyEvents {
  readonly onkey: (key: Key) => void
  /** Pasted in one go; its lines end with newlines. */
  readonly onpaste: (text: string) => void
}
