/** The records of an input, read as there is room for them. */
import { eachLine, LineCutter } from '../io/lines.ts'
import type { Source } from '../io/source.ts'
import type { Separator } from '../protocol/link.ts'
import { until } from './context.ts'

export interface Takes {
  /** Resolves when more can be taken. */
  room(): Promise<void>
  /** A record without its end, in memory that is used again. */
  take(record: Buffer): void
  /** One that is too long. */
  refuse(): void
}

/** @throws SwarmError INPUT, what one of `takes` throws, or the signal's reason */
export async function readRecords(
  source: Source,
  separator: Separator,
  signal: AbortSignal,
  { room, take, refuse }: Takes,
): Promise<void> {
  const cutter = new LineCutter(separator, (records) => eachLine(records, separator, take), refuse)
  for (;;) {
    await room()
    const piece = await until(signal, source.next())
    if (piece === undefined) return cutter.end()
    cutter.push(piece.data)
    piece.release()
  }
}
