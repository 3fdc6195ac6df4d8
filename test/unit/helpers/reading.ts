/** Gives a reading bytes that are there already. */
import type { Connection, Reading, Said } from '../../../src/protocol/connection.ts'

/**
 * What `reading` says, or `undefined` when it needs more bytes.
 * @throws Error when it asks for no more than there is
 */
export function readFrom<T>(reading: Reading<T>, bytes: Buffer): Said<T> | undefined {
  const said = reading(bytes)
  if (typeof said !== 'number') return said
  if (said <= bytes.length) throw new Error(`it has ${bytes.length} bytes, and asks for ${said}`)
  return undefined
}

/** What a connection's parse tells, as a promise. */
export function parsed<T>(connection: Connection, reading: Reading<T>): Promise<T> {
  return new Promise((resolve, reject) =>
    connection.parse(reading, (said) => (said instanceof Error ? reject(said) : resolve(said))),
  )
}
