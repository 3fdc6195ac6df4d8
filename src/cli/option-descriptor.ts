/** The descriptors that `--ready-fd` and `--key-fd` name. */
import { messageOf, SwarmError } from '../errors.ts'
import { type Access, checkGiven } from '../io/given.ts'

/**
 * Returns the descriptor that an option names.
 * @throws SwarmError OPTION_INVALID when this process was not started with it, or it does not allow `access`
 */
export function optionDescriptor(flag: string, fd: number, access: Access): number {
  try {
    return checkGiven(fd, access)
  } catch (error) {
    throw new SwarmError('OPTION_INVALID', `--${flag}: ${messageOf(error)}`, error)
  }
}
