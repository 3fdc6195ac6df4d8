/**
 * Records that come over the link: a command for each. What it says goes back there when it is short, and over a
 * stream that the caller dials when it is long.
 */
import type { Started, Starters } from '../io/starters.lazy.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import type { Caller } from './calls.ts'
import { linger } from './linger.ts'

/** Starts a command on a record; `said` resolves when its reply has been handed over: with false when nobody came for it. */
export function answer(
  starters: Starters,
  record: Buffer,
  caller: Caller,
  connection: number,
): { child: Started; said: Promise<boolean> } {
  const { id: peer, transport } = caller.info
  const reply = new Reply(caller, () => child)
  const child = starters.run({ record, connection, peer, transport, hear: (chunk) => reply.hear(chunk) })
  return { child, said: child.ended.then(() => reply.finish()) }
}

class Reply {
  readonly #caller: Caller
  readonly #command: () => Started
  readonly #lost = () => this.#command().deafen()
  #held: Buffer[] = []
  #bytes = 0
  #connection: Connection | undefined
  #dialled: Promise<void> | undefined
  #isForNobody = false

  constructor(caller: Caller, command: () => Started) {
    this.#caller = caller
    this.#command = command
    caller.link.once('close', this.#lost)
  }

  /** @returns false when no more is wanted until the command is resumed */
  hear(chunk: Buffer): boolean {
    const copy = Buffer.from(chunk)
    if (this.#connection !== undefined) return this.#connection.stream.write(copy)
    this.#held.push(copy)
    this.#bytes += copy.length
    if (this.#bytes <= limits.handedBytes) return true
    this.#dialled ??= this.#ask()
    return false
  }

  /**
   * All is heard: hands it over, or the rest of it.
   * @returns false when the caller did not dial for it
   */
  async finish(): Promise<boolean> {
    await this.#dialled
    const { link, stream } = this.#caller
    link.off('close', this.#lost)
    if (this.#connection !== undefined) await linger(this.#connection, link)
    else if (this.#dialled === undefined && this.#bytes > 0) {
      link.giveReply(stream, Buffer.concat(this.#held))
      // Who does not read what is said gets no place for another record.
      await link.drained()
    }
    return !this.#isForNobody
  }

  async #ask(): Promise<void> {
    try {
      const connection = (await this.#caller.dialled()).accept()
      const { stream } = connection
      stream.on('drain', () => this.#command().resume()).once('close', this.#lost)
      for (const chunk of this.#held) stream.write(chunk)
      this.#held = []
      this.#connection = connection
      if (!stream.writableNeedDrain) this.#command().resume()
    } catch {
      this.#isForNobody = true
      this.#held = []
      this.#lost()
    }
  }
}
