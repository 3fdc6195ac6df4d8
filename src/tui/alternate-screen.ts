/** The screen beside the scrollback, which `top` takes: how, and what stands on it until Ink is there. */
import { cut, safe } from './cells.ts'
import type { Size } from './painter.ts'
import type { Modes } from './terminal.ts'

/** No wrapping at the edge, no cursor, until it is left. */
export const ALTERNATE: Modes = {
  enter: '\u001b[?1049h\u001b[?7l\u001b[?25l\u001b[H\u001b[2J',
  leave: '\u001b[0m\u001b[?2026l\u001b[?25h\u001b[?7h\u001b[?1049l',
}

export const ALL_TOPICS = 'all topics'
export const LOOKING = 'looking …'

/** The title and the words of a view that has seen nobody yet, as they stand in the first frame of Ink's, too. */
export function firstFrame(topic: string | undefined, { columns }: Size): string {
  return `${cut(safe(topic ?? ALL_TOPICS), columns)}\r\n\n${cut(`  ${LOOKING}`, columns)}`
}
