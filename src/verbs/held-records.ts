/**
 * The records that workers have and have not answered.
 *
 * A worker that hangs keeps its record for ever, and only a person can tell that from one that takes its time: so when
 * nothing is printed for a while, the user is told which worker has which record.
 */
import type { Report } from './context.ts'

const NOTICE_MS = 5_000
/** Records that are named; the rest is counted. */
const NAMED_MAX = 3

export class HeldRecords {
  /** The name of the worker, by record; the record that was given first comes first. */
  readonly #names = new Map<number, string>()
  readonly #timer: NodeJS.Timeout

  constructor(report: Report) {
    this.#timer = setInterval(() => this.#tell(report), NOTICE_MS).unref()
  }

  get size(): number {
    return this.#names.size
  }

  add(record: number, worker: string): void {
    if (this.size === 0) this.progressed()
    this.#names.set(record, worker)
  }

  delete(record: number): void {
    this.#names.delete(record)
  }

  /** A reply was printed: nothing is said for the next seconds. */
  progressed(): void {
    this.#timer.refresh()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #tell(report: Report): void {
    if (this.size === 0) return
    const named = [...this.#names].slice(0, NAMED_MAX)
    const texts = named.map(([record, worker]) => `${worker} to answer record ${record}`)
    const more = this.size - named.length
    report.info(`waiting for ${texts.join(', ')}${more > 0 ? ` and ${more} more` : ''}`)
  }
}
