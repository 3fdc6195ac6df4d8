/** Bodies of a fan-out, and its target that keeps what it is given until told that it has gone out. */
import { ENTRY_BYTES, type Target } from '../../../src/io/outlet.ts'

/** What one character of a body counts for in a queue. */
export const UNIT_BYTES = 1_024

/** A body of this text that takes exactly `UNIT_BYTES` for each character, all that a queue keeps for it included. */
export function bodyOf(text: string): Buffer {
  const body = Buffer.allocUnsafeSlow(text.length * UNIT_BYTES - ENTRY_BYTES).fill(0)
  body.write(text)
  return body
}

/** The text of a body of `bodyOf`. */
export function textOf(body: Buffer): string {
  return body.toString('latin1').replace(/\0+$/, '')
}

export class Recorder implements Target {
  readonly bodies: string[] = []
  #underWay: ((error?: Error) => void)[] = []
  #open: boolean

  /** @param open every write is done at once */
  constructor(open: boolean) {
    this.#open = open
  }

  get underWay(): number {
    return this.#underWay.length
  }

  write(body: Buffer, done: (error?: Error | null) => void): void {
    this.bodies.push(textOf(body))
    if (this.#open) done()
    else this.#underWay.push(done)
  }

  /** The oldest write under way is done. */
  finishOne(error?: Error): void {
    this.#underWay.shift()?.(error)
  }

  /** All writes are done, and those to come are at once. */
  open(): void {
    this.#open = true
    while (this.#underWay.length > 0) this.finishOne()
  }
}
