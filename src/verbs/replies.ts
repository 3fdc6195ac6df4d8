/** The replies of many workers to one stdout: each in one piece, in order of completion or of the records. */
import type { Sink } from '../io/sink.ts'
import type { Connection } from '../protocol/connection.ts'
import type { Counters } from './counters.ts'

/** A reply up to this long is held until it is whole; a longer one takes the output for itself. */
const HELD_BYTES_MAX = 1_048_576

export class Replies {
  readonly #sink: Sink
  readonly #counters: Counters
  readonly #ordered: boolean
  #next = 1
  readonly #turns = new Map<number, () => void>()
  #free: Promise<void> = Promise.resolve()

  constructor(sink: Sink, ordered: boolean, counters: Counters) {
    this.#counters = counters
    this.#sink = sink
    this.#ordered = ordered
  }

  /**
   * Waits until record `number` may write.
   * @returns what gives the turn to the next
   */
  async turn(number: number): Promise<() => void> {
    if (this.#ordered) {
      if (this.#next !== number) await new Promise<void>((resolve) => this.#turns.set(number, resolve))
      return () => {
        this.#next += 1
        this.#turns.get(this.#next)?.()
        this.#turns.delete(this.#next)
      }
    }
    const before = this.#free
    let release = () => {}
    this.#free = new Promise((resolve) => {
      release = resolve
    })
    await before
    return release
  }

  write(chunk: Buffer): Promise<void> {
    this.#counters.take(chunk.length)
    return new Promise((resolve) => this.#sink.write(chunk, resolve))
  }
}

/** One record's reply. */
export class Reply {
  readonly #replies: Replies
  readonly #number: number
  #held: Buffer[] = []
  #bytes = 0
  #release: (() => void) | undefined
  #writing: Promise<void> = Promise.resolve()
  #connection: Connection | undefined
  #forgotten = false
  #ended: Promise<void> = Promise.resolve()

  constructor(replies: Replies, number: number) {
    this.#replies = replies
    this.#number = number
  }

  /** Holds what came over a link. */
  hold(bytes: Buffer): void {
    this.#held.push(Buffer.from(bytes))
  }

  /** Reads the reply from its connection, once it is made. */
  take(dialling: Promise<Connection>): void {
    this.#ended = dialling.then((connection) => this.#pour(connection))
    // It is said where the reply is finished.
    this.#ended.catch(() => {})
  }

  async #pour(connection: Connection): Promise<void> {
    const { stream } = connection
    if (this.#forgotten) return void stream.destroy()
    this.#connection = connection
    const ended = new Promise<void>((resolve) => {
      stream.once('end', resolve).once('close', resolve)
    })
    connection.pour((chunk) => {
      this.#held.push(Buffer.from(chunk))
      this.#bytes += chunk.length
      if (this.#bytes <= HELD_BYTES_MAX) return true
      this.#writing = this.#flush().then(() => connection.resume())
      return false
    })
    await ended
  }

  /** All of it is here: writes what is still held, and gives the turn on. */
  async finish(): Promise<void> {
    await this.#ended
    await this.#writing
    await this.#flush()
    this.#release?.()
    this.#connection?.stream.destroy()
  }

  /** Drops what came from a worker that was lost; false when some of it is written already. */
  forget(): boolean {
    this.#forgotten = true
    this.#ended = Promise.resolve()
    this.#connection?.stream.destroy()
    this.#held = []
    return this.#release === undefined
  }

  async #flush(): Promise<void> {
    this.#release ??= await this.#replies.turn(this.#number)
    const held = this.#held
    this.#held = []
    this.#bytes = 0
    for (const chunk of held) await this.#replies.write(chunk)
  }
}
