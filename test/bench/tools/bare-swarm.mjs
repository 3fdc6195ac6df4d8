/**
 * The least with which processes meet in a directory: sockets of node:net, and of each two the one that has the later name
 * dials. No hello, no second connection, nothing is checked: what a library takes beyond this is its own.
 */
import { EventEmitter } from 'node:events'
import { readdirSync, renameSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'

/** Once, for who was named earlier and published later, … */
const SECOND_LOOK_MS = 250
/** … and again and again. */
const RESCAN_MS = 2_000
const BACKLOG = 4_096

export class BareSwarm extends EventEmitter {
  #directory
  #name = `${process.hrtime.bigint()}`.padStart(20, '0')
  #dialled = new Set()

  constructor({ basedir }) {
    super()
    this.#directory = basedir
  }

  join() {
    const hidden = join(this.#directory, `.${this.#name}-${process.pid}`)
    const server = createServer({ allowHalfOpen: true }, (socket) => this.emit('connection', socket))
    server.listen({ path: hidden, backlog: BACKLOG }, () => {
      renameSync(hidden, join(this.#directory, `${this.#name}-${process.pid}`))
      this.#look()
      setTimeout(() => this.#look(), SECOND_LOOK_MS)
      setInterval(() => this.#look(), RESCAN_MS)
    })
  }

  #look() {
    for (const name of readdirSync(this.#directory)) {
      if (name.startsWith('.') || name >= this.#name || this.#dialled.has(name)) continue
      this.#dialled.add(name)
      const socket = connect({ path: join(this.#directory, name), allowHalfOpen: true })
      socket.on('error', () => this.#dialled.delete(name))
      socket.on('connect', () => this.emit('connection', socket))
    }
  }
}
