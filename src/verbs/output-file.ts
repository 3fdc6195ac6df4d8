/** `recv -o FILE`: a file that appears when it is complete, or what is there already and is no file. */
import { accessSync, constants, realpathSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import process from 'node:process'
import { reasonOf, SwarmError } from '../errors.ts'
import { FileSink, openSpecial, type Sink } from '../io/sink.ts'
import { randomBytes } from '../random.ts'
import { type Context, delay, until } from './context.ts'
import type { Outflow } from './intake.ts'

const STDOUT = ['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1']
/** A name has 255 bytes at most; ours needs some of them. */
const NAME_BYTES = 200
const READER_MS = 50

/**
 * Proves before anyone is met that the output can be written, and opens what is no file of its own:
 * stdout, a device, a fifo (once it has a reader).
 * @returns `undefined` for a file that each stream has to make
 * @throws SwarmError OUTPUT, or the signal's reason
 */
export async function openOutput(context: Context, path: string): Promise<Sink | undefined> {
  if (STDOUT.includes(path)) return context.openStdout({ mustBeOpen: true })
  try {
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isDirectory()) throw new SwarmError('OUTPUT', `${path} is a directory`)
    if (stat === undefined || stat.isFile()) {
      accessSync(path.endsWith('/') ? path : dirname(targetOf(path)), constants.W_OK)
      return undefined
    }
    for (;;) {
      const sink = openSpecial(path)
      if (sink !== undefined) return sink
      // Waited for in open(2), it would stop the signals too.
      await until(context.signal, delay(READER_MS))
    }
  } catch (error) {
    throw error instanceof SwarmError ? error : failure(path, error)
  }
}

/** A file under a temporary name beside its place, moved there when it is complete. */
export class OutputFile implements Outflow {
  onfail: ((error: SwarmError) => void) | undefined
  readonly #target: string
  readonly #temporary: string
  readonly #sink: FileSink
  readonly #remove = () => rmSync(this.#temporary, { force: true })

  /** @throws SwarmError OUTPUT when it cannot be created */
  constructor(path: string) {
    this.#target = targetOf(path)
    const name = Buffer.from(basename(this.#target)).subarray(0, NAME_BYTES).toString()
    this.#temporary = join(dirname(this.#target), `.${name}.${randomBytes(6).toString('hex')}.lswarm`)
    try {
      // What it replaces may be private, or executable.
      const mode = statSync(this.#target, { throwIfNoEntry: false })?.mode
      this.#sink = FileSink.create(this.#temporary, mode === undefined ? 0o666 : mode & 0o777)
    } catch (error) {
      throw failure(path, error)
    }
    process.on('exit', this.#remove)
    this.#sink.onclose = (error) => this.onfail?.(error ?? failure(path, undefined))
  }

  write(chunk: Buffer, done: () => void): void {
    this.#sink.write(chunk, done)
  }

  async commit(): Promise<void> {
    try {
      await this.#sink.close()
      renameSync(this.#temporary, this.#target)
    } catch (error) {
      throw failure(this.#target, error)
    }
    process.off('exit', this.#remove)
  }

  /** Removes what is there so far. */
  discard(): void {
    this.#sink.abandon()
    this.#remove()
    process.off('exit', this.#remove)
  }
}

/** Through symbolic links: it is the file that is replaced, not the link to it. */
function targetOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function failure(path: string, error: unknown): SwarmError {
  return new SwarmError('OUTPUT', `cannot write ${path}: ${reasonOf(error)}`, error)
}
