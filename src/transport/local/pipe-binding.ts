/**
 * The pipes of libuv that `node:net` makes its unix sockets of. `process.binding` is the only way to
 * them: documented as deprecated, and there in Node 20 to 26. Only `unix-stream.ts` and the stream over them use this file.
 */
import process from 'node:process'

/** One end of a connection. */
export interface Pipe {
  /** Called with what was read, or with the end: `readState` tells. */
  onread: (data?: ArrayBuffer) => void
  /** Whether somebody has started to read; kept by whoever does. */
  reading: boolean
  readStart(): number
  readStop(): number
  /** Calls `oncomplete` if `isWriting` then; as `writev` does. @returns below 0 an error */
  writeBuffer(request: Request, bytes: Uint8Array): number
  writev(request: Request, all: Uint8Array[], areBuffers: true): number
  /** Ends our direction after what is being written. @returns 0 if `oncomplete` tells when */
  shutdown(request: Request): number
  connect(request: Request, path: string): unknown
  /** @returns below 0 an error, as `listen` does */
  bind(path: string): number
  listen(backlog: number): number
  /** Called with each connection that is accepted, or with an error below 0. */
  onconnection: (status: number, pipe?: Pipe) => void
  close(done?: () => void): void
}

/** Something under way. */
export interface Request {
  oncomplete: (status: number) => void
  /** Keeps what is being written. */
  buffer?: Uint8Array | readonly Uint8Array[]
}

export interface PipeBinding {
  /** @param type `socketType` for one that connects, `serverType` for one that listens */
  readonly Pipe: new (
    type: number,
  ) => Pipe
  readonly ConnectRequest: new () => Request
  readonly WriteRequest: new () => Request
  readonly ShutdownRequest: new () => Request
  readonly socketType: number
  readonly serverType: number
  /** Of the `onread` that is running: how many bytes (the end and errors are below 0), and from where. */
  readonly readState: () => { readonly bytes: number; readonly offset: number }
  /** The last write is still under way. */
  readonly isWriting: () => boolean
}

let known: PipeBinding | undefined
let isAsked = false

/** @returns `undefined` where Node has none, or other ones */
export function pipeBinding(): PipeBinding | undefined {
  if (!isAsked) known = find()
  isAsked = true
  return known
}

function find(): PipeBinding | undefined {
  // A program that throws on deprecated parts of Node uses none of them.
  if (process.platform === 'win32' || Reflect.get(process, 'throwDeprecation') === true) return undefined
  try {
    const binding: unknown = Reflect.get(process, 'binding')
    if (typeof binding !== 'function') return undefined
    const pipes: unknown = Reflect.apply(binding, process, ['pipe_wrap'])
    const streams: unknown = Reflect.apply(binding, process, ['stream_wrap'])
    if (!arePipes(pipes) || !areStreams(streams)) return undefined
    const { streamBaseState: state, kReadBytesOrError, kArrayBufferOffset, kLastWriteWasAsync } = streams
    return {
      Pipe: pipes.Pipe,
      ConnectRequest: pipes.PipeConnectWrap,
      WriteRequest: streams.WriteWrap,
      ShutdownRequest: streams.ShutdownWrap,
      socketType: pipes.constants.SOCKET,
      serverType: pipes.constants.SERVER,
      readState: () => ({ bytes: state[kReadBytesOrError] ?? 0, offset: state[kArrayBufferOffset] ?? 0 }),
      isWriting: () => state[kLastWriteWasAsync] !== 0,
    }
  } catch {
    return undefined
  }
}

interface Pipes {
  readonly Pipe: PipeBinding['Pipe']
  readonly PipeConnectWrap: PipeBinding['ConnectRequest']
  readonly constants: { readonly SOCKET: number; readonly SERVER: number }
}

interface Streams {
  readonly WriteWrap: PipeBinding['WriteRequest']
  readonly ShutdownWrap: PipeBinding['ShutdownRequest']
  readonly streamBaseState: Int32Array
  readonly kReadBytesOrError: number
  readonly kArrayBufferOffset: number
  readonly kLastWriteWasAsync: number
}

const METHODS = [
  'readStart',
  'readStop',
  'writeBuffer',
  'writev',
  'shutdown',
  'connect',
  'bind',
  'listen',
  'close',
]

function arePipes(pipes: unknown): pipes is Pipes {
  if (!isObject(pipes) || !isObject(pipes.constants) || typeof pipes.Pipe !== 'function') return false
  const { Pipe, PipeConnectWrap, constants } = pipes
  const methods: unknown = Reflect.get(Pipe, 'prototype')
  if (!isObject(methods) || !METHODS.every((name) => typeof methods[name] === 'function')) return false
  const { SOCKET, SERVER } = constants
  return typeof PipeConnectWrap === 'function' && typeof SOCKET === 'number' && typeof SERVER === 'number'
}

function areStreams(streams: unknown): streams is Streams {
  return (
    isObject(streams) &&
    typeof streams.WriteWrap === 'function' &&
    typeof streams.ShutdownWrap === 'function' &&
    streams.streamBaseState instanceof Int32Array &&
    typeof streams.kReadBytesOrError === 'number' &&
    typeof streams.kArrayBufferOffset === 'number' &&
    typeof streams.kLastWriteWasAsync === 'number'
  )
}

/** What an error number of libuv's means. Words are loaded when they are needed: no start pays for them. */
export function systemError(status: number, call: string): Error {
  const code = process.getBuiltinModule('node:util').getSystemErrorName(status)
  return Object.assign(new Error(`${call} ${code}`), { code, errno: status, syscall: call })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
