/** The output of a command as a source. */
import type { Readable } from 'node:stream'
import type { SwarmError } from '../errors.ts'
import { Source } from './source.ts'

/** A failure of the command is a failure to read. Its chunks are its own: no buffer of ours is used. */
export class CommandSource extends Source {
  readonly #output: Readable

  /** @param failure what went wrong, asked at the end of the output; resolves when that end can be believed */
  constructor(output: Readable, failure: () => Promise<SwarmError | undefined>) {
    super({ bufferBytes: 0, buffers: 0 }, undefined, false)
    this.#output = output
    output.pause()
    output.on('data', (chunk: Buffer) => {
      output.pause()
      this.deliver(chunk, chunk.length)
    })
    output.on('error', (error) => this.fail(error))
    output.on('end', () => {
      failure().then(
        (failed) => (failed ? this.fail(failed) : this.end()),
        (error: unknown) => this.fail(error),
      )
    })
  }

  protected wanted(): void {
    this.#output.resume()
  }

  protected closeDescriptor(): void {
    this.#output.destroy()
  }
}
