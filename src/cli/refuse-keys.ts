/** No secret among the arguments. */
import { SwarmError } from '../errors.ts'
import { holdsKey } from '../key-prefix.ts'
import { beforeCommand } from './parse.ts'

/** @throws SwarmError KEY_INVALID when an argument holds a key: everyone on the machine can read arguments */
export function refuseKeys(argv: readonly string[]): void {
  if (!beforeCommand(argv).some(holdsKey)) return
  throw new SwarmError(
    'KEY_INVALID',
    'a key among the arguments can be read by everyone on this machine: make a new one, and give it with --key-file, --key-fd or LSWARM_KEY',
  )
}
