/** Running commands: with execa, but for those that need no pipe to us, whose start is to cost little. */

import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import process from 'node:process'
import type { Readable, Writable } from 'node:stream'
import { execa } from 'execa'
import { systemCode } from '../errors.ts'
import type { CommandLine, Ending, Running, Stdio } from './command.ts'
import { stopGroup } from './process-group.ts'

export interface RunOptions {
  readonly stdin: Stdio
  readonly stdout: Stdio
  /** Added to our own environment. */
  readonly env: Readonly<Record<string, string>>
  /** Real pipes around the command: Node's are sockets, which cannot be opened as /dev/stdin. */
  readonly pipes?: boolean
}

/**
 * `cat | command | cat`, the command's own status on descriptor 3: the pipeline waits for its first
 * cat, and that one waits for us.
 */
const PIPELINE = 'cat 3>&- | { "$@" 3>&-; echo $? >&3; } | cat 3>&-'

/** Nothing of execa's own: no buffering, no clean-up; and a group of its own, so that what it starts ends with it. */
const PLAIN = {
  detached: true,
  cleanup: false,
  reject: false,
  buffer: false,
  stripFinalNewline: false,
} as const

/**
 * Starts a command, in this very turn of the event loop: a socket in its stdio is then no longer
 * read by us. A command that cannot be started ends with 127 or 126, as in a shell.
 */
export function run({ file, args }: CommandLine, { stdin, stdout, env, pipes }: RunOptions): Running {
  if (pipes) return runInPipes({ file, args }, env)
  if (stdin !== 'pipe' && stdout !== 'pipe') return runWithoutPipes({ file, args }, stdin, stdout, env)
  const child = execa(file, args, { ...PLAIN, env, stdin, stdout, stderr: 'inherit' })
  return running(
    child.pid,
    child.stdin,
    child.stdout,
    child.then((result) => endingOf(file, result)),
  )
}

/** Our own environment, read once: to list it costs a tenth of a millisecond. */
let inherited: NodeJS.ProcessEnv | undefined

/**
 * Nothing here is for execa to do, neither streams nor buffers, and it takes two thirds again of the time
 * of Node's own `spawn` (2.8 and 2.1 ms for each `echo`, measured).
 */
function runWithoutPipes(
  { file, args }: CommandLine,
  stdin: Exclude<Stdio, 'pipe'>,
  stdout: Exclude<Stdio, 'pipe'>,
  env: RunOptions['env'],
): Running {
  inherited ??= { ...process.env }
  let pid: number | undefined
  const ended = new Promise<Ending>((resolve) => {
    const failed = (error: unknown) => resolve(endingOf(file, { code: systemCode(error) }))
    try {
      const child = spawn(file, args, {
        detached: true,
        env: { ...inherited, ...env },
        stdio: [stdin, stdout, 'inherit'],
      })
      pid = child.pid
      child.once('error', failed)
      child.once('exit', (exitCode, signal) =>
        resolve(endingOf(file, signal === null ? { exitCode: exitCode ?? 0 } : { signal })),
      )
    } catch (error) {
      failed(error)
    }
  })
  return running(pid, null, null, ended)
}

function runInPipes({ file, args }: CommandLine, env: RunOptions['env']): Running {
  const child = execa('sh', ['-c', PIPELINE, 'sh', file, ...args], {
    ...PLAIN,
    env,
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  })
  const exited = child.then((result) => endingOf(file, result))
  // The command's status comes before that of the pipes around it; or theirs, if it never comes.
  const ended = new Promise<Ending>((resolve) => {
    child.stdio[3].once('data', (status) => resolve({ status: Number(status) }))
    child.stdio[3].once('close', () => resolve(exited))
  })
  return running(child.pid, child.stdin, child.stdout, ended)
}

interface Result {
  readonly exitCode?: number
  readonly signal?: string
  readonly code?: string | undefined
}

function endingOf(file: string, { exitCode, signal, code }: Result): Ending {
  if (signal !== undefined) return { signal }
  if (exitCode !== undefined) return { status: exitCode }
  return { status: code === 'ENOENT' ? 127 : 126, reason: `${file}: cannot be started (${code})` }
}

function running(
  pid: number | undefined,
  stdin: Writable | null | undefined,
  stdout: Readable | null | undefined,
  ended: Promise<Ending>,
): Running {
  return {
    pid: pid ?? 0,
    stdin: stdin ?? null,
    stdout: stdout ?? null,
    ended,
    stop: (killAfterMs) => stopGroup(pid, killAfterMs),
  }
}

/** The exit status that a shell would give: 128+n for a signal. */
export function statusOfEnding(ending: Ending): number {
  if ('status' in ending) return ending.status
  const number = Object.entries(constants.signals).find(([name]) => name === ending.signal)?.[1]
  return 128 + (number ?? 0)
}
