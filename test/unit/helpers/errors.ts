/** What a test says of an error: `assert.throws(act, swarmError('PROTOCOL', /frame type 7/))`. */
import assert from 'node:assert/strict'
import { type ErrorCode, SwarmError } from '../../../src/errors.ts'

/** A check that an error is a `SwarmError` with this code, one line long, its message matching. */
export function swarmError(code: ErrorCode, message?: RegExp): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof SwarmError, `a SwarmError, not ${String(error)}`)
    assert.equal(error.code, code, error.message)
    assert.doesNotMatch(error.message, /[\r\n]/)
    if (message) assert.match(error.message, message)
    return true
  }
}
