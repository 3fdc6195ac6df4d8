/** Working for a reader of our output, who may go away before the work is done. */
import type { SwarmError } from '../errors.ts'
import type { Sink } from '../io/sink.ts'

const READER_GONE = Symbol('the reader of the output went away')

/**
 * Runs `act` as long as somebody reads `sink`.
 * @param act is given the signal that it is to obey, and what to call when an output of its own fails
 * @returns `undefined` when the reader went away first
 * @throws SwarmError OUTPUT when writing fails meanwhile, and what `act` throws
 */
export async function whileRead<T>(
  signal: AbortSignal,
  sink: Sink | undefined,
  act: (signal: AbortSignal, fail: (error: SwarmError) => void) => Promise<T>,
): Promise<T | undefined> {
  const gone = new AbortController()
  const close = (error: SwarmError | undefined) => gone.abort(error ?? READER_GONE)
  const onclose = sink?.onclose
  if (sink !== undefined) sink.onclose = close
  try {
    return await act(AbortSignal.any([signal, gone.signal]), close)
  } catch (error) {
    if (error === READER_GONE) return undefined
    throw error
  } finally {
    if (sink !== undefined) sink.onclose = onclose
  }
}
