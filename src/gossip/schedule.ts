/** When what was published is sent: at the end of this turn, after an interval, or when it is asked for. */

import type { Entry } from './envelope.ts'
import { Outbox } from './outbox.ts'

export class Schedule {
  readonly outbox = new Outbox()
  readonly #interval: number
  readonly #maySend: () => boolean
  readonly #send: (entries: readonly Entry[]) => void
  readonly #most: number | undefined
  /** Takes back what is due. */
  #cancel: (() => void) | undefined

  /**
   * @param interval as in `GossipOptions`
   * @param maySend whether somebody is there who takes it now
   * @param most messages sent together, at most
   */
  constructor(
    interval: number,
    maySend: () => boolean,
    send: (entries: readonly Entry[]) => void,
    most?: number,
  ) {
    this.#interval = interval
    this.#maySend = maySend
    this.#send = send
    this.#most = most
  }

  /** There is something to send, or somebody who takes it. */
  due(): void {
    if (this.outbox.length === 0 || this.#cancel !== undefined || this.#interval < 0) return
    if (this.#interval === 0) {
      const due = setImmediate(() => this.flush())
      this.#cancel = () => clearImmediate(due)
    } else {
      const due = setTimeout(() => this.flush(), this.#interval)
      this.#cancel = () => clearTimeout(due)
    }
  }

  /** Sends now what can be sent. */
  flush(): void {
    this.cancel()
    while (this.outbox.length > 0 && this.#maySend()) this.#send(this.outbox.take(this.#most))
  }

  cancel(): void {
    this.#cancel?.()
    this.#cancel = undefined
  }
}
