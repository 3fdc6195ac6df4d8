/** A connected pipe as a Duplex: a `net.Socket` without what that has for TCP, time-outs, names and addresses. */
import { Duplex } from 'node:stream'
import { type Pipe, type PipeBinding, type Request, systemError } from './pipe-binding.ts'

/** libuv's: no more to read. */
const END = -4095

type Done = (error?: Error | null) => void

export class PipeStream extends Duplex {
  /** Under this name Node finds it, where a command gets the stream as its stdin or stdout. */
  readonly _handle: Pipe
  readonly #binding: PipeBinding

  constructor(pipe: Pipe, binding: PipeBinding) {
    super({ allowHalfOpen: true })
    this._handle = pipe
    this.#binding = binding
    pipe.reading = false
    pipe.onread = (data) => this.#take(data)
  }

  override _read(): void {
    const pipe = this._handle
    // A child process that gets the stream as its stdio stops our reading, and clears `reading`.
    if (pipe.reading) return
    pipe.reading = true
    this.#check(pipe.readStart(), 'read')
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    const request = new this.#binding.WriteRequest()
    request.buffer = chunk
    this.#await(request, this._handle.writeBuffer(request, chunk), done)
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    const request = new this.#binding.WriteRequest()
    const buffers = chunks.map(({ chunk }) => chunk)
    request.buffer = buffers
    this.#await(request, this._handle.writev(request, buffers, true), done)
  }

  override _final(done: Done): void {
    const request = new this.#binding.ShutdownRequest()
    request.oncomplete = () => done()
    // 1: there was nothing to wait for; below 0: the peer is gone, and reading tells.
    if (this._handle.shutdown(request) !== 0) done()
  }

  override _destroy(error: Error | null, done: Done): void {
    this._handle.close(() => done(error))
  }

  #await(request: Request, status: number, done: Done): void {
    if (status !== 0) return done(systemError(status, 'write'))
    if (!this.#binding.isWriting()) return done()
    request.oncomplete = (late) => done(late < 0 ? systemError(late, 'write') : null)
  }

  #take(data: ArrayBuffer | undefined): void {
    const { bytes, offset } = this.#binding.readState()
    if (bytes > 0 && data !== undefined) {
      if (this.push(Buffer.from(data, offset, bytes)) || this.destroyed) return
      this._handle.reading = false
      this._handle.readStop()
    } else if (bytes === END) {
      this.push(null)
      // An end that nobody asks for is told all the same.
      this.read(0)
    } else this.#check(bytes, 'read')
  }

  #check(status: number, call: string): void {
    if (status < 0) this.destroy(systemError(status, call))
  }
}
