/** A connection and our own stdio: both directions, each with its backpressure, its end and its fault. */
import type { Sink } from '../io/sink.ts'
import type { Source } from '../io/source.ts'
import type { Connection } from '../protocol/connection.ts'
import { type Context, until } from './context.ts'
import type { Counters } from './counters.ts'
import { pour } from './pour.ts'
import { whileRead } from './while-read.ts'

export interface ExchangeOptions {
  readonly signal: AbortSignal
  /** Waits for the end of our input too, not only for that of the peer's bytes. */
  readonly both: boolean
  /** Tells the other side that our input has ended as it should. */
  readonly sayEnded?: () => void
}

/**
 * Moves bytes both ways until the peer's have ended and are written. Whether they broke off, `readableEnded` of the stream
 * tells.
 * @returns false when the reader of our output went away: it has all it wants
 * @throws SwarmError INPUT, OUTPUT, or the signal's reason; then the owner of the connection closes it, after telling the
 * other side that this is not the end
 */
export async function exchange(
  { counters }: Context,
  connection: Connection,
  source: Source,
  sink: Sink,
  { signal, both, sayEnded = () => {} }: ExchangeOptions,
): Promise<boolean> {
  const { stream } = connection
  const heard = pour(connection, (chunk, done) => {
    counters.take(chunk.length)
    sink.write(chunk, done)
  })
  const isHeard = await whileRead(signal, sink, async (reading) => {
    reading.addEventListener('abort', () => {
      if (!signal.aborted) stream.destroy()
    })
    const given = give(connection, source, counters, reading).then(() => {
      sayEnded()
      stream.end()
    })
    const heardAfter = given.then(() => heard)
    await until(reading, both ? heardAfter : Promise.race([heard, heardAfter]))
    return true
  })
  return isHeard ?? false
}

/** Reads ahead as far as the source has buffers; a piece goes back when the kernel has it. */
async function give(
  { stream }: Connection,
  source: Source,
  counters: Counters,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const piece = await until(signal, source.next())
    if (piece === undefined || stream.destroyed) return
    counters.give(piece.data.length)
    stream.write(piece.data, (error) => {
      piece.release()
      if (error) source.close()
    })
  }
}
