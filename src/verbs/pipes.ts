/** A connection and the pipes of a command, where the command cannot have the socket itself. */
import type { Running } from '../io/command.ts'
import type { Connection } from '../protocol/connection.ts'

/** Moves bytes both ways, each direction with its own backpressure and its own end. */
export function pump(connection: Connection, child: Running): void {
  const { stream } = connection
  const { stdin, stdout } = child
  if (stdout !== null) stdout.pipe(stream)
  if (stdin === null) return
  // A command that leaves its input unread is no fault; the rest of the input is read and forgotten.
  stdin.on('error', () => {})
  stream.on('end', () => stdin.end())
  stream.on('close', () => stdin.destroy())
  void child.ended.then(() => stdin.destroy())
  connection.pour((chunk) => {
    if (stdin.destroyed || stdin.writableEnded) return true
    let inside = true
    let written = false
    stdin.write(chunk, () => {
      written = true
      if (!inside) connection.resume()
    })
    inside = false
    return written
  })
}
