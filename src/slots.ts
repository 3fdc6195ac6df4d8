/** A number of things at a time; the rest waits in order. */
export class Slots {
  #free: number
  readonly #waiting: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async run<T>(act: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      if (this.#free === 0) return void this.#waiting.push(resolve)
      this.#free -= 1
      resolve()
    })
    try {
      return await act()
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free += 1
    }
  }
}
