/** A pipe that one command after another writes to, and how to know that nobody before them still does. */
import { closeSync, constants, fstatSync, openSync, readSync, unlinkSync } from 'node:fs'
import { Socket } from 'node:net'
import { systemCode } from '../errors.ts'

const READ_BYTES = 65_536
/** The most that a pipe holds, unless its owner is privileged. */
const PIPE_BYTES_MAX = 1_048_576
const READING = constants.O_RDONLY | constants.O_NONBLOCK
const WRITING = constants.O_WRONLY | constants.O_NONBLOCK

/** @returns false when no more is wanted until `resume` */
export type Hear = (chunk: Buffer) => boolean

export class ReplyPipe {
  /** Who opens it under `/proc` can write to it. */
  readonly fd: number
  readonly #socket: Socket
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES)
  /** Ours: as long as it is open the pipe has no end. */
  #writer: number | undefined
  #hear: Hear = () => true

  /**
   * Opens a fifo, and takes its name away: from here on it is found by descriptor alone.
   * @throws the error of the system
   */
  constructor(path: string) {
    this.fd = openSync(path, READING)
    try {
      this.#writer = openSync(path, WRITING)
      unlinkSync(path)
      if (!fstatSync(this.fd).isFIFO()) throw new Error('not a fifo')
    } catch (error) {
      if (this.#writer !== undefined) closeSync(this.#writer)
      closeSync(this.fd)
      throw error
    }
    this.#socket = new Socket({
      fd: this.fd,
      readable: true,
      writable: false,
      onread: {
        buffer: this.#buffer,
        callback: (bytes) => this.#hear(this.#buffer.subarray(0, bytes)),
      },
    })
    this.#socket.on('error', () => {})
    this.#socket.resume()
  }

  /** From here on `hear` gets what comes; a chunk is valid until it returns. */
  hearWith(hear: Hear): void {
    this.#hear = hear
    this.#socket.resume()
  }

  /** Goes on after `hear` returned false. */
  resume(): void {
    this.#socket.resume()
  }

  /**
   * Nobody hears what is said: who says something learns it when it writes again. Not before: it may be about to
   * open the pipe by our descriptor, which is to be this pipe until then.
   */
  deafen(): void {
    this.hearWith(() => {
      this.close()
      return false
    })
  }

  /**
   * The command that wrote to it has ended: hears the rest.
   * @returns false when somebody else can write to it, now or later, so that it must not be used again
   */
  drain(): boolean {
    if (this.#writer === undefined) return false
    closeSync(this.#writer)
    this.#writer = undefined
    try {
      for (let left = PIPE_BYTES_MAX; left > 0; ) {
        const bytes = readSync(this.fd, this.#buffer)
        if (bytes === 0) return this.#reopen()
        left -= bytes
        this.#hear(this.#buffer.subarray(0, bytes))
        // It may have closed the pipe.
        if (this.#socket.destroyed) return false
      }
    } catch (error) {
      if (systemCode(error) !== 'EAGAIN') throw error
    }
    return false
  }

  /** @returns false where it cannot be had again: no `/proc` any more, no descriptor to spare */
  #reopen(): boolean {
    try {
      this.#writer = openSync(`/proc/self/fd/${this.fd}`, WRITING)
      return true
    } catch {
      return false
    }
  }

  close(): void {
    this.#socket.destroy()
    if (this.#writer !== undefined) closeSync(this.#writer)
    this.#writer = undefined
  }
}
