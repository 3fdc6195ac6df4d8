/** Waiting that an AbortSignal ends. */
import { setMaxListeners } from 'node:events'
import { SwarmError } from './errors.ts'

/** A controller whose signal may end any number of waits: Node warns of more than ten. */
export function newController(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}

/** Never aborts. */
export const NEVER: AbortSignal = newController().signal

/** What every wait of a swarm, a topic or a transport rejects with once that is destroyed. */
export function destroyedError(what = 'the topic was left, or the swarm destroyed'): SwarmError {
  return new SwarmError('DESTROYED', what)
}

/**
 * Settles as `promise` does, unless `signal` aborts before.
 * @throws SwarmError DESTROYED when it does
 */
export function abortable<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(destroyedError())
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Resolves after `ms`, or as soon as `signal` aborts. It keeps the program alive unless told otherwise. */
export function pause(signal: AbortSignal, ms: number, { keepsAlive = true } = {}): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    if (!keepsAlive) timer.unref()
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}

/** Resolves when `promise` settles, after `ms`, or when `signal` aborts. */
export function within(signal: AbortSignal, ms: number, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms).unref()
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
    promise.then(done, done)
  })
}
