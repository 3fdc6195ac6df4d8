/** Calling functions of a program that may throw: that is the program's error, and ends nothing of ours. */
import type { EventEmitter } from 'node:events'
import { messageOf, SwarmError } from './errors.ts'

/**
 * Emits an event; each listener hears it, whatever the others do.
 * @param onFault told of each listener that throws or rejects
 * @returns whether there was a listener
 */
export function emitSafely<
  Events extends Record<keyof Events, unknown[]>,
  Name extends keyof Events & string,
>(
  emitter: EventEmitter<Events>,
  name: Name,
  args: Events[Name],
  onFault: (fault: SwarmError) => void,
): boolean {
  const listeners: unknown[] = Reflect.apply(emitter.rawListeners, emitter, [name])
  for (const listener of listeners) {
    if (typeof listener !== 'function') continue
    callSafely(
      () => Reflect.apply(listener, emitter, args),
      (error) => onFault(faultOf(`a listener of '${name}'`, error)),
    )
  }
  return listeners.length > 0
}

/** Calls `act`; what it throws, or rejects with, is passed to `onError`. */
export function callSafely(act: () => unknown, onError: (error: unknown) => void): void {
  try {
    const result = act()
    if (result instanceof Promise) result.catch(onError)
  } catch (error) {
    onError(error)
  }
}

/**
 * Asks a firewall. It has to answer at once: one that throws, or gives a promise, rejects.
 * @param onWarning told what is wrong with it
 */
export function isRejectedBy(firewall: () => unknown, onWarning: (message: string) => void): boolean {
  try {
    const answer = firewall()
    if (!(answer instanceof Promise)) return Boolean(answer)
    answer.catch(() => {})
    onWarning('the firewall failed: it gave a promise, not true or false')
  } catch (error) {
    onWarning(`the firewall failed: ${messageOf(error)}`)
  }
  return true
}

/** The error for a function of the program that has thrown: it names the function. */
export function faultOf(what: string, error: unknown): SwarmError {
  return new SwarmError('CALLBACK', `${what} failed: ${messageOf(error)}`, error)
}
