/** Lines of many authors to one stdout: as they are, prefixed, as NDJSON, or safe for a screen. */
import { eachLine, LineCutter } from '../io/lines.ts'
import { jsonLine, sanitize, sanitizeBytes } from '../io/sanitize.ts'
import { limits } from '../limits.ts'
import type { Separator } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import { type Context, plural } from './context.ts'
import { type LineFormat, prefixed, prefixOf } from './line-format.ts'
import { PacedSink } from './paced-sink.ts'
import type { Room } from './room.ts'

export class LineOutput {
  /** Absent where a room shows the lines. */
  readonly sink: PacedSink | undefined
  readonly #context: Context
  readonly #format: LineFormat
  readonly #separator: Separator
  readonly #room: Room | undefined

  constructor(context: Context, format: LineFormat, separator: Separator, room?: Room) {
    this.#context = context
    this.#format = format
    this.#separator = separator
    this.#room = room
    this.sink = room ? undefined : new PacedSink(context.openStdout())
  }

  get paused(): boolean {
    return this.sink?.paused ?? false
  }

  /** Writes an author's lines. `from` is what ends each of them in `body`, which must not change before `done`. */
  lines(info: PeerInfo, body: Buffer, from: Separator, done = () => {}): void {
    this.#context.counters.takeLines(body, from)
    if (this.#room) {
      this.#room.said(info, body, from)
      return done()
    }
    if (this.#format.json)
      return this.#write(
        rewritten(body, from, (line) => asJson(info, line)),
        done,
      )
    if (this.sink?.isTerminal) {
      const prefix = sanitize(this.#prefix(info))
      return this.#write(
        rewritten(body, from, (line) => `${prefix}${sanitizeBytes(line)}\n`),
        done,
      )
    }
    const lines = from === this.#separator ? body : translated(body, from, this.#separator)
    if (this.#format.prefix === undefined) return this.#write(lines, done)
    this.#write(prefixed(lines, this.#separator, this.#prefix(info)), done)
  }

  /** Cuts an author's bytes into lines, with our own separator, and writes them. */
  cutter(info: PeerInfo): LineCutter {
    return new LineCutter(
      this.#separator,
      (lines) => this.lines(info, lines, this.#separator),
      () =>
        this.#context.report.warn(
          `a line longer than ${limits.lineBytes} bytes from ${info.name} is not shown`,
        ),
    )
  }

  /** A peer came or went: a line on stderr at a terminal, an object in NDJSON, else nothing. */
  event(event: 'join' | 'leave', info: PeerInfo, reason: string): void {
    if (this.#room) return this.#room.event(event, info, reason)
    if (this.#format.json) {
      return this.#json({ event, from: info.id, name: info.name, ...(reason && { reason }) })
    }
    const said = event === 'join' ? 'joined' : `left${reason && reason !== 'left' ? ` (${reason})` : ''}`
    const text = `${sanitize(info.name)} ${said}`
    if (this.sink?.isTerminal) this.#context.report.info(text)
    else this.#context.report.verbose(text)
  }

  /** We were too slow for this author. */
  missed(info: PeerInfo, lines: number): void {
    if (this.#room) return this.#room.missed(info, lines)
    if (this.#format.json) this.#json({ event: 'missed', from: info.id, name: info.name, lines })
    this.#context.report.warn(`missed ${plural(lines, 'line')} from ${info.name}`, { lines })
  }

  whenRoom(done: () => void): void {
    if (this.sink === undefined) done()
    else this.sink.whenRoom(done)
  }

  async flushed(): Promise<void> {
    await this.sink?.flushed()
  }

  async close(): Promise<void> {
    await this.sink?.close()
  }

  #json(value: object): void {
    this.#write(Buffer.from(jsonLine(value)))
  }

  #prefix({ name, id }: PeerInfo): string {
    return prefixOf(this.#format, name, id.slice(0, 8), new Date())
  }

  #write(bytes: Buffer, done?: () => void): void {
    this.sink?.write(bytes, done)
  }
}

function translated(body: Buffer, from: number, to: number): Buffer {
  return Buffer.from(body.map((byte) => (byte === from ? to : byte)))
}

/** Each line as the text that `rewrite` makes of it. */
function rewritten(body: Buffer, separator: Separator, rewrite: (line: Buffer) => string): Buffer {
  let text = ''
  eachLine(body, separator, (line) => {
    text += rewrite(line)
  })
  return Buffer.from(text)
}

function asJson({ id, name }: PeerInfo, line: Buffer): string {
  const decoded = line.toString('utf8')
  // A line that is not UTF-8 also carries its exact bytes.
  const exact = Buffer.from(decoded, 'utf8').equals(line) ? {} : { base64: line.toString('base64') }
  return jsonLine({ from: id, name, line: decoded, ...exact })
}
