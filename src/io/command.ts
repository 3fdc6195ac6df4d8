/** Commands: finding one before anybody is met, and running it in a process group of its own. */
import { accessSync, constants, statSync } from 'node:fs'
import { constants as os } from 'node:os'
import { delimiter } from 'node:path'
import type { Duplex, Readable, Writable } from 'node:stream'
import { denial, SwarmError } from '../errors.ts'
import { stopGroup } from './process-group.ts'

/** The shell that starts commands of others, whatever `$PATH` holds. */
export const SHELL = '/bin/sh'

/** A command and its arguments; never a line for a shell. */
export interface CommandLine {
  readonly file: string
  readonly args: readonly string[]
}

/** How a command ended; with a reason when it could not be started. */
export type Ending = { readonly status: number; readonly reason?: string } | { readonly signal: string }

/** The end of a command that was never started, for this reason: the status is that of a shell. */
export function unstarted(reason: string): Ending {
  return { status: 126, reason }
}

/** Where a descriptor of a command leads: our own, nowhere, a pipe to us, or this stream's socket itself. */
export type Stdio = 'inherit' | 'ignore' | 'pipe' | Duplex

/** What a command is started with; its stderr is ours. */
export interface RunOptions {
  readonly stdin: Stdio
  readonly stdout: Stdio
  /** Added to our own environment. */
  readonly env: Readonly<Record<string, string>>
}

export interface Running {
  readonly pid: number
  /** Our end of a `pipe`. */
  readonly stdin: Writable | null
  readonly stdout: Readable | null
  /** True if `stdout` ends with the command; otherwise a process that it started may hold `stdout` open. */
  readonly stdoutEnds: boolean
  /** Resolves when the command itself has ended; what it started may live on. Never rejects. */
  readonly ended: Promise<Ending>
  /** TERM to its process group, KILL after `killAfterMs`; resolves when no process of the group is left. */
  stop(killAfterMs: number): Promise<void>
}

/**
 * Finds a command as a shell would.
 * @param path the value of `$PATH`
 * @returns the path of its file
 * @throws SwarmError COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE
 */
export function findCommand(file: string, path: string): string {
  if (file.includes('\0')) throw new SwarmError('OPTION_INVALID', 'a command without NUL bytes')
  const places = file.includes('/')
    ? [file]
    : path.split(delimiter).map((directory) => `${directory || '.'}/${file}`)
  let there = false
  for (const place of places) {
    const is = kindAt(place)
    if (is === undefined) continue
    there = true
    if (is === 'file' && isExecutable(place)) return place
  }
  if (there) throw new SwarmError('COMMAND_NOT_EXECUTABLE', `${file}: cannot be run`)
  throw new SwarmError('COMMAND_NOT_FOUND', `${file}: command not found`)
}

/** A command as the `exec` of a shell can be given it: some shells take a name that begins with a dash for an option. */
export function forShell({ file, args }: CommandLine, path: string): CommandLine {
  if (!file.startsWith('-')) return { file, args }
  const place = findCommand(file, path)
  return { file: place.startsWith('/') ? place : `./${place}`, args }
}

/** `undefined` also where we may not look: a shell passes such a directory by. */
function kindAt(path: string): 'file' | 'other' | undefined {
  try {
    return statSync(path).isFile() ? 'file' : 'other'
  } catch {
    return undefined
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** As Node and execa tell of an end. */
interface Result {
  readonly exitCode?: number
  readonly signal?: string
  readonly code?: string | undefined
}

/** How a command ended that exited, was ended by a signal, or could not be started for want of `code`. */
export function endingOf(file: string, { exitCode, signal, code }: Result): Ending {
  if (signal !== undefined) return { signal }
  if (exitCode !== undefined) return { status: exitCode }
  const why = code === 'ERR_ACCESS_DENIED' ? denial('--allow-child-process') : code
  return { status: code === 'ENOENT' ? 127 : 126, reason: `${file}: cannot be started (${why})` }
}

/** What there is of a command that was started, `ended` by whoever starts it. */
export function running(
  pid: number | undefined,
  stdin: Writable | null | undefined,
  stdout: Readable | null | undefined,
  ended: Promise<Ending>,
  stdoutEnds = false,
): Running {
  return {
    pid: pid ?? 0,
    stdin: stdin ?? null,
    stdout: stdout ?? null,
    stdoutEnds,
    ended,
    stop: (killAfterMs) => stopGroup(pid, killAfterMs),
  }
}

/** The exit status that a shell would give: 128+n for a signal. */
export function statusOfEnding(ending: Ending): number {
  if ('status' in ending) return ending.status
  const number = Object.entries(os.signals).find(([name]) => name === ending.signal)?.[1]
  return 128 + (number ?? 0)
}

/** The error of a command that was not started, or did not end with 0; `undefined` for one that did. */
export function failureOf(file: string, ending: Ending): SwarmError | undefined {
  const status = statusOfEnding(ending)
  if (status === 0) return undefined
  const reason = 'status' in ending ? ending.reason : undefined
  return new SwarmError('COMMAND_FAILED', reason ?? `${file} ended with status ${status}`)
}
