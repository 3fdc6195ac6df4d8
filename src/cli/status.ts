/** Exit statuses: the same for every verb. */
import { constants } from 'node:os'
import { type ErrorCode, Interrupted, SwarmError } from '../errors.ts'

export const statuses = Object.freeze([
  [0, 'done; confirmed by the other side where the verb confirms'],
  [1, 'failed here: input, output, disk, runtime directory'],
  [2, 'usage'],
  [3, 'nobody there (--no-wait)'],
  [4, 'incomplete: the stream broke off, or a receiver did not confirm'],
  [5, 'content does not match its digest'],
  [6, 'refused: firewall, protocol, version'],
  [124, '--timeout passed'],
  [126, 'the command cannot be run'],
  [127, 'the command was not found'],
  ['128+n', 'ended by signal n'],
  ['other', "connect, exec --once: the command's own; 255: connect itself failed"],
] as const)

const byCode: Readonly<Record<Exclude<ErrorCode, 'INTERRUPTED'>, number>> = {
  TOPIC_INVALID: 2,
  OPTION_INVALID: 2,
  KEY_INVALID: 2,
  RUNTIME_DIRECTORY: 1,
  CONFIG: 1,
  NETWORK: 1,
  PATH_TOO_LONG: 1,
  INPUT: 1,
  OUTPUT: 1,
  DESTROYED: 1,
  CALLBACK: 1,
  COMMAND_FAILED: 1,
  COMMAND_NOT_EXECUTABLE: 126,
  COMMAND_NOT_FOUND: 127,
  NOBODY: 3,
  INCOMPLETE: 4,
  CUT: 4,
  UNREACHABLE: 4,
  BUSY: 4,
  DIGEST: 5,
  REFUSED: 6,
  PROTOCOL: 6,
  VERSION: 6,
  TIMEOUT: 124,
}

export function statusOf(error: unknown): number {
  if (error instanceof Interrupted) return 128 + constants.signals[error.signal]
  if (!(error instanceof SwarmError) || error.code === 'INTERRUPTED') return 1
  return byCode[error.code]
}
