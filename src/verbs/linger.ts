/** Closing a connection whose command has ended, so that the other side gets the whole reply. */
import type { Connection } from '../protocol/connection.ts'
import type { Link } from '../protocol/link.ts'

/** A handle of Node whose descriptor's blocking mode can be set. */
interface Blocking {
  setBlocking(blocking: boolean): number
}

/**
 * Ends our direction and drains the other, until the peer has ended too or is gone. Resolves when our direction has ended:
 * on this machine the kernel then has all of it, and what becomes of this process takes nothing from it.
 *
 * A close with unread input becomes a reset: the peer's next write fails, and Node then throws away
 * what it has not read yet (measured: 40 of 40 replies cut with a slow reader, none with this).
 *
 * @param unreadBytes who says more than this is told that nobody reads
 */
export function linger(
  connection: Connection,
  link: Link,
  unreadBytes = Number.POSITIVE_INFINITY,
): Promise<void> {
  const { stream, socket } = connection
  if (stream.destroyed) return Promise.resolve()
  // The command made the descriptor that we share blocking; our own reads must not be. Node has no public word for it.
  const handle: unknown = socket !== undefined && '_handle' in socket ? socket._handle : undefined
  if (isBlocking(handle)) handle.setBlocking(false)
  const gone = () => stream.destroy()
  link.once('close', gone)
  stream.once('close', () => link.off('close', gone))
  const done = () => {
    if (stream.readableEnded && stream.writableFinished) gone()
  }
  stream.once('end', done).once('finish', done)
  const ended = new Promise<void>((resolve) => {
    if (stream.writableFinished) resolve()
    else stream.once('finish', resolve).once('close', resolve)
  })
  let left = unreadBytes
  connection.pour((chunk) => {
    left -= chunk.length
    if (left < 0) gone()
    return true
  })
  stream.end()
  if (link.closed) gone()
  else done()
  return ended
}

function isBlocking(handle: unknown): handle is Blocking {
  return typeof handle === 'object' && handle !== null && 'setBlocking' in handle
}
