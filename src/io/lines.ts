/**
 * Whole lines out of chunks cut anywhere.
 *
 * The work is done once for each chunk, not for each line: a chunk is cut at its last separator, and
 * only the rest is kept.
 */
import { limits } from '../limits.ts'

export class LineCutter {
  readonly #separator: number
  readonly #take: (lines: Buffer) => void
  readonly #refuse: () => void
  /** The beginning of a line whose end is still to come. */
  #rest: Buffer[] = []
  #restBytes = 0
  #skipping = false

  /**
   * @param separator the byte that ends a line: 10, or 0
   * @param take gets whole lines, each with its separator, at most `limits.frameBytes` together
   * @param refuse called once for each line longer than `limits.lineBytes`, which is skipped
   */
  constructor(separator: number, take: (lines: Buffer) => void, refuse: () => void) {
    this.#separator = separator
    this.#take = take
    this.#refuse = refuse
  }

  /** @param chunk may be reused by the caller afterwards */
  push(chunk: Buffer): void {
    let from = 0
    if (this.#restBytes > 0 || this.#skipping) {
      const first = chunk.indexOf(this.#separator)
      if (first < 0) return this.#keep(chunk)
      this.#finish(chunk.subarray(0, first + 1))
      from = first + 1
    }
    const last = chunk.lastIndexOf(this.#separator)
    if (last >= from) this.#takeLines(chunk.subarray(from, last + 1))
    if (Math.max(last + 1, from) < chunk.length) this.#keep(chunk.subarray(Math.max(last + 1, from)))
  }

  /** The end of the input: a last line without a separator is given one. */
  end(): void {
    if (this.#restBytes > 0) this.#finish(Buffer.of(this.#separator))
    this.#skipping = false
  }

  #keep(part: Buffer): void {
    if (this.#skipping) return
    // The separator still to come belongs to the line.
    if (this.#restBytes + part.length >= limits.lineBytes) {
      this.#rest = []
      this.#restBytes = 0
      this.#skipping = true
      this.#refuse()
      return
    }
    this.#rest.push(Buffer.from(part))
    this.#restBytes += part.length
  }

  /** `tail` ends the line that is being kept. */
  #finish(tail: Buffer): void {
    if (this.#skipping) {
      this.#skipping = false
      return
    }
    const bytes = this.#restBytes + tail.length
    const parts = [...this.#rest, tail]
    this.#rest = []
    this.#restBytes = 0
    if (bytes > limits.lineBytes) this.#refuse()
    else this.#take(Buffer.concat(parts, bytes))
  }

  /** Lines that are whole in one chunk; a chunk longer than a frame is cut between lines. */
  #takeLines(lines: Buffer): void {
    if (lines.length <= limits.frameBytes) return this.#take(Buffer.from(lines))
    const cut = lines.lastIndexOf(this.#separator, limits.frameBytes - 1)
    if (cut >= 0) {
      this.#take(Buffer.from(lines.subarray(0, cut + 1)))
      return this.#takeLines(lines.subarray(cut + 1))
    }
    this.#refuse()
    const end = lines.indexOf(this.#separator)
    if (end + 1 < lines.length) this.#takeLines(lines.subarray(end + 1))
  }
}

/** Calls `take` with each line of a body of whole lines, without its separator. */
export function eachLine(body: Buffer, separator: number, take: (line: Buffer) => void): void {
  for (let from = 0; from < body.length; ) {
    const end = body.indexOf(separator, from)
    const to = end < 0 ? body.length : end
    take(body.subarray(from, to))
    from = to + 1
  }
}

/** How many lines a body of whole lines has. */
export function countLines(body: Buffer, separator: number): number {
  let count = 0
  for (let at = body.indexOf(separator); at >= 0; at = body.indexOf(separator, at + 1)) count += 1
  return count
}
