/** The terminal as what is drawn on it sees it; given by `cli`, to which the process belongs. */
import type { ColourLevel } from './theme.ts'

export interface Terminal {
  readonly stdin: NodeJS.ReadStream
  /** For its size, and its `resize`; what is drawn goes through `write`. */
  readonly stdout: NodeJS.WriteStream
  readonly colours: ColourLevel
  /** Writes at once. */
  write(text: string): void
  /** Takes the alternate screen, until `leave`, or until the process ends, however it does. */
  enter(): void
  /** Gives the screen back as it was. */
  leave(): void
  /** Gives the screen back and stops the process, as Ctrl-Z does; on `fg` takes it again. */
  suspend(): void
  /** Called when the screen was taken again: nothing of it is known. */
  onreturn: (() => void) | undefined
}
