/** Messages to stdout: their text, prefixed, as NDJSON, or safe for a screen. */
import type { GossipMessage } from '../gossip/message.ts'
import { jsonLine, sanitize, sanitizeBytes } from '../io/sanitize.ts'
import type { Sink } from '../io/sink.ts'
import type { Separator } from '../protocol/link.ts'
import { showKey } from './identities.ts'
import type { Judgement } from './known-names.ts'
import { type LineFormat, prefixed, prefixOf } from './line-format.ts'

/** Digits of a key that are shown before a message of who gave no name, after `key:`. */
const SHORT_KEY = 12

export class MessageOutput {
  readonly #format: LineFormat
  readonly #separator: Separator
  readonly #sink: Sink

  constructor(sink: Sink, format: LineFormat, separator: Separator) {
    this.#sink = sink
    this.#format = format
    this.#separator = separator
  }

  message(message: GossipMessage, judgement: Judgement): void {
    if (this.#format.json) return this.event(describe(message, judgement))
    const body = bytesOf(message.data)
    const prefix = this.#prefix(message, judgement)
    if (this.#sink.isTerminal) return this.#write(Buffer.from(`${sanitize(prefix)}${sanitizeBytes(body)}\n`))
    const lines = Buffer.concat([body, Buffer.of(this.#separator)])
    // Marked whatever the format: it is not to be taken for a message of who has the name.
    const isPlain = this.#format.prefix === undefined && judgement.standing !== 'changed'
    // Each line of it: none may look like a message of somebody else.
    this.#write(isPlain ? lines : prefixed(lines, this.#separator, prefix))
  }

  /** In NDJSON an object; otherwise nothing. */
  event(value: object): void {
    if (this.#format.json) this.#write(Buffer.from(jsonLine(value)))
  }

  #write(bytes: Buffer): void {
    this.#sink.write(bytes, () => {})
  }

  #prefix({ author, time }: GossipMessage, { standing, name }: Judgement): string {
    const key = showKey(author).slice(0, 'key:'.length + SHORT_KEY)
    const shown = standing === 'changed' ? `[CHANGED KEY ${key}] ${name}` : name || key
    return prefixOf(this.#format, shown, key, new Date(time))
  }
}

export function describe(message: GossipMessage, { standing, name, known }: Judgement): object {
  const { author, session, seq, time, label, receivedFrom } = message
  return {
    author: showKey(author),
    name: name || undefined,
    standing,
    known: known && showKey(known),
    session,
    seq,
    time,
    type: label,
    ...contentOf(message.data),
    from: receivedFrom,
  }
}

/** A body that is not UTF-8, or JSON that is nested too deeply to be written again, also carries its exact bytes. */
function contentOf(data: unknown): object {
  if (Buffer.isBuffer(data)) return { data: data.toString('utf8'), base64: data.toString('base64') }
  return jsonOf(data) === undefined ? { data: null, nested: true } : { data }
}

function bytesOf(data: unknown): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Buffer.from(typeof data === 'string' ? data : (jsonOf(data) ?? 'null'))
}

/** `undefined` for a value nested too deeply. */
function jsonOf(data: unknown): string | undefined {
  try {
    return JSON.stringify(data)
  } catch {
    return undefined
  }
}
