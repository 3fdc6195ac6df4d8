/**
 * A unix socket whose handshake is read and written on libuv's pipe; its stream is made when somebody asks for it. Who
 * dials and is turned away makes none.
 */
import { Duplex } from 'node:stream'
import {
  attempt,
  type Connection,
  DuplexConnection,
  endedEarly,
  type Reading,
} from '../../protocol/connection.ts'
import { type Pipe, type PipeBinding, systemError } from './pipe-binding.ts'
import { PipeStream } from './pipe-stream.ts'

export class BareSocket implements Connection {
  readonly #pipe: Pipe
  readonly #binding: PipeBinding
  readonly #onclose: () => void
  #made: DuplexConnection | undefined
  /** What was read, and was not asked for. */
  #rest: Buffer | undefined
  #closed = false
  /** Gets what is read while somebody parses; nothing when that is the end. */
  #hear: ((chunk?: Buffer) => void) | undefined

  /** @param onclose called once its descriptor is given back */
  constructor(pipe: Pipe, binding: PipeBinding, onclose: () => void = () => {}) {
    this.#pipe = pipe
    this.#binding = binding
    this.#onclose = onclose
  }

  get stream(): Duplex {
    return this.#make().stream
  }

  get socket(): Duplex {
    return this.#make().stream
  }

  get destroyed(): boolean {
    return this.#made?.destroyed ?? this.#closed
  }

  say(word: Buffer): void {
    if (this.#made !== undefined) return this.#made.say(word)
    if (!this.#closed) write(this.#pipe, this.#binding, word)
  }

  parse<T>(reading: Reading<T>, done: (said: T | Error) => void): void {
    if (this.#made !== undefined) return this.#made.parse(reading, done)
    if (this.#closed) return done(endedEarly())
    let bytes: Buffer | undefined
    this.#hear = (chunk) => {
      if (chunk !== undefined) bytes = bytes === undefined ? chunk : Buffer.concat([bytes, chunk])
      const said = chunk === undefined || bytes === undefined ? endedEarly() : attempt(reading, bytes)
      if (typeof said === 'number') return
      this.#hear = undefined
      if (!this.#closed) this.#pipe.readStop()
      if (said instanceof Error) return done(said)
      if (bytes !== undefined && said.bytes < bytes.length) this.#rest = bytes.subarray(said.bytes)
      done(said.value)
    }
    this.#pipe.onread = (data) => this.#take(data)
    this.#pipe.readStart()
  }

  pour(sink: (chunk: Buffer) => boolean): void {
    this.#make().pour(sink)
  }

  resume(): void {
    this.#make().resume()
  }

  destroy(): void {
    if (this.#made !== undefined) return this.#made.destroy()
    if (this.#closed) return
    this.#closed = true
    this.#pipe.close()
    this.#onclose()
    this.#hear?.()
  }

  #take(data: ArrayBuffer | undefined): void {
    const { bytes, offset } = this.#binding.readState()
    if (bytes === 0) return
    if (bytes < 0 || data === undefined) this.#hear?.()
    else this.#hear?.(Buffer.from(data, offset, bytes))
  }

  #make(): DuplexConnection {
    if (this.#made !== undefined) return this.#made
    const stream = this.#closed
      ? new Duplex().destroy()
      : new PipeStream(this.#pipe, this.#binding, this.#rest)
    this.#made = new DuplexConnection(stream, stream)
    if (!this.#closed) stream.on('close', this.#onclose)
    return this.#made
  }
}

/** Dials; rejects with the error of the system. */
export function connectBare(path: string, binding: PipeBinding): Promise<Connection> {
  return new Promise((resolve, reject) => {
    const pipe = new binding.Pipe(binding.socketType)
    const request = new binding.ConnectRequest()
    request.oncomplete = (status) => {
      if (status === 0) return resolve(new BareSocket(pipe, binding))
      pipe.close()
      reject(systemError(status, 'connect'))
    }
    const status = pipe.connect(request, path)
    // Newer ones say some errors at once.
    if (typeof status === 'number' && status < 0) request.oncomplete(status)
  })
}

/** Should it fail, reading tells. */
function write(pipe: Pipe, { WriteRequest }: PipeBinding, bytes: Buffer): void {
  const request = new WriteRequest()
  request.oncomplete = nothing
  // The kernel may take it later.
  request.buffer = bytes
  pipe.writeBuffer(request, bytes)
}

function nothing(): void {}
