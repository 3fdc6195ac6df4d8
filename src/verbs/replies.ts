/**
 * The replies of many workers on one stdout: each in one piece, in order of completion or of the records.
 *
 * Only whole replies come here, so that no worker ever holds the output: neither a slow one, nor one that is lost.
 */
import type { Sink } from '../io/sink.ts'
import type { Counters } from './counters.ts'
import type { Reply } from './reply.ts'

/** How many long replies, each with a descriptor and a file, may wait to be printed. */
const LONG_MAX = 64
/** What a long reply takes while it comes: a connection and a file. */
const COMING_DESCRIPTORS = 2

export class Replies {
  readonly #sink: Sink
  readonly #counters: Counters
  readonly #ordered: boolean
  readonly #roomDescriptors: () => number
  /** Starts the printing of those that wait, by record or by their order of completion. */
  readonly #turns = new Map<number, () => void>()
  #completed = 0
  #long = 0
  #next = 1

  /** @param roomDescriptors how many descriptors all replies together may take now */
  constructor(sink: Sink, ordered: boolean, counters: Counters, roomDescriptors: () => number) {
    this.#sink = sink
    this.#ordered = ordered
    this.#roomDescriptors = roomDescriptors
    this.#counters = counters
  }

  /**
   * True when this record should not be given to a worker yet: too many long replies wait for their turn, or the descriptors
   * for one more cannot be had. False for the record that all others wait for.
   * @param coming replies that are not whole; any of them may be long
   */
  isFullFor(record: number, coming: number): boolean {
    const room = this.#roomDescriptors()
    if (this.#ordered ? record === this.#next : coming + this.#long === 0) return false
    if (this.#long >= LONG_MAX) return true
    // With --ordered the first record is never held back, so its descriptors are kept free.
    const replies = coming + (this.#ordered ? 2 : 1)
    return replies * COMING_DESCRIPTORS + this.#long > room
  }

  /**
   * Prints the reply to a record, and drops it. With --ordered each record from 1 on has to come here, with a reply or
   * without one.
   * @returns resolves when it is written; rejects with the error of the system when it cannot be read again
   */
  async print(record: number, reply: Reply | undefined): Promise<void> {
    this.#completed += 1
    const turn = this.#ordered ? record : this.#completed
    const isLong = reply?.kept.hasFile
    if (isLong) this.#long += 1
    if (turn !== this.#next) await new Promise<void>((resolve) => this.#turns.set(turn, resolve))
    try {
      for await (const piece of reply?.kept.pieces() ?? []) {
        this.#counters.take(piece.length)
        await new Promise<void>((resolve) => this.#sink.write(piece, resolve))
      }
    } finally {
      if (isLong) this.#long -= 1
      reply?.drop()
      this.#next += 1
      this.#turns.get(this.#next)?.()
      this.#turns.delete(this.#next)
    }
  }
}
