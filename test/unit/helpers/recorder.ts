/** A fan-out's target that keeps what it is given until told that it has gone out. */
import type { Target } from '../../../src/io/outlet.ts'

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
    this.bodies.push(body.toString())
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
