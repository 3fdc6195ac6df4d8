/**
 * Where bytes go: stdout, another descriptor, or a file.
 *
 * Files and devices are written at once, in place; pipes, sockets and terminals by the event loop,
 * so that a reader who takes his time stops nothing but the data.
 */
import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs'
import { Socket } from 'node:net'
import { WriteStream } from 'node:tty'
import { Interrupted, reasonOf, SwarmError, systemCode } from '../errors.ts'
import { type DescriptorKind, isHungUp, kindOf, privatePipe, syncToDisk, unlessHungUp } from './descriptor.ts'
import { checkGiven } from './given.ts'
import { watchReader } from './hangup.ts'

export interface Sink {
  readonly isTerminal: boolean
  /**
   * Writes a chunk, after the ones before it.
   * @param done called when the chunk is written and its memory may be reused; maybe before `write` returns
   */
  write(chunk: Buffer, done: () => void): void
  /** Called once: the reader went away (no error, it has all it wants), or writing failed. */
  onclose: ((error: SwarmError | undefined) => void) | undefined
  /** Resolves when all is written; frees what was opened. */
  close(): Promise<void>
}

/**
 * Returns the descriptor of stdout.
 * @throws SwarmError OUTPUT when it is not open for writing
 */
export function checkStdout(): number {
  try {
    return checkGiven(1, 'write')
  } catch (error) {
    throw outputError(error)
  }
}

/** @throws SwarmError OUTPUT when it is not open for writing; INTERRUPTED for a terminal that has hung up */
export function openStdout(): Sink {
  return openDescriptor(checkStdout())
}

/**
 * A descriptor that we were started with: stdout, or another one.
 * @throws SwarmError INTERRUPTED for a terminal that has hung up; the error of fstat, when it is not open
 */
export function openDescriptor(fd: number): Sink {
  return unlessHungUp(fd, () => {
    const kind = kindOf(fd)
    return sinkOf(kind === 'pipe' ? privatePipe(fd, 'write') : fd, kind)
  })
}

/**
 * What is there already and is no regular file: a device, a fifo.
 * @returns `undefined` for a fifo that nobody reads yet
 * @throws SwarmError INTERRUPTED for a terminal that has hung up; the error of open
 */
export function openSpecial(path: string): Sink | undefined {
  try {
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
    return unlessHungUp(fd, () => sinkOf(fd, kindOf(fd)))
  } catch (error) {
    if (systemCode(error) === 'ENXIO' && statSync(path).isFIFO()) return undefined
    throw error
  }
}

function sinkOf(fd: number, kind: DescriptorKind): Sink {
  return kind === 'file' || kind === 'directory' ? new FileSink(fd) : new StreamSink(fd, kind)
}

/** A file that is open for writing; `close` brings it to the disk. */
export class FileSink implements Sink {
  readonly isTerminal = false
  onclose: ((error: SwarmError | undefined) => void) | undefined
  readonly #fd: number
  #failed = false
  #closed = false

  constructor(fd: number) {
    this.#fd = fd
  }

  /**
   * A file that must not exist yet.
   * @param mode before the umask
   * @throws the error of open
   */
  static create(path: string, mode: number): FileSink {
    return new FileSink(openSync(path, 'wx', mode))
  }

  write(chunk: Buffer, done: () => void): void {
    try {
      // Nothing is written too: a device that is full, or a descriptor that is for reading, says so.
      let at = 0
      do at += writeSync(this.#fd, chunk, at)
      while (at < chunk.length && !this.#failed)
    } catch (error) {
      this.#failed = true
      this.onclose?.(outputError(error))
    }
    done()
  }

  async close(): Promise<void> {
    if (this.#fd <= 2 || this.#closed) return
    this.#closed = true
    try {
      if (!this.#failed && fstatSync(this.#fd).isFile()) syncToDisk(this.#fd)
    } finally {
      closeSync(this.#fd)
    }
  }

  /** Closes it; whether it reaches the disk does not matter any more. */
  abandon(): void {
    this.#failed = true
    void this.close()
  }
}

class StreamSink implements Sink {
  readonly isTerminal: boolean
  onclose: ((error: SwarmError | undefined) => void) | undefined
  readonly #socket: Socket
  readonly #unwatch: () => void
  #pending = 0
  #closed = false
  #drained: (() => void) | undefined

  constructor(fd: number, kind: 'pipe' | 'socket' | 'terminal') {
    this.isTerminal = kind === 'terminal'
    this.#socket = this.isTerminal ? new WriteStream(fd) : openSocket(fd)
    this.#socket.on('error', (error) => {
      if (isHungUp(fd)) this.#close(new Interrupted('SIGHUP'))
      else this.#close(systemCode(error) === 'EPIPE' ? undefined : outputError(error))
    })
    this.#unwatch = kind === 'pipe' ? watchReader(fd, () => this.#close(undefined)) : () => {}
  }

  write(chunk: Buffer, done: () => void): void {
    // On a socket of datagrams, nothing would be a message.
    if (this.#closed || chunk.length === 0) return done()
    this.#pending += 1
    this.#socket.write(chunk, () => {
      this.#pending -= 1
      done()
      if (this.#pending === 0) this.#drained?.()
    })
  }

  async close(): Promise<void> {
    this.#unwatch()
    if (this.#pending > 0 && !this.#closed) await new Promise<void>((resolve) => (this.#drained = resolve))
  }

  #close(error: SwarmError | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#unwatch()
    this.#drained?.()
    this.onclose?.(error)
  }
}

/** @throws SwarmError OUTPUT when it is no stream */
function openSocket(fd: number): Socket {
  try {
    return new Socket({ fd, readable: false, writable: true })
  } catch (error) {
    throw outputError(error)
  }
}

function outputError(error: unknown): SwarmError {
  return new SwarmError('OUTPUT', `cannot write the output: ${reasonOf(error)}`, error)
}
