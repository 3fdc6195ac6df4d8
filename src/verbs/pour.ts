/** What comes on a connection, passed on at the pace of who takes it. */
import type { Connection } from '../protocol/connection.ts'

/**
 * Passes each chunk to `write`, and reads on when `write` calls `done`: then the chunk's memory may be reused.
 * @returns resolves when no more will come and all that came is written; `readableEnded` of the stream then tells whether the
 * other side said the end, or the connection broke off
 */
export function pour(
  connection: Connection,
  write: (chunk: Buffer, done: () => void) => void,
): Promise<void> {
  const { stream } = connection
  return new Promise((resolve) => {
    let writing = 0
    const settle = () => {
      if (writing === 0 && (stream.readableEnded || stream.destroyed)) resolve()
    }
    stream.on('end', settle).on('close', settle)
    connection.pour((chunk) => {
      writing += 1
      let isInside = true
      write(chunk, () => {
        writing -= 1
        if (!isInside) connection.resume()
        settle()
      })
      isInside = false
      return writing === 0
    })
    settle()
  })
}
