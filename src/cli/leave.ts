/** The one way out of the program. */
import { closeSync } from 'node:fs'
import process from 'node:process'
import { isHungUp, isNonBlocking, isTerminalDevice } from '../io/descriptor.ts'

/** Runs the exit hooks and ends the process with `status`. */
export function leave(status: number): never {
  // Registered now, so that it runs after every other hook: those may still write to the terminal.
  process.once('exit', closeTerminals)
  process.exit(status)
}

/**
 * Closes the terminals among the standard descriptors.
 *
 * At exit Node sets each terminal back to how it was at start, and aborts if that fails (`ResetStdio`): a terminal
 * that hangs up in that moment would be a crash. What Node would set back is the mode, which `cli/terminal.ts` has
 * done, and O_NONBLOCK: a living terminal that has it is left to Node.
 */
function closeTerminals(): void {
  for (const fd of [0, 1, 2]) {
    if (isTerminalDevice(fd) && (!isNonBlocking(fd) || isHungUp(fd))) closeSync(fd)
  }
}
