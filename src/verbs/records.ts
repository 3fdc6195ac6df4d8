/** The records of an input, read as there is room for them. */
import { eachLine, LineCutter } from '../io/lines.ts'
import type { Source } from '../io/source.ts'
import type { Separator } from '../protocol/link.ts'
import { until } from './context.ts'

export interface Takes {
  /** Resolves when more can be taken. */
  room(): Promise<void>
  /** A line keeps its newline, as a command expects it; a record that a NUL ended is all of it. */
  take(record: Buffer): void
  /** One that is too long. */
  refuse(): void
}

/** @throws SwarmError INPUT, or the signal's reason */
export async function readRecords(
  source: Source,
  separator: Separator,
  signal: AbortSignal,
  { room, take, refuse }: Takes,
): Promise<void> {
  const end = Buffer.alloc(separator === 10 ? 1 : 0, separator)
  const cutter = new LineCutter(
    separator,
    (records) => eachLine(records, separator, (record) => take(Buffer.concat([record, end]))),
    refuse,
  )
  for (;;) {
    await room()
    const piece = await until(signal, source.next())
    if (piece === undefined) break
    cutter.push(piece.data)
    piece.release()
  }
  cutter.end()
}
