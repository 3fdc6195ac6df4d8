/** How what others say is written. */
import { eachLine } from '../io/lines.ts'
import type { Separator } from '../protocol/link.ts'

export interface LineFormat {
  /** NDJSON: an object for each line, and for each peer that comes or goes. */
  readonly json: boolean
  /** Before each line: `%n` name, `%i` id, `%t` time, `%%`. `undefined`: nothing, or `%n: ` at a terminal. */
  readonly prefix: string | undefined
}

/** What stands before a line of an author. */
export function prefixOf({ prefix = '%n: ' }: LineFormat, name: string, id: string, time: Date): string {
  return prefix.replace(/%([nit%])/g, (_all, what: string) => {
    if (what === 'n') return name
    if (what === 'i') return id
    return what === 't' ? time.toTimeString().slice(0, 8) : '%'
  })
}

/** Whole lines, each with `prefix` before it. */
export function prefixed(lines: Buffer, separator: Separator, prefix: string): Buffer {
  const [start, end] = [Buffer.from(prefix), Buffer.of(separator)]
  const parts: Buffer[] = []
  eachLine(lines, separator, (line) => parts.push(start, line, end))
  return Buffer.concat(parts)
}
