/**
 * Opening an input: stdin, a file, or what another process has lent.
 *
 * A pipe, a socket and a terminal are read by the event loop, so that waiting for them never keeps the
 * program from ending; a file by the thread pool.
 */
import { constants, openSync, statSync } from 'node:fs'
import { reasonOf, SwarmError } from '../errors.ts'
import { kindOf, privatePipe, unlessHungUp } from './descriptor.ts'
import { FileSource } from './file-source.ts'
import { checkGiven } from './given.ts'
import { borrow, type Loan } from './loan.ts'
import { descriptorAt } from './path.ts'
import { RangeSource } from './range-source.ts'
import type { Source, SourceOptions } from './source.ts'
import { SpoolSource } from './spool-source.ts'
import { StreamSource } from './stream-source.ts'

/**
 * Opens stdin (`-`), a file, or a descriptor by its name (`/dev/fd/N`).
 * @throws SwarmError INPUT when there is no such file, or it is a directory; INTERRUPTED for a terminal that has hung up
 */
export function openSource(path: string, options: SourceOptions): Source {
  try {
    const given = path === '-' ? checkStdin() : descriptorAt(path, 'read')
    const fd = given ?? openFile(path)
    return unlessHungUp(fd, () => sourceOf(fd, path, given !== undefined, options))
  } catch (error) {
    if (error instanceof SwarmError) throw error
    throw new SwarmError('INPUT', `cannot open ${nameOf(path)}: ${reasonOf(error)}`, error)
  }
}

function sourceOf(fd: number, path: string, isGiven: boolean, options: SourceOptions): Source {
  const kind = kindOf(fd)
  if (kind === 'directory') throw new SwarmError('INPUT', `${nameOf(path)} is a directory`)
  if (kind === 'file') return new FileSource(fd, options, nameOf(path), isGiven)
  return new StreamSource(isGiven && kind === 'pipe' ? privatePipe(fd, 'read') : fd, kind, options)
}

/**
 * Returns the descriptor of stdin.
 * @throws SwarmError INPUT when it is not open for reading
 */
export function checkStdin(): number {
  try {
    return checkGiven(0, 'read')
  } catch (error) {
    throw new SwarmError('INPUT', `cannot read the input: ${reasonOf(error)}`, error)
  }
}

/** A fifo whose writer is still to come would stop us in open(2), and the signals too. */
function openFile(path: string): number {
  return openSync(path, statSync(path).isFIFO() ? constants.O_RDONLY | constants.O_NONBLOCK : 'r')
}

function nameOf(path: string): string {
  return path === '-' ? 'the standard input' : path
}

/** Of a loan: few and large for a file; a pipe holds no more than 64 KiB. */
const FILE_BUFFERS = { bufferBytes: 1_048_576, buffers: 4 }
const PIPE_BUFFERS = { bufferBytes: 65_536, buffers: 6 }

/** @returns `undefined` when what was lent is there no longer */
export function openLoan(loan: Loan): Source | undefined {
  const fd = borrow(loan)
  if (fd === undefined) return undefined
  const { at, size, modified } = loan
  if (size === undefined) return new StreamSource(fd, 'pipe', PIPE_BUFFERS)
  const state = modified === undefined ? undefined : { size: at + size, modified }
  return new RangeSource(fd, FILE_BUFFERS, { at, size, state })
}

/** Of a spool: as much as stays near the processor. */
const SPOOL_BUFFERS = { bufferBytes: 262_144, buffers: 4 }

/**
 * Opens a sender's spool.
 * @param onprogress called with what is read, once for each extent
 * @returns `undefined` when it is there no longer
 */
export function openSpool(
  loan: Loan,
  seat: number,
  onprogress: (bytes: number) => void,
): SpoolSource | undefined {
  const fd = loan.size === undefined ? undefined : borrow(loan)
  if (fd === undefined || loan.size === undefined) return undefined
  return new SpoolSource(fd, SPOOL_BUFFERS, { bytes: loan.size, seat }, onprogress)
}
