/** Bytes that are kept until all of them are there: a few in memory, more in a file without a name. */
import { appendFile, close, openSync, read, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { now } from '../clock.ts'
import { systemCode } from '../errors.ts'
import { randomBytes } from '../random.ts'

const readAt = promisify(read)
const append = promisify(appendFile)
const READ_BYTES = 262_144
/** How long opening the file is retried while too many files are open, … */
const RETRY_MS = 10_000
/** … and the pause between two tries. */
const PAUSE_MS = 50

export class Scratch {
  readonly #directory: string
  readonly #memoryBytes: number
  #held: Buffer[] = []
  #bytes = 0
  #hasFile = false
  #fd: number | undefined
  #writing: Promise<void> = Promise.resolve()

  /** @param directory for the file, once there is more than `memoryBytes` */
  constructor(directory: string, memoryBytes: number) {
    this.#directory = directory
    this.#memoryBytes = memoryBytes
  }

  get hasFile(): boolean {
    return this.#hasFile
  }

  /**
   * Keeps a chunk, after the ones before it.
   * @returns `undefined` when it was copied; otherwise resolves when its memory may be reused, or rejects with the error of
   * the system
   */
  keep(chunk: Buffer): Promise<void> | undefined {
    if (!this.#hasFile && this.#bytes + chunk.length <= this.#memoryBytes) {
      this.#held.push(Buffer.from(chunk))
      this.#bytes += chunk.length
      return undefined
    }
    this.#hasFile = true
    this.#writing = this.#writing.then(() => this.#write(chunk))
    return this.#writing
  }

  /** All that was kept, in pieces; each is valid until the next one is asked for. */
  async *pieces(): AsyncGenerator<Buffer> {
    yield* this.#held
    const fd = this.#fd
    if (fd === undefined) return
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES)
    for (let at = 0; ; ) {
      const { bytesRead } = await readAt(fd, buffer, 0, buffer.length, at)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
      at += bytesRead
    }
  }

  /** Forgets all of it. */
  close(): void {
    this.#held = []
    const closeFile = () => {
      if (this.#fd !== undefined) close(this.#fd)
      this.#fd = undefined
    }
    this.#writing.then(closeFile, closeFile)
  }

  async #write(chunk: Buffer): Promise<void> {
    this.#fd ??= await this.#open()
    await append(this.#fd, chunk)
  }

  /**
   * Opens a file and removes its name at once: it is gone with this process, however that ends. While too many files are
   * open it retries: other replies close theirs.
   */
  async #open(): Promise<number> {
    const path = join(this.#directory, `lswarm-${randomBytes(16).toString('hex')}`)
    const deadline = now() + RETRY_MS
    for (;;) {
      try {
        const fd = openSync(path, 'wx+', 0o600)
        unlinkSync(path)
        return fd
      } catch (error) {
        if (!['EMFILE', 'ENFILE'].includes(systemCode(error)) || now() > deadline) throw error
        await delay(PAUSE_MS)
      }
    }
  }
}
