/** Waiting for a peer on behalf of a reader of stdout, who may go away before the first byte. */
import type { Sink } from '../io/sink.ts'

const READER_GONE = Symbol('the reader of the output went away')

/**
 * Runs `act` as long as somebody reads `sink`; `act` is given the signal that it is to obey.
 * @returns `undefined` when the reader went away first
 * @throws SwarmError OUTPUT when writing fails meanwhile, and what `act` throws
 */
export async function whileRead<T>(
  signal: AbortSignal,
  sink: Sink,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const gone = new AbortController()
  sink.onclose = (error) => gone.abort(error ?? READER_GONE)
  try {
    return await act(AbortSignal.any([signal, gone.signal]))
  } catch (error) {
    if (error === READER_GONE) return undefined
    throw error
  }
}
