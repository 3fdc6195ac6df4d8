/**
 * Counters: what a verb has taken and given, for whoever looks.
 *
 * Bytes cost one addition for each chunk. Lines are counted exactly in small chunks, and while somebody
 * looks; of bulk that passes unseen the beginning is counted, and the rest of the chunk taken to be like it.
 */
import { now } from '../clock.ts'
import { countLines } from '../io/lines.ts'
import type { Message } from '../protocol/message.ts'

/** A chunk up to this long is counted line by line; of a longer one so much. */
const EXACT_BYTES = 4_096
/** Who asked within this still looks. */
const LOOKING_MS = 10_000

export class Counters {
  readonly #since = now()
  #askedAt = Number.NEGATIVE_INFINITY
  #bytesIn = 0
  #bytesOut = 0
  #linesIn: number | undefined
  #linesOut: number | undefined
  #onFirstLines: (() => void) | undefined
  /** Lines that slow peers missed. */
  dropped = 0
  /** Bytes that wait for peers now. */
  queue: () => number = () => 0
  /** The bytes pass us by, from socket to command: nothing is said of them. */
  unseen = false

  take(bytes: number): void {
    this.#bytesIn += bytes
  }

  /** Bytes go to peers; once, however many they are. */
  give(bytes: number): void {
    this.#bytesOut += bytes
  }

  takeLines(lines: Buffer, separator: number): void {
    this.#bytesIn += lines.length
    this.#linesIn = (this.#linesIn ?? 0) + this.#count(lines, separator)
  }

  giveLines(lines: Buffer, separator: number): void {
    this.#bytesOut += lines.length
    this.#linesOut = (this.#linesOut ?? 0) + this.#count(lines, separator)
  }

  /**
   * This verb exchanges lines, also before the first of them.
   * @param onFirst called when the first are taken or given
   */
  inLines(onFirst: () => void): void {
    this.#linesIn ??= 0
    this.#linesOut ??= 0
    this.#onFirstLines = onFirst
  }

  tell(number: number): Message {
    this.#askedAt = now()
    return {
      type: 'counters',
      number,
      upMs: Math.round(this.#askedAt - this.#since),
      ...(!this.unseen && { bytesIn: this.#bytesIn, bytesOut: this.#bytesOut }),
      ...(this.#linesIn !== undefined && { linesIn: this.#linesIn }),
      ...(this.#linesOut !== undefined && { linesOut: this.#linesOut }),
      queueBytes: this.queue(),
      dropped: this.dropped,
    }
  }

  #count(lines: Buffer, separator: number): number {
    this.#onFirstLines?.()
    this.#onFirstLines = undefined
    if (lines.length <= EXACT_BYTES || now() - this.#askedAt < LOOKING_MS) {
      return countLines(lines, separator)
    }
    const seen = countLines(lines.subarray(0, EXACT_BYTES), separator)
    return Math.max(1, Math.round((seen * lines.length) / EXACT_BYTES))
  }
}
