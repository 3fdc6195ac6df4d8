/** Proving the topic key over an encrypted connection, before any other byte. */
import { limits } from '../../limits.ts'
import { type Handshake, isProved, ownProof } from '../../protocol/proof.ts'

/** What we need of an encrypted connection (@hyperswarm/secret-stream). Each write arrives as one chunk. */
export interface NoiseStream extends Handshake {
  readonly destroyed: boolean
  readonly rawStream: RawStream
  write(chunk: Uint8Array): boolean
  on(event: 'data', listener: (chunk: Uint8Array) => void): this
  on(event: 'close' | 'end' | 'drain', listener: () => void): this
  on(event: 'error', listener: (error: Error) => void): this
  off(event: 'data', listener: (chunk: Uint8Array) => void): this
  off(event: 'close', listener: () => void): this
  pause(): unknown
  resume(): unknown
  destroy(): unknown
  end(): unknown
  /** Resolves when all that was written has reached the other end; false when it never will. */
  flush(): Promise<boolean>
}

/** What carries it: all of it, before it is known whether any of it is true. */
interface RawStream {
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  on(event: 'finish', listener: () => void): unknown
  off(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  /** Resolves when all that was written has been acknowledged; where that is known. */
  flush?(): Promise<boolean>
}

/**
 * Shows our proof and reads the other side's. Afterwards the stream is paused, and not one chunk more
 * has been read.
 *
 * @returns whether both are right; if not, the stream is destroyed, and the other side is told nothing
 */
export function prove(
  stream: NoiseStream,
  auth: Buffer,
  deadlineMs: number = limits.helloMs,
): Promise<boolean> {
  if (stream.destroyed) return Promise.resolve(false)
  return new Promise((resolve) => {
    const settle = (proved: boolean) => {
      clearTimeout(timer)
      stream.off('data', check).off('close', fail)
      stream.rawStream.off('data', measure)
      if (!proved) stream.destroy()
      resolve(proved)
    }
    const fail = () => settle(false)
    const check = (chunk: Uint8Array) => {
      stream.pause()
      if (!isProved(auth, stream, chunk)) return fail()
      if (!stream.isInitiator) stream.write(ownProof(auth, stream))
      settle(true)
    }
    let bytes = 0
    const measure = (chunk: Uint8Array) => {
      bytes += chunk.length
      if (bytes > limits.unprovenBytes) fail()
    }
    // An absolute deadline: an idle one is evaded byte by byte.
    const timer = setTimeout(fail, deadlineMs)
    stream.rawStream.on('data', measure)
    stream.on('close', fail).on('data', check)
    if (stream.isInitiator) stream.write(ownProof(auth, stream))
  })
}
