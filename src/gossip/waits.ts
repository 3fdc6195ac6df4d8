/** What programs wait for, looked at again whenever something has changed: at once, for it may hold for a moment only. */
export class Waits {
  readonly #failure: () => Error | undefined
  readonly #waiting = new Set<() => boolean>()

  /** @param failure why nothing can be waited for any more, once that is so */
  constructor(failure: () => Error | undefined) {
    this.#failure = failure
  }

  /** Resolves when it holds; rejects with the failure. */
  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const failure = this.#failure()
        if (holds()) resolve()
        else if (failure !== undefined) reject(failure)
        else return false
        return true
      }
      if (!check()) this.#waiting.add(check)
    })
  }

  changed(): void {
    for (const check of this.#waiting) if (check()) this.#waiting.delete(check)
  }
}
