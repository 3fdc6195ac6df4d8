/** A connection and our own stdio: both directions, each with its backpressure, its end and its fault. */
import { messageOf, SwarmError } from '../errors.ts'
import type { Sink } from '../io/sink.ts'
import type { Source } from '../io/source.ts'
import type { Connection } from '../protocol/connection.ts'
import { Condition, until } from './context.ts'
import type { Counters } from './counters.ts'

export class Exchange {
  readonly #connection: Connection
  readonly #source: Source
  readonly #sink: Sink
  readonly #counters: Counters
  readonly #sayEnded: () => void
  readonly #changed = new Condition()
  /** The listener that gets the end of the output back when this exchange is over. */
  readonly #onclose: Sink['onclose']
  #inEnded = false
  #inWhole = false
  #outEnded = false
  #writing = 0
  #closed = false
  #fault: SwarmError | undefined

  /** @param sayEnded tells the other side that our input has ended as it should */
  constructor(
    connection: Connection,
    source: Source,
    sink: Sink,
    counters: Counters,
    sayEnded: () => void = () => {},
  ) {
    this.#sayEnded = sayEnded
    this.#counters = counters
    this.#connection = connection
    this.#source = source
    this.#sink = sink
    this.#onclose = sink.onclose
    sink.onclose = (error) => {
      this.#closed = true
      this.#fault ??= error
      connection.stream.destroy()
      source.close()
      this.#changed.changed()
    }
  }

  /** The reader of our output went away: it has all it wants. */
  get readerGone(): boolean {
    return this.#closed && this.#fault === undefined
  }

  /** The peer said the end of its bytes: they did not break off. */
  get whole(): boolean {
    return this.#inWhole
  }

  /** Starts moving bytes. */
  start(signal: AbortSignal): void {
    this.#receive()
    void this.#give(signal)
  }

  /** No more input is wanted; what was read is still sent. */
  stopGiving(): void {
    this.#source.close()
  }

  /**
   * Resolves when the peer's bytes have ended and are written; `both`: and ours have ended too.
   * @throws SwarmError INPUT, OUTPUT, or the signal's reason
   */
  async ended(signal: AbortSignal, both: boolean): Promise<void> {
    const done = () => this.#inEnded && this.#writing === 0 && (this.#outEnded || !both)
    await this.#changed.when(signal, () => this.#fault !== undefined || this.#closed || done())
    this.#sink.onclose = this.#onclose
    if (this.#fault !== undefined) throw this.#fault
  }

  #receive(): void {
    const { stream } = this.#connection
    const ended = () => {
      this.#inEnded = true
      this.#changed.changed()
    }
    stream
      .on('end', () => {
        this.#inWhole = true
        ended()
      })
      .on('close', ended)
    this.#connection.pour((chunk) => {
      this.#counters.take(chunk.length)
      this.#writing += 1
      let inside = true
      this.#sink.write(chunk, () => {
        this.#writing -= 1
        if (!inside) this.#connection.resume()
        if (this.#inEnded) this.#changed.changed()
      })
      inside = false
      return this.#writing === 0
    })
  }

  /** Reads ahead as far as the source has buffers; a piece goes back when the kernel has it. */
  async #give(signal: AbortSignal): Promise<void> {
    const { stream } = this.#connection
    try {
      for (;;) {
        const piece = await until(signal, this.#source.next())
        if (piece === undefined || stream.destroyed) break
        this.#counters.give(piece.data.length)
        stream.write(piece.data, (error) => {
          piece.release()
          if (error) this.#source.close()
        })
      }
      this.#sayEnded()
      stream.end()
    } catch (error) {
      // The owner of the connection closes it, after telling the other side that this is not the end.
      if (!signal.aborted) this.#fault ??= asFault(error)
    }
    this.#outEnded = true
    this.#changed.changed()
  }
}

function asFault(error: unknown): SwarmError {
  return error instanceof SwarmError ? error : new SwarmError('INPUT', messageOf(error), error)
}
