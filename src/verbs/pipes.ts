/** A connection and the pipes of a command, where the command cannot have the socket itself. */
import type { Duplex, Readable } from 'node:stream'
import type { Running } from '../io/command.ts'
import type { Connection } from '../protocol/connection.ts'
import { delay } from './context.ts'
import { pour } from './pour.ts'

/** What is on its way from a command that has ended: it comes without a pause, and is no more than pipes hold. */
const SILENCE_MS = 200
const PIPES_BYTES = 1_048_576

/**
 * Moves bytes both ways, each direction with its own backpressure and its own end.
 * @returns resolves when the command has ended, and what it wrote has been handed to the connection
 */
export function pump(connection: Connection, child: Running): Promise<void> {
  const { stream } = connection
  const { stdin, stdout } = child
  if (stdin !== null) {
    // A command that leaves its input unread is no fault; the rest of the input is read and forgotten.
    stdin.on('error', () => {})
    stream.on('end', () => stdin.end())
    stream.on('close', () => stdin.destroy())
    void child.ended.then(() => stdin.destroy())
    void pour(connection, (chunk, done) => {
      if (stdin.destroyed || stdin.writableEnded) done()
      else stdin.write(chunk, () => done())
    })
  }
  if (stdout === null) return child.ended.then(() => {})
  const closed = new Promise<void>((resolve) => stdout.once('close', resolve))
  stdout.pipe(stream)
  // As a socket would, it tells a command that writes to nobody.
  stream.on('close', () => stdout.destroy())
  return child.ended.then(() => (child.stdoutEnds ? closed : said(stdout, stream)))
}

/** What the command started may hold its pipe open, and write to it: that is not waited for. */
async function said(stdout: Readable, stream: Duplex): Promise<void> {
  let left = PIPES_BYTES
  let heard = true
  const hear = (chunk: Buffer) => {
    heard = true
    left -= chunk.length
  }
  const closed = new Promise((resolve) => stdout.on('data', hear).once('close', resolve))
  while (!stdout.closed && left > 0 && (heard || stream.writableNeedDrain)) {
    heard = false
    await Promise.race([closed, delay(SILENCE_MS)])
    // If this process was suspended, the timer comes first: what has come meanwhile is read in this turn.
    await new Promise(setImmediate)
  }
  stdout.destroy()
}
