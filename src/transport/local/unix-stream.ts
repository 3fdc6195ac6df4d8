/**
 * Unix sockets as Duplexes, half-open allowed: dialled and accepted. Here alone is chosen what they are made of: pipes
 * of libuv where Node gives them, else sockets of `node:net`.
 *
 * Both measured in one run, on two processors: a fresh program that meets 100 peers takes 20 ms of processor time for
 * it on pipes, and 44 ms on `node:net` (0.2 ms more for each link, 6 ms to load it); `lswarm join` with 40 peers
 * there 111 and 134 ms in all.
 */
import { once } from 'node:events'
import process from 'node:process'
import type { Duplex } from 'node:stream'
import { limits } from '../../limits.ts'
import { type PipeBinding, pipeBinding, systemError } from './pipe-binding.ts'
import { PipeStream } from './pipe-stream.ts'

export interface ListenOptions {
  /** Connections at most; more are closed at once, since without descriptors nothing would tell. */
  readonly maxConnections: number
  /** Gets each accepted stream, nothing read yet. */
  readonly onStream: (stream: Duplex) => void
  /** Called when a connection was closed for want of descriptors. */
  readonly onDrop: () => void
}

/** Rejects with the error of the system. */
export function connect(path: string): Promise<Duplex> {
  const binding = pipeBinding()
  return binding === undefined ? connectByNet(path) : connectPipe(path, binding)
}

/**
 * Binds in this very turn, so that a umask can hold for it; resolves when the socket can be dialled. Rejects with the
 * error of bind or listen.
 * @returns what stops the listening; what was accepted stays
 */
export function listen(path: string, options: ListenOptions): Promise<() => void> {
  const binding = pipeBinding()
  return binding === undefined ? listenByNet(path, options) : listenOnPipe(path, options, binding)
}

async function connectByNet(path: string): Promise<Duplex> {
  const socket = process.getBuiltinModule('node:net').connect({ path, allowHalfOpen: true })
  await once(socket, 'connect')
  return socket
}

function connectPipe(path: string, binding: PipeBinding): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const pipe = new binding.Pipe(binding.socketType)
    const request = new binding.ConnectRequest()
    request.oncomplete = (status) => {
      if (status === 0) return resolve(new PipeStream(pipe, binding))
      pipe.close()
      reject(systemError(status, 'connect'))
    }
    const status = pipe.connect(request, path)
    // Newer ones say some errors at once.
    if (typeof status === 'number' && status < 0) request.oncomplete(status)
  })
}

function listenByNet(path: string, { maxConnections, onStream, onDrop }: ListenOptions): Promise<() => void> {
  const { createServer } = process.getBuiltinModule('node:net')
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, onStream)
  server.maxConnections = maxConnections
  return new Promise((resolve, reject) => {
    // accept can fail for want of descriptors later; the server lives on.
    server.on('drop', onDrop).on('error', reject)
    server.listen({ path, backlog: limits.backlogConnections }, () => resolve(() => void server.close()))
  })
}

async function listenOnPipe(path: string, options: ListenOptions, binding: PipeBinding): Promise<() => void> {
  const { maxConnections, onStream, onDrop } = options
  let open = 0
  const pipe = new binding.Pipe(binding.serverType)
  pipe.onconnection = (status, accepted) => {
    // For want of descriptors, perhaps: libuv has closed it.
    if (status < 0 || accepted === undefined) return
    if (open >= maxConnections) {
      accepted.close()
      return onDrop()
    }
    open += 1
    const stream = new PipeStream(accepted, binding)
    stream.once('close', () => {
      open -= 1
    })
    onStream(stream)
  }
  const status = pipe.bind(path) || pipe.listen(limits.backlogConnections)
  if (status === 0) return () => pipe.close()
  pipe.close()
  throw systemError(status, 'listen')
}
