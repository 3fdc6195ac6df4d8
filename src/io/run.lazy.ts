/** Running a command with real pipes around it, with execa. */

import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { execa } from 'execa'
import {
  type CommandLine,
  type Ending,
  endingOf,
  type Running,
  running,
  SHELL,
  unstarted,
} from './command.ts'

/** Random, so that no output of a command contains the mark by chance. */
const MARK_BYTES = 12

/**
 * `cat | command | cat`, the command's own status on descriptor 3: the pipeline waits for its first
 * cat, and that one waits for us. After the command's end the shell writes the mark, `$1`: the reply is whole when the
 * mark arrives, however slow the last cat is, and a process that the command left behind may hold the pipe open. `exec`
 * in a subshell runs the program of that name where the shell has a builtin of the same name, and `command -p` finds cat
 * whatever `$PATH` holds.
 */
const PIPELINE =
  'command -p cat 3>&- | { (shift; exec "$@" 3>&-); echo $? >&3; printf %s "$1"; } | command -p cat 3>&-'

/**
 * Starts a command whose stdin and stdout are pipes: Node's are sockets, which cannot be opened as /dev/stdin.
 * @param command as `forShell` gives it
 * @param env added to our own environment
 */
export function runInPipes({ file, args }: CommandLine, env: Readonly<Record<string, string>>): Running {
  const mark = randomBytes(MARK_BYTES).toString('hex')
  const child = execa(SHELL, ['-c', PIPELINE, 'sh', mark, file, ...args], {
    env,
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
    // A group of its own, so that what it starts ends with it.
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
  })
  // The command's status comes before that of the pipes around it, which end with 0 although it could not be started.
  const exited = child.then((result) =>
    result.exitCode === undefined ? endingOf(file, result) : unstarted('a shell cannot start it'),
  )
  const ended = new Promise<Ending>((resolve) => {
    child.stdio[3].once('data', (status) => resolve({ status: Number(status) }))
    child.stdio[3].once('close', () => resolve(exited))
  })
  const stdout = Readable.from(upTo(Buffer.from(mark), child.stdout), { objectMode: false })
  return running(child.pid, child.stdin, stdout, ended, true)
}

/** What comes before the mark, or all of it; a chunk waits while its end may be the beginning of the mark. */
async function* upTo(mark: Buffer, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk])
    const at = bytes.indexOf(mark)
    const end = at < 0 ? bytes.length - begun(mark, bytes) : at
    if (end > 0) yield bytes.subarray(0, end)
    if (at >= 0) return
    held = Buffer.from(bytes.subarray(end))
  }
  if (held.length > 0) yield held
}

/** How many of the last bytes are the beginning of the mark. */
function begun(mark: Buffer, bytes: Buffer): number {
  let length = Math.min(mark.length - 1, bytes.length)
  while (!bytes.subarray(bytes.length - length).equals(mark.subarray(0, length))) length -= 1
  return length
}
