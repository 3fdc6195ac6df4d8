/**
 * The one error class of lswarm.
 *
 * Every failure that lswarm itself names is a `SwarmError` with a `code`; what the operating system
 * said is its `cause`. The library never prints and never exits: `cli/report.ts` alone turns codes
 * into words of advice and exit statuses.
 */

/** What went wrong, for programs. The exit status that each one becomes is in `cli/status.ts`. */
import { getSystemErrorMap } from 'node:util'

export type ErrorCode =
  /** A topic that is neither a string nor 32 bytes. */
  | 'TOPIC_INVALID'
  /** An option with a value that cannot be used. */
  | 'OPTION_INVALID'
  /** A topic key that is missing, mistyped, or open to others. */
  | 'KEY_INVALID'
  /** The runtime directory is not private, not ours, or cannot be made. */
  | 'RUNTIME_DIRECTORY'
  /** The directory of identities and known names is not private, not ours, or cannot be used. */
  | 'CONFIG'
  /** A socket path that the kernel would cut. */
  | 'PATH_TOO_LONG'
  /** The other side does not speak our protocol, or broke its rules. */
  | 'PROTOCOL'
  /** The other side speaks another version of it. */
  | 'VERSION'
  /** The other side, or our own firewall, said no. */
  | 'REFUSED'
  /** The other side has no room now; to be tried again. */
  | 'BUSY'
  /** The network cannot be used: packages are missing, or a port is taken. */
  | 'NETWORK'
  /** Nobody answers at that address. */
  | 'UNREACHABLE'
  /** A deadline passed. */
  | 'TIMEOUT'
  /** Nobody is there, and we were told not to wait. */
  | 'NOBODY'
  /** A stream broke off, or was not confirmed by all. */
  | 'INCOMPLETE'
  /** Content that does not match its digest. */
  | 'DIGEST'
  /** Our own input cannot be read. */
  | 'INPUT'
  /** A command that does not exist, … */
  | 'COMMAND_NOT_FOUND'
  /** … or cannot be run. */
  | 'COMMAND_NOT_EXECUTABLE'
  /** A command that failed, where its status is not ours to pass on. */
  | 'COMMAND_FAILED'
  /** Our own output cannot be written. */
  | 'OUTPUT'
  /** Ended by somebody who looked on (`top`). */
  | 'CUT'
  /** Ended by a signal. */
  | 'INTERRUPTED'
  /** A listener or another function that the program gave has thrown. */
  | 'CALLBACK'
  /** The swarm, or this part of it, was destroyed. */
  | 'DESTROYED'

export class SwarmError extends Error {
  override readonly name = 'SwarmError'
  readonly code: ErrorCode

  /**
   * @param code what went wrong, for programs
   * @param message one line for people: lower case, no full stop, no newline
   * @param cause the error of the system below, where there is one
   */
  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** The `code` of a system error (`ENOENT`, `EPIPE`, …), or `''` for anything else. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** An error's message in one line, whatever was thrown. */
export function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? ''
}

/** Why something failed, in the words of the system where it says so (`no such file or directory`), else the message. */
export function reasonOf(error: unknown): string {
  const code = systemCode(error)
  // Node's own code: it can make no stream of this descriptor.
  if (code === 'ERR_INVALID_FD_TYPE') return 'it is a socket of datagrams, not of a stream'
  if (code === 'ERR_ACCESS_DENIED' || code === 'ERR_DLOPEN_DISABLED') return denialOf(error)
  const [, text] = [...getSystemErrorMap().values()].find(([name]) => name === code) ?? []
  return text ?? (code || messageOf(error))
}

/** The option of Node that grants what its permission model denied, by the name that an error gives it. */
const GRANTS = new Map([
  ['FileSystemRead', '--allow-fs-read'],
  ['FileSystemWrite', '--allow-fs-write'],
  ['ChildProcess', '--allow-child-process'],
  ['Net', '--allow-net'],
])

/** Says that Node's permission model forbids something, and which option of Node allows it. */
export function denial(grant: string | undefined): string {
  return `Node's permission model forbids it${grant === undefined ? '' : `; allow it with: node ${grant}`}`
}

function denialOf(error: unknown): string {
  if (systemCode(error) === 'ERR_DLOPEN_DISABLED') return denial('--allow-addons')
  return denial(
    error instanceof Error && 'permission' in error ? GRANTS.get(String(error.permission)) : undefined,
  )
}

/** Signals that end the program in good order. */
export type EndingSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** Ended by a signal, or by what the signal would tell: a terminal that is gone is a SIGHUP that may still come. */
export class Interrupted extends SwarmError {
  readonly signal: EndingSignal

  constructor(signal: EndingSignal) {
    super('INTERRUPTED', `interrupted by ${signal}`)
    this.signal = signal
  }
}
