/** An encrypted connection as a Duplex of Node's: its bytes and nothing else, each direction with its end. */
import { Duplex } from 'node:stream'
import { SwarmError } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { NoiseStream } from './proving.ts'

/** The other side takes each piece as a whole, and allocates for it. */
const PIECE_BYTES = 65_536

export class NoiseDuplex extends Duplex {
  readonly #stream: NoiseStream
  readonly #closed: Promise<void>
  #heardEnd = false
  #saidEnd = false
  #drained: (() => void) | undefined

  constructor(stream: NoiseStream) {
    super({ allowHalfOpen: true })
    this.#stream = stream
    this.#closed = new Promise((resolve) => {
      stream.on('close', () => {
        resolve()
        // A clean end was heard before; what is read of it by then does not matter.
        if (!this.#heardEnd || !this.#saidEnd) this.destroy(cut())
      })
    })
    stream.on('error', (error) => this.destroy(cut(error)))
    stream.on('data', (chunk) => {
      if (!this.push(Buffer.from(chunk))) stream.pause()
    })
    stream.on('end', () => {
      this.#heardEnd = true
      this.push(null)
    })
    stream.on('drain', () => {
      const drained = this.#drained
      this.#drained = undefined
      drained?.()
    })
    stream.pause()
  }

  override _read(): void {
    this.#stream.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    let room = true
    for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
      // A copy: it may be encrypted after the caller has its memory back.
      room = this.#stream.write(Buffer.from(chunk.subarray(at, at + PIECE_BYTES)))
    }
    if (room) done()
    else this.#drained = done
  }

  /** The end is said when all before it has reached the other machine, and finished is it when that has, too. */
  override _final(done: (error?: Error) => void): void {
    const stream = this.#stream
    const { rawStream } = stream
    stream
      .flush()
      .then(async (hasArrived) => {
        if (!hasArrived) return done(cut())
        const said = new Promise((resolve) => rawStream.on('finish', () => resolve(undefined)))
        this.#saidEnd = true
        stream.end()
        await Promise.race([said.then(() => rawStream.flush?.()), this.#closed])
        done()
      })
      .catch(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const drained = this.#drained
    this.#drained = undefined
    drained?.()
    // Ended on both sides it closes by itself, when the other has heard of our end.
    const isClean = this.#heardEnd && this.#saidEnd && error === null
    if (!isClean) this.#stream.destroy()
    const timer = setTimeout(() => this.#stream.destroy(), limits.lingerMs)
    void this.#closed.then(() => {
      clearTimeout(timer)
      done(error)
    })
  }
}

function cut(cause?: unknown): SwarmError {
  return new SwarmError('INCOMPLETE', 'the connection was cut', cause)
}
