/** A listening unix socket, and the connections that it accepts. */
import type { Server } from 'node:net'
import process from 'node:process'
import { limits } from '../../limits.ts'
import { type Connection, DuplexConnection } from '../../protocol/connection.ts'
import { BareSocket } from './bare-socket.ts'
import { type PipeBinding, pipeBinding, systemError } from './pipe-binding.ts'

export class Listener {
  /** Accepted connections beyond this are turned away at once: without descriptors nothing would say so. */
  maxConnections = Number.POSITIVE_INFINITY
  readonly #onconnection: (connection: Connection) => void
  readonly #ondrop: () => void
  #listening: { close(): void } | undefined
  #open = 0

  /**
   * @param onconnection gets each accepted connection, half-open allowed, nothing read yet
   * @param ondrop called when a connection was turned away
   */
  constructor(onconnection: (connection: Connection) => void, ondrop: () => void) {
    this.#onconnection = onconnection
    this.#ondrop = ondrop
  }

  /** Binds in this very turn; resolves when we can be dialled. Rejects with the error of bind or listen. */
  async listen(path: string): Promise<void> {
    const binding = pipeBinding()
    if (binding === undefined) await this.#listenByNet(path)
    else this.#listenBare(path, binding)
  }

  /** Stops listening; what was accepted stays. */
  close(): void {
    this.#listening?.close()
    this.#listening = undefined
  }

  #listenBare(path: string, binding: PipeBinding): void {
    const pipe = new binding.Pipe(binding.serverType)
    pipe.onconnection = (status, accepted) => {
      // For want of descriptors, perhaps: libuv has closed it.
      if (status < 0 || accepted === undefined) return
      if (this.#hasRoom()) this.#onconnection(new BareSocket(accepted, binding, () => this.#left()))
      else accepted.close()
    }
    const status = pipe.bind(path) || pipe.listen(limits.backlogConnections)
    if (status === 0) {
      this.#listening = pipe
      return
    }
    pipe.close()
    throw systemError(status, 'listen')
  }

  async #listenByNet(path: string): Promise<void> {
    const { createServer } = process.getBuiltinModule('node:net')
    const server: Server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      if (!this.#hasRoom()) return void socket.destroy()
      socket.once('close', () => this.#left())
      this.#onconnection(new DuplexConnection(socket, socket))
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).once('listening', () => {
        server.off('error', reject)
        resolve()
      })
      server.listen({ path, backlog: limits.backlogConnections })
    })
    // accept can fail for want of descriptors; the server lives on.
    server.on('error', () => {})
    this.#listening = server
  }

  #hasRoom(): boolean {
    if (this.#open >= this.maxConnections) {
      this.#ondrop()
      return false
    }
    this.#open += 1
    return true
  }

  #left(): void {
    this.#open -= 1
  }
}
