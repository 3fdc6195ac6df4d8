/** Waiting for a socket of Node's to connect. */
import type { Socket } from 'node:net'
import { destroyedError } from '../../abort.ts'

/**
 * Resolves with the socket once it is connected.
 * @param event what tells so
 * @throws the error of the system; an Error after `timeoutMs`; SwarmError DESTROYED when `signal` aborts before
 */
export function connected(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const abort = () => socket.destroy(destroyedError())
    const timeOut = () => socket.destroy(new Error('no answer'))
    const settle = () => {
      signal.removeEventListener('abort', abort)
      socket.setTimeout(0).off('timeout', timeOut).off('error', fail).off(event, done)
    }
    const fail = (error: Error) => {
      settle()
      reject(error)
    }
    const done = () => {
      settle()
      resolve(socket)
    }
    socket.setTimeout(timeoutMs).on('timeout', timeOut).on('error', fail).on(event, done)
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
  })
}
