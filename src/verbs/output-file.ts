/**
 * `recv -o FILE`: a file that appears when it is complete. What cannot be replaced (a descriptor, a device, a fifo, a
 * mounted file, a file in a directory that is closed to us) is written in place.
 */
import {
  accessSync,
  closeSync,
  constants,
  createReadStream,
  createWriteStream,
  fstatSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { pipeline } from 'node:stream/promises'
import { reasonOf, SwarmError, systemCode } from '../errors.ts'
import { syncToDisk } from '../io/descriptor.ts'
import { descriptorAt, followLinks, isMountPoint } from '../io/path.ts'
import { FileSink, openDescriptor, openSpecial, type Sink } from '../io/sink.ts'
import { randomBytes } from '../random.ts'
import { type Context, delay, until } from './context.ts'
import type { Outflow } from './intake.ts'

/** A name has 255 bytes at most; ours needs some of them. */
const NAME_BYTES = 200
const READER_MS = 50
/** Why a file cannot be made in a directory, or moved in it, where a file that is there may still be written. */
const CLOSED_TO_US = ['EACCES', 'EPERM', 'EROFS', 'EBUSY']

export interface OutputFile extends Outflow {
  onfail: ((error: SwarmError) => void) | undefined
  /** The stream broke off: removes what is there so far, or says that it is left. */
  discard(): void
}

/** Where streams go: all to one sink, or each to a file of its own. */
export interface Output {
  readonly sink?: Sink
  /** @throws SwarmError OUTPUT when the file cannot be made or opened */
  readonly newFile?: () => OutputFile
}

/**
 * Proves before anyone is met that the output can be written, and opens what is no file of its own: stdout, another
 * descriptor, a device, a fifo (once it has a reader).
 * @throws SwarmError OUTPUT, or the signal's reason
 */
export async function openOutput(context: Context, path: string): Promise<Output> {
  if (path === '-') return { sink: context.openStdout() }
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isDirectory()) throw new SwarmError('OUTPUT', `${path} is a directory`)
    const given = descriptorAt(path, 'write')
    if (given !== undefined) return { sink: openDescriptor(given) }
    if (stat === undefined || stat.isFile()) return { newFile: fileMaker(context, path, stat !== undefined) }
    for (;;) {
      const sink = openSpecial(path)
      if (sink !== undefined) return { sink }
      // Waited for in open(2), it would stop the signals too.
      await until(context.signal, delay(READER_MS))
    }
  } catch (error) {
    throw error instanceof SwarmError ? error : failure(path, error)
  }
}

/** @throws the error of making or writing the file */
function fileMaker(context: Context, path: string, isThere: boolean): () => OutputFile {
  // Only a directory could be there.
  if (path.endsWith('/')) accessSync(path)
  const target = followLinks(path)
  if (isThere) accessSync(target, constants.W_OK)
  if (isThere && !canReplace(target)) return () => naming(target, () => fileInPlace(context, target))
  if (!isThere) tryBeside(target)
  return () => naming(target, () => newFile(target))
}

/** @throws the error of making a file beside it, when that is not for lack of permission */
function canReplace(target: string): boolean {
  if (isMountPoint(target)) return false
  try {
    tryBeside(target)
    return true
  } catch (error) {
    if (CLOSED_TO_US.includes(systemCode(error))) return false
    throw error
  }
}

/** Makes a file as each stream will, and removes it: a disk that is full or read-only is noticed before it is needed. */
function tryBeside(target: string): void {
  const path = temporaryFor(target)
  const fd = openSync(path, 'wx', 0o600)
  try {
    writeSync(fd, '\n')
  } finally {
    closeSync(fd)
    rmSync(path, { force: true })
  }
}

function temporaryFor(target: string): string {
  const name = Buffer.from(basename(target)).subarray(0, NAME_BYTES).toString()
  return join(dirname(target), `.${name}.${randomBytes(6).toString('hex')}.lswarm`)
}

/** A file under a temporary name beside its place, moved there when it is complete. */
function newFile(target: string): OutputFile {
  const temporary = temporaryFor(target)
  // What it replaces may be private, or executable.
  const mode = statSync(target, { throwIfNoEntry: false })?.mode
  const sink = FileSink.create(temporary, mode === undefined ? 0o666 : mode & 0o777)
  const remove = () => rmSync(temporary, { force: true })
  process.on('exit', remove)
  return outputFile(target, sink, {
    begin: () => {},
    finish: async () => {
      await move(temporary, target)
      process.off('exit', remove)
    },
    discard: () => {
      remove()
      process.off('exit', remove)
    },
  })
}

/** Whether a file can be moved is known only when it is: one that may be written but not replaced gets a copy. */
async function move(from: string, to: string): Promise<void> {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!CLOSED_TO_US.includes(systemCode(error))) throw error
    await copy(from, to)
    rmSync(from, { force: true })
  }
}

/** Copies a file over another one, and brings it to the disk. */
async function copy(from: string, to: string): Promise<void> {
  const fd = openSync(to, 'w')
  try {
    await pipeline(createReadStream(from), createWriteStream(to, { fd, autoClose: false }))
    syncToDisk(fd)
  } finally {
    closeSync(fd)
  }
}

/** A file that is there already, and keeps what it holds until the first byte comes. */
function fileInPlace({ report }: Context, target: string): OutputFile {
  const fd = openSync(target, constants.O_WRONLY)
  let hasBegun = false
  return outputFile(target, new FileSink(fd), {
    begin: () => {
      if (!hasBegun) ftruncateSync(fd)
      hasBegun = true
    },
    finish: async () => {},
    discard: () => {
      if (!hasBegun) return
      const { size } = fstatSync(fd)
      report.warn(`${target} could only be written in place: it holds the first ${size} bytes, and no more`, {
        path: target,
        bytes: size,
      })
    },
  })
}

interface Steps {
  /** Before each write, and before the end of a stream without any. */
  begin(): void
  /** All of it is on the disk. */
  finish(): Promise<void>
  discard(): void
}

function outputFile(target: string, sink: FileSink, { begin, finish, discard }: Steps): OutputFile {
  const file: OutputFile = {
    onfail: undefined,
    write: (chunk, done) => {
      try {
        begin()
        sink.write(chunk, done)
      } catch (error) {
        file.onfail?.(failure(target, error))
        done()
      }
    },
    commit: async () => {
      try {
        begin()
        await sink.close()
        await finish()
      } catch (error) {
        throw failure(target, error)
      }
    },
    discard: () => {
      discard()
      sink.abandon()
    },
  }
  sink.onclose = (error) => file.onfail?.(error ?? failure(target, undefined))
  return file
}

/** @throws SwarmError OUTPUT in the place of an error of the system */
function naming<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw error instanceof SwarmError ? error : failure(path, error)
  }
}

function failure(path: string, error: unknown): SwarmError {
  return new SwarmError('OUTPUT', `cannot write ${path}: ${reasonOf(error)}`, error)
}
