/** The outbox: what was published and is not yet signed, because nobody is there, or all are slow. */
import { messageOf, SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import { type Entry, Kind } from './envelope.ts'
import { encodeTags, type Tags } from './tags.ts'

export class Outbox {
  #entries: Entry[] = []
  #bytes = 0

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
      throw new SwarmError(
        'BUSY',
        `${this.#entries.length} messages wait to be sent: there is no room for more`,
      )
    }
    this.#bytes += entry.body.length
    this.#entries.push(entry)
  }

  /** Takes out as many as fit one batch, and no more than `most`. */
  take(most: number = limits.gossipBatchMessages): Entry[] {
    let count = 0
    let bytes = 0
    for (const { body } of this.#entries) {
      bytes += body.length
      if (count === most || (count > 0 && bytes > limits.gossipBatchBytes)) break
      count += 1
    }
    const taken = this.#entries.splice(0, count)
    for (const { body } of taken) this.#bytes -= body.length
    return taken
  }
}

/**
 * What is published, as it is sent: text as UTF-8, bytes as they are, anything else as JSON.
 * @throws SwarmError OPTION_INVALID for what JSON cannot say, and for what is too long
 */
export function toEntry(data: unknown, tags: Tags = {}): Entry {
  const entry = tagged(encode(data), tags)
  if (entry.body.length > limits.gossipMessageBytes) {
    const most = `a message is at most ${limits.gossipMessageBytes}`
    throw new SwarmError('OPTION_INVALID', `a message of ${entry.body.length} bytes; ${most}`)
  }
  return entry
}

function tagged({ kind, body }: Entry, tags: Tags): Entry {
  const head = encodeTags(tags)
  return head === undefined ? { kind, body } : { kind: kind | Kind.tagged, body: Buffer.concat([head, body]) }
}

function encode(data: unknown): Entry {
  if (typeof data === 'string') return { kind: Kind.text, body: Buffer.from(data) }
  // A copy: the caller may write to it before it is signed.
  if (data instanceof Uint8Array) return { kind: Kind.bytes, body: Buffer.from(data) }
  let text: string | undefined
  try {
    text = JSON.stringify(data)
  } catch (error) {
    throw new SwarmError('OPTION_INVALID', `not a JSON value: ${messageOf(error)}`, error)
  }
  if (text === undefined) throw new SwarmError('OPTION_INVALID', `not a JSON value: ${typeof data}`)
  return { kind: Kind.json, body: Buffer.from(text) }
}
