/** Runs a parser that asks for bytes by count over bytes that are there already. */
import type { Reading } from '../../../src/protocol/connection.ts'

export interface ReadResult<T> {
  readonly value: T
  /** How many bytes it asked for. */
  readonly used: number
}

/** The result of `reading`, or `undefined` when the bytes ended before it. */
export function readFrom<T>(reading: Reading<T>, bytes: Buffer): ReadResult<T> | undefined {
  let used = 0
  let step = reading.next()
  while (!step.done) {
    const part = bytes.subarray(used, used + step.value)
    if (part.length < step.value) return undefined
    used += step.value
    step = reading.next(part)
  }
  return { value: step.value, used }
}
