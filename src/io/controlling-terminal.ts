/**
 * The terminal that signals this process, and the moment when an end of input can be believed.
 *
 * Ctrl-C and a closed window reach a whole pipeline: the command that feeds us may end before our own signal is
 * seen, and its end looks like the end of its data.
 */
import { closeSync, constants, openSync } from 'node:fs'
import { isHungUp } from './descriptor.ts'

/** A shell that loses its terminal passes the hangup on to its jobs; this long is waited for it. */
const HANGUP_MS = 1_000

export class ControllingTerminal {
  readonly #wasThere = isThere()

  /** It was there at construction, and has gone, or a standard descriptor is a terminal that has gone. */
  get isLost(): boolean {
    return (this.#wasThere && !isThere()) || [0, 1, 2].some(isHungUp)
  }

  /**
   * Resolves when every signal that was sent before this call has been delivered.
   *
   * libuv handles signals after the other events of a turn, so a signal that came with the end of a pipe is seen
   * one turn later. If the controlling terminal has gone since construction, it also waits for the hangup, at most
   * `HANGUP_MS`: a job that its shell has let go gets none.
   */
  async signalsDelivered(): Promise<void> {
    await turn()
    await turn()
    if (this.#wasThere && !isThere()) await new Promise((resolve) => setTimeout(resolve, HANGUP_MS))
  }
}

/** Opening it fails in a process that has none, and after a hangup. */
function isThere(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY))
    return true
  } catch {
    return false
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
