/** Messages to stdout: their text, prefixed, as NDJSON, or safe for a screen. */
import type { GossipMessage } from '../gossip/message.ts'
import { eachLine } from '../io/lines.ts'
import { jsonLine, sanitize, sanitizeBytes } from '../io/sanitize.ts'
import type { Separator } from '../protocol/link.ts'
import type { Context } from './context.ts'
import { showKey } from './identities.ts'
import type { Judgement } from './known-names.ts'
import type { LineFormat } from './line-output.ts'
import { PacedSink, type PacedSinkEvents } from './paced-sink.ts'

/** Digits of a key that are shown before a message of who gave no name, after `key:`. */
const SHORT_KEY = 12

export class MessageOutput {
  readonly #format: LineFormat
  readonly #separator: Separator
  readonly #sink: PacedSink

  constructor(context: Context, format: LineFormat, separator: Separator, events: PacedSinkEvents) {
    this.#format = format
    this.#separator = separator
    this.#sink = new PacedSink(context, events)
  }

  message(message: GossipMessage, judgement: Judgement): void {
    if (this.#format.json) return this.json(describe(message, judgement))
    const body = bytesOf(message.data)
    if (this.#sink.isTerminal) {
      const prefix = sanitize(this.#prefix(message, judgement))
      return this.#sink.write(Buffer.from(`${prefix}${sanitizeBytes(body)}\n`))
    }
    const end = Buffer.of(this.#separator)
    // Marked whatever the format: it is not to be taken for a message of who has the name.
    const plain = this.#format.prefix === undefined && judgement.standing !== 'changed'
    if (plain) return this.#sink.write(Buffer.concat([body, end]))
    const prefix = Buffer.from(this.#prefix(message, judgement))
    // Each line of it: none may look like a message of somebody else.
    const parts: Buffer[] = []
    eachLine(Buffer.concat([body, end]), this.#separator, (line) => parts.push(prefix, line, end))
    this.#sink.write(Buffer.concat(parts))
  }

  /** An object of NDJSON that is not a message. */
  json(value: object): void {
    this.#sink.write(Buffer.from(jsonLine(value)))
  }

  close(): Promise<void> {
    return this.#sink.close()
  }

  #prefix({ author, time }: GossipMessage, { standing, name }: Judgement): string {
    const key = showKey(author).slice(0, 'key:'.length + SHORT_KEY)
    const shown = standing === 'changed' ? `[CHANGED KEY ${key}] ${name}` : name || key
    const format = this.#format.prefix ?? (this.#sink.isTerminal ? '%n: ' : '[CHANGED KEY %i] %n: ')
    return format.replace(/%([nit%])/g, (_all, what: string) => {
      if (what === 'n') return this.#format.prefix === undefined && !this.#sink.isTerminal ? name : shown
      if (what === 'i') return key
      return what === 't' ? new Date(time).toTimeString().slice(0, 8) : '%'
    })
  }
}

/** A message as an object of NDJSON. */
export function describe(message: GossipMessage, { standing, name, known }: Judgement): object {
  const { author, session, seq, time, label, receivedFrom } = message
  return {
    author: showKey(author),
    ...(name && { name }),
    standing,
    ...(known !== undefined && { known: showKey(known) }),
    session,
    seq,
    time,
    ...(label !== undefined && { type: label }),
    ...contentOf(message.data),
    from: receivedFrom,
  }
}

/** What is not UTF-8 is given byte for byte as well; so is JSON nested too deeply to be written again. */
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
