/** When to draw: at once if nothing was drawn lately, and never more than ten times a second. */

const FRAME_MS = 100
/** For what had better be shown together with what follows. */
const LATER_MS = 300

export class Frames {
  readonly #draw: () => void
  #timer: NodeJS.Timeout | undefined
  #dueAt = Number.POSITIVE_INFINITY
  #drawnAt = Number.NEGATIVE_INFINITY
  #isStopped = false

  constructor(draw: () => void) {
    this.#draw = draw
  }

  /** Something has changed. */
  due(): void {
    this.#by(Math.max(performance.now(), this.#drawnAt + FRAME_MS))
  }

  /** The same, for what can wait a moment. */
  dueLater(): void {
    this.#by(performance.now() + LATER_MS)
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
  }

  #by(at: number): void {
    if (this.#isStopped || this.#dueAt <= at) return
    clearTimeout(this.#timer)
    this.#dueAt = at
    this.#timer = setTimeout(() => {
      this.#dueAt = Number.POSITIVE_INFINITY
      this.#drawnAt = performance.now()
      this.#draw()
    }, at - performance.now())
  }
}
