/** Running a command with real pipes around it, with execa. */

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

/**
 * `cat | command | cat`, the command's own status on descriptor 3: the pipeline waits for its first
 * cat, and that one waits for us. `exec` in a subshell runs the program of that name where the shell has a builtin
 * of the same name, and `command -p` finds cat whatever `$PATH` holds.
 */
const PIPELINE = 'command -p cat 3>&- | { (exec "$@" 3>&-); echo $? >&3; } | command -p cat 3>&-'

/**
 * Starts a command whose stdin and stdout are pipes: Node's are sockets, which cannot be opened as /dev/stdin.
 * @param command as `forShell` gives it
 * @param env added to our own environment
 */
export function runInPipes({ file, args }: CommandLine, env: Readonly<Record<string, string>>): Running {
  const child = execa(SHELL, ['-c', PIPELINE, 'sh', file, ...args], {
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
  return running(child.pid, child.stdin, child.stdout, ended)
}
