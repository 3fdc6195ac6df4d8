/** Gives a reading bytes that are there already, as a connection does: exactly as many as it asks for. */
import type { Reading } from '../../../src/protocol/connection.ts'

/** What was decoded, and how many bytes it took. */
export interface Decoded<T> {
  readonly value: T
  readonly bytes: number
}

/**
 * What `reading` decodes, or `undefined` when it needs more bytes than there are.
 * @throws Error when it asks for no more than it has; what `reading` throws
 */
export function readFrom<T>(reading: Reading<T>, bytes: Buffer): Decoded<T> | undefined {
  for (let length = 0; ; ) {
    const result = reading(bytes.subarray(0, length))
    if (typeof result !== 'number') return { value: result.value, bytes: length }
    if (result <= length) throw new Error(`it has ${length} bytes, and asks for ${result}`)
    if (result > bytes.length) return undefined
    length = result
  }
}
