/**
 * A unix socket whose handshake is read and written on libuv's pipe; its stream is made when somebody asks for it. Who
 * dials and is turned away makes none.
 */
import { Duplex } from 'node:stream'
import {
  type Connection,
  DuplexConnection,
  endedEarly,
  Feed,
  type Reading,
} from '../../protocol/connection.ts'
import type { Pipe, PipeBinding } from './pipe-binding.ts'
import { PipeStream } from './pipe-stream.ts'

export class BareSocket implements Connection {
  readonly #pipe: Pipe
  readonly #binding: PipeBinding
  readonly #onclose: () => void
  #made: DuplexConnection | undefined
  /** What was read, and was not asked for. */
  #rest: Buffer | undefined
  #closed = false
  #onfail: () => void = () => {}

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

  parse<T>(reading: Reading<T>): Promise<T> {
    if (this.#made !== undefined) return this.#made.parse(reading)
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(endedEarly())
      const pipe = this.#pipe
      const feed = new Feed(reading)
      const settle = (act: () => void) => {
        this.#onfail = () => {}
        if (feed.rest.length > 0) this.#rest = feed.rest
        if (!this.#closed) pipe.readStop()
        act()
      }
      this.#onfail = () => settle(() => reject(endedEarly()))
      pipe.onread = (data) => {
        const { bytes, offset } = this.#binding.readState()
        if (bytes === 0) return
        if (bytes < 0 || data === undefined) return this.#onfail()
        try {
          const done = feed.push(Buffer.from(data, offset, bytes))
          if (done !== undefined) settle(() => resolve(done.value))
        } catch (error) {
          settle(() => reject(error))
        }
      }
      pipe.readStart()
    })
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
    this.#onfail()
  }

  #make(): DuplexConnection {
    if (this.#made !== undefined) return this.#made
    const stream = this.#closed
      ? new Duplex().destroy()
      : new PipeStream(this.#pipe, this.#binding, this.#rest)
    this.#made = new DuplexConnection(stream, stream)
    if (!this.#closed) stream.once('close', this.#onclose)
    return this.#made
  }
}

/**
 * Dials.
 * @returns `undefined` when that fails: `net.connect` can say why
 */
export function connectBare(path: string, binding: PipeBinding): Promise<BareSocket | undefined> {
  return new Promise((resolve) => {
    const pipe = new binding.Pipe(binding.socketType)
    const request = new binding.ConnectRequest()
    request.oncomplete = (status) => {
      if (status === 0) return resolve(new BareSocket(pipe, binding))
      pipe.close()
      resolve(undefined)
    }
    pipe.connect(request, path)
  })
}

/** Should it fail, reading tells. */
function write(pipe: Pipe, { WriteRequest }: PipeBinding, bytes: Buffer): void {
  const request = new WriteRequest()
  request.oncomplete = () => {}
  // The kernel may take it later.
  request.buffer = bytes
  pipe.writeBuffer(request, bytes)
}
