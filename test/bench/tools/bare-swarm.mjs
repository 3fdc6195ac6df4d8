/**
 * The least with which processes meet in a directory: Node's own pipes, a hello each way, and a stream. It checks nothing,
 * keeps no order between those who dial each other, and forgets nobody: what a library takes beyond this is its own.
 */
import { EventEmitter } from 'node:events'
import { readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { Duplex } from 'node:stream'

const { Pipe, PipeConnectWrap, constants } = process.binding('pipe_wrap')
const { WriteWrap, streamBaseState, kReadBytesOrError, kArrayBufferOffset } = process.binding('stream_wrap')
/** Once, for who published while we looked, … */
const SECOND_LOOK_MS = 250
/** … and again and again. */
const RESCAN_MS = 2_000
const BACKLOG = 511
/** Of a hello, which is JSON without nested objects. */
const END = '}'.charCodeAt(0)

class PipeStream extends Duplex {
  constructor(pipe, before) {
    super({ allowHalfOpen: true })
    this._handle = pipe
    pipe.reading = false
    pipe.onread = (data) => this.push(taken(data) ?? null)
    if (before.length > 0) this.push(before)
  }

  _read() {
    if (!this._handle.reading) this._handle.readStart()
    this._handle.reading = true
  }

  _write(chunk, _encoding, done) {
    write(this._handle, chunk)
    done()
  }
}

export class BareSwarm extends EventEmitter {
  #directory
  #name = `${process.hrtime.bigint()}-${process.pid}`
  #dialled = new Set()
  #peers = new Map()
  #hello

  constructor({ basedir }) {
    super()
    this.#directory = basedir
  }

  join(topic) {
    const roles = { server: true, client: true, observer: false, reads: ['raw'], writes: ['raw'] }
    const self = {
      kind: 'link',
      peer: this.#name,
      name: this.#name,
      verb: 'swarm',
      topic,
      address: this.#name,
    }
    this.#hello = Buffer.from(JSON.stringify({ ...self, ...roles }))
    const server = new Pipe(constants.SERVER)
    server.onconnection = (_status, pipe) => {
      this.#hear(pipe, (rest) => {
        const stream = new PipeStream(pipe, rest)
        write(pipe, this.#hello)
        this.emit('connection', stream)
      })
    }
    server.bind(join(this.#directory, `.${this.#name}`))
    server.listen(BACKLOG)
    renameSync(join(this.#directory, `.${this.#name}`), join(this.#directory, this.#name))
    this.#look()
    setTimeout(() => this.#look(), SECOND_LOOK_MS)
    setInterval(() => this.#look(), RESCAN_MS)
  }

  /** Of two, the younger dials. */
  #look() {
    for (const name of readdirSync(this.#directory)) {
      if (name.startsWith('.') || name >= this.#name || this.#dialled.has(name)) continue
      this.#dialled.add(name)
      this.#dial(name)
    }
  }

  #dial(name) {
    const pipe = new Pipe(constants.SOCKET)
    const request = new PipeConnectWrap()
    request.oncomplete = (status) => {
      if (status < 0) return void this.#dialled.delete(name)
      write(pipe, this.#hello)
      this.#hear(pipe, (rest) => this.emit('connection', new PipeStream(pipe, rest)))
    }
    pipe.connect(request, join(this.#directory, name))
  }

  #hear(pipe, met) {
    pipe.onread = (data) => {
      const bytes = taken(data)
      pipe.readStop()
      const end = bytes.indexOf(END) + 1
      const hello = JSON.parse(bytes.toString('utf8', 0, end))
      this.#peers.set(hello.peer, hello)
      met(bytes.subarray(end))
    }
    pipe.readStart()
  }
}

function taken(data) {
  const bytes = streamBaseState[kReadBytesOrError]
  return bytes > 0 ? Buffer.from(data, streamBaseState[kArrayBufferOffset], bytes) : undefined
}

function write(pipe, bytes) {
  const request = new WriteWrap()
  request.buffer = bytes
  request.oncomplete = () => {}
  pipe.writeBuffer(request, bytes)
}
