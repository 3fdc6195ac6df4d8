/** A number of things at a time; the rest waits in order. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async run<T>(act: () => Promise<T>): Promise<T> {
    const done = await new Promise<() => void>((resolve) => this.begin(resolve))
    try {
      return await act()
    } finally {
      done()
    }
  }

  /** Calls `act` when there is a place, perhaps at once; it calls `done`, once, to give the place back. */
  begin(act: (done: () => void) => void): void {
    const start = () => act(() => this.#next())
    if (this.#free === 0) return void this.#waiting.push(start)
    this.#free -= 1
    start()
  }

  #next(): void {
    const next = this.#waiting.shift()
    // Not from here: where all are done at once, each would be one call deeper.
    if (next) queueMicrotask(next)
    else this.#free += 1
  }
}
