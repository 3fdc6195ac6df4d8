/**
 * Whether a regular file is still what it was.
 *
 * What a sender promises of a file is its content when the program started. The kernel says by the length and the time of
 * modification that a file was written to, but not where: so a file that has only grown counts as changed, too.
 */
import { fstatSync } from 'node:fs'
import { SwarmError } from '../errors.ts'

export interface FileState {
  readonly size: number
  /** Time of the last write, in nanoseconds since 1970, in decimal. */
  readonly modified: string
}

/** @returns `undefined` for what is no regular file */
export function stateOf(fd: number): FileState | undefined {
  const stat = fstatSync(fd, { bigint: true })
  return stat.isFile() ? { size: Number(stat.size), modified: String(stat.mtimeNs) } : undefined
}

/**
 * @param name what to call the file
 * @throws SwarmError INCOMPLETE when it was written to, or cut, since it was in the state `before`
 */
export function assertUnchanged(fd: number, before: FileState, name: string): void {
  const now = stateOf(fd)
  // Nothing to be changed; or a file of the kernel's, whose length is not told.
  if (before.size === 0 && now?.size === 0) return
  if (now === undefined || now.size < before.size)
    throw new SwarmError('INCOMPLETE', `${name} was cut short: it had ${before.size}`)
  if (now.modified !== before.modified || now.size !== before.size)
    throw new SwarmError('INCOMPLETE', `${name} was changed while it was sent`)
}
