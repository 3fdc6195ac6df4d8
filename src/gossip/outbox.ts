/** What was published and is not yet signed: nobody is there, all are slow, or it is not due. */
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import type { Entry } from './envelope.ts'

export interface OutboxOptions {
  /** As in `GossipOptions`. */
  readonly interval: number
  /** Messages sent together, at most. */
  readonly most: number
  /** Whether somebody is there who takes it now. */
  maySend(): boolean
  send(entries: readonly Entry[]): void
}

export class Outbox {
  readonly #options: OutboxOptions
  #entries: Entry[] = []
  #bytes = 0
  /** Set while it is due to be sent. */
  #due: NodeJS.Immediate | NodeJS.Timeout | undefined

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  get length(): number {
    return this.#entries.length
  }

  /** True when more may be published without asking. */
  get hasRoom(): boolean {
    return this.#bytes < limits.gossipOutboxBytes / 2
  }

  /** @throws SwarmError BUSY when it is full */
  add(entry: Entry): void {
    if (this.#bytes + entry.body.length > limits.gossipOutboxBytes) {
      throw new SwarmError('BUSY', `${this.length} messages wait to be sent: there is no room for more`)
    }
    this.#bytes += entry.body.length
    this.#entries.push(entry)
  }

  /** There is something to send, or somebody who takes it. */
  due(): void {
    const { interval } = this.#options
    if (this.length === 0 || this.#due !== undefined || interval < 0) return
    const flush = () => this.flush()
    this.#due = interval === 0 ? setImmediate(flush) : setTimeout(flush, interval)
  }

  /** Sends now what can be sent. */
  flush(): void {
    this.cancel()
    while (this.length > 0 && this.#options.maySend()) this.#options.send(this.#take())
  }

  cancel(): void {
    this.#due?.[Symbol.dispose]()
    this.#due = undefined
  }

  /** Takes out as many as fit one batch. */
  #take(): Entry[] {
    let count = 0
    let bytes = 0
    for (const { body } of this.#entries) {
      const isFull = count > 0 && bytes + body.length > limits.gossipBatchBytes
      if (count === this.#options.most || isFull) break
      count += 1
      bytes += body.length
    }
    this.#bytes -= bytes
    return this.#entries.splice(0, count)
  }
}
