/** Waiting for a socket of Node's to connect. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { destroyedError } from '../../abort.ts'

/**
 * Resolves with the socket once it is connected.
 * @param event what tells so
 * @throws the error of the system; an Error after `timeoutMs`; SwarmError DESTROYED when `signal` aborts before
 */
export async function connected(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket> {
  const abort = () => socket.destroy(destroyedError())
  const timeOut = () => socket.destroy(new Error('no answer'))
  socket.setTimeout(timeoutMs, timeOut)
  signal.addEventListener('abort', abort)
  if (signal.aborted) abort()
  try {
    await once(socket, event)
    return socket
  } finally {
    socket.setTimeout(0).off('timeout', timeOut)
    signal.removeEventListener('abort', abort)
  }
}
