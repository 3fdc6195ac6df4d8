/**
 * What one worker says to one record, kept until all of it is here.
 *
 * It belongs to this attempt alone. An attempt whose worker is lost drops its reply: nothing of it has been printed, nobody
 * waits for it, and the record may go to another worker.
 */
import type { Duplex } from 'node:stream'
import { reasonOf, SwarmError } from '../errors.ts'
import { Scratch } from '../io/scratch.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import { pour } from './pour.ts'

export class Reply {
  /** Resolves when no more will come: it is all of the reply if the worker has told its status. */
  whole: Promise<void> = Promise.resolve()
  /** What has come; a long reply takes a descriptor as long as it is kept. */
  readonly kept: Scratch
  readonly #directory: string
  #dropped = false
  #stream: Duplex | undefined
  #break: (error: unknown) => void = () => {}
  /**
   * Rejects when not all of it can be had: SwarmError INCOMPLETE and others when its connection cannot be made or breaks off,
   * OUTPUT when there is no room for it.
   */
  readonly broken = new Promise<never>((_resolve, reject) => {
    this.#break = reject
  })

  /** @param directory for what is too long for memory */
  constructor(directory: string) {
    this.#directory = directory
    // The error reaches the caller that waits for the reply.
    this.broken.catch(() => {})
    this.kept = new Scratch(directory, limits.handedBytes)
  }

  /** Takes what came over the link: all of it, and short. */
  hold(bytes: Buffer): void {
    this.#keepWhole(this.#keep(bytes) ?? Promise.resolve())
  }

  /** Reads the reply from its connection, once that is made. */
  take(dialling: Promise<Connection>): void {
    this.#keepWhole(dialling.then((connection) => this.#read(connection)))
  }

  drop(): void {
    this.#dropped = true
    this.#stream?.destroy()
    this.kept.close()
  }

  #keepWhole(whole: Promise<void>): void {
    this.whole = whole
    whole.catch(this.#break)
  }

  #keep(chunk: Buffer): Promise<void> | undefined {
    return this.kept.keep(chunk)?.catch((error: unknown) => {
      throw new SwarmError('OUTPUT', `cannot keep its reply in ${this.#directory}: ${reasonOf(error)}`, error)
    })
  }

  async #read(connection: Connection): Promise<void> {
    const { stream } = connection
    this.#stream = stream
    if (this.#dropped) return void stream.destroy()
    try {
      let failure: unknown
      const fail = (error: unknown) => {
        failure = error
        stream.destroy()
      }
      await pour(connection, (chunk, done) => {
        const kept = this.#dropped ? undefined : this.#keep(chunk)
        if (kept === undefined) done()
        else void kept.catch(fail).then(done)
      })
      if (failure !== undefined) throw failure
      if (!stream.readableEnded)
        throw new SwarmError('INCOMPLETE', 'the connection was lost before the end of its reply')
    } finally {
      stream.destroy()
    }
  }
}
