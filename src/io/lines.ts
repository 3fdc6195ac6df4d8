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
  readonly #memory: (bytes: number) => Buffer
  /** The beginning of a line whose end is still to come. */
  #rest: Buffer[] = []
  #restBytes = 0
  #skipping = false

  /**
   * @param separator the byte that ends a line: 10, or 0
   * @param take gets whole lines, each with its separator, at most `limits.frameBytes` together
   * @param refuse called once for each line longer than `limits.lineBytes`, which is skipped
   * @param memory where the next lines are put together for `take`
   */
  constructor(
    separator: number,
    take: (lines: Buffer) => void,
    refuse: () => void,
    memory: (bytes: number) => Buffer = Buffer.allocUnsafe,
  ) {
    this.#separator = separator
    this.#take = take
    this.#refuse = refuse
    this.#memory = memory
  }

  /** @param chunk may be reused by the caller afterwards */
  push(chunk: Buffer): void {
    const last = chunk.lastIndexOf(this.#separator)
    if (last < 0) return this.#keep(chunk)
    this.#takeLines(chunk.subarray(this.#finish(chunk), last + 1))
    if (last + 1 < chunk.length) this.#keep(chunk.subarray(last + 1))
  }

  /** The end of the input: a last line without a separator is given one. */
  end(): void {
    if (this.#restBytes > 0) this.push(Buffer.of(this.#separator))
    this.#skipping = false
  }

  #keep(part: Buffer): void {
    if (this.#skipping) return
    // The separator still to come belongs to the line.
    if (this.#restBytes + part.length >= limits.lineBytes) {
      this.#forget()
      this.#skipping = true
      this.#refuse()
      return
    }
    this.#rest.push(Buffer.from(part))
    this.#restBytes += part.length
  }

  #forget(): void {
    this.#rest = []
    this.#restBytes = 0
  }

  /**
   * The first separator of `chunk` ends the line that is being kept, or skipped.
   * @returns where the lines begin that go with what is kept now
   */
  #finish(chunk: Buffer): number {
    if (this.#restBytes === 0 && !this.#skipping) return 0
    const next = chunk.indexOf(this.#separator) + 1
    if (this.#skipping) {
      this.#skipping = false
      return next
    }
    if (this.#restBytes + next <= limits.lineBytes) return 0
    this.#forget()
    this.#refuse()
    return next
  }

  #together(lines: Buffer): Buffer {
    const body = this.#memory(this.#restBytes + lines.length)
    let at = 0
    for (const part of [...this.#rest, lines]) at += part.copy(body, at)
    return body
  }

  /** What is kept, and these lines, as one body; one that is longer than a frame is cut between lines. */
  #takeLines(lines: Buffer): void {
    const bytes = this.#restBytes + lines.length
    if (bytes <= limits.frameBytes) {
      if (bytes > 0) this.#take(this.#together(lines))
      return this.#forget()
    }
    const room = limits.frameBytes - this.#restBytes
    const cut = room > 0 ? lines.lastIndexOf(this.#separator, room - 1) : -1
    if (cut >= 0) {
      this.#take(this.#together(lines.subarray(0, cut + 1)))
      this.#forget()
      return this.#takeLines(lines.subarray(cut + 1))
    }
    this.#forget()
    this.#refuse()
    this.#takeLines(lines.subarray(lines.indexOf(this.#separator) + 1))
  }
}

/** A body of whole lines in parts of whole lines, each no longer than a frame may be. */
export function inFrames(lines: Buffer, separator: number): Buffer[] {
  const parts: Buffer[] = []
  let from = 0
  while (lines.length - from > limits.frameBytes) {
    const to = lines.lastIndexOf(separator, from + limits.frameBytes - 1) + 1
    // A line longer than a frame: there is none.
    if (to <= from) break
    parts.push(lines.subarray(from, to))
    from = to
  }
  return [...parts, lines.subarray(from)]
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
