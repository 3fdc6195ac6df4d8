/** Lines of many authors to one stdout: as they are, prefixed, as NDJSON, or safe for a screen. */
import type { SwarmError } from '../errors.ts'
import { eachLine, LineCutter } from '../io/lines.ts'
import { jsonLine, sanitize, sanitizeBytes } from '../io/sanitize.ts'
import type { Sink } from '../io/sink.ts'
import { limits } from '../limits.ts'
import type { Separator } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import { type Context, plural } from './context.ts'
import type { Room } from './room.ts'

export interface LineFormat {
  /** NDJSON: an object for each line, and for each peer that comes or goes. */
  readonly json: boolean
  /** Before each line: `%n` name, `%i` id, `%t` time, `%%`. `undefined`: nothing, or `%n: ` at a terminal. */
  readonly prefix: string | undefined
}

export interface LineOutputEvents {
  /** The output is full, or has room again. */
  readonly onpause: (paused: boolean) => void
  /** The reader went away, or writing failed. */
  readonly onclose: (error: SwarmError | undefined) => void
}

export class LineOutput {
  readonly #context: Context
  readonly #format: LineFormat
  readonly #separator: Separator
  readonly #events: LineOutputEvents
  /** Absent where a room shows the lines. */
  readonly #sink: Sink | undefined
  readonly #room: Room | undefined
  #pendingBytes = 0
  #paused = false
  #waiting: (() => void)[] = []
  #flushing: (() => void)[] = []

  constructor(
    context: Context,
    format: LineFormat,
    separator: Separator,
    events: LineOutputEvents,
    room?: Room,
  ) {
    this.#context = context
    this.#format = format
    this.#separator = separator
    this.#events = events
    this.#room = room
    if (room !== undefined) return
    this.#sink = context.openStdout({ mustBeOpen: false })
    this.#sink.onclose = events.onclose
  }

  get paused(): boolean {
    return this.#paused
  }

  /** Nothing is waiting to be written. */
  get idle(): boolean {
    return this.#pendingBytes === 0
  }

  /** Writes an author's lines. `from` is what ends each of them in `body`, which must not change before `done`. */
  lines(info: PeerInfo, body: Buffer, from: Separator, done = () => {}): void {
    this.#context.counters.takeLines(body, from)
    if (this.#room) {
      this.#room.said(info, body, from)
      return done()
    }
    if (this.#format.json) return this.#write(Buffer.from(this.#asJson(info, body, from)), done)
    if (this.#sink?.isTerminal) return this.#write(Buffer.from(this.#asText(info, body, from)), done)
    const lines = from === this.#separator ? body : translated(body, from, this.#separator)
    if (this.#format.prefix === undefined) return this.#write(lines, done)
    const prefix = Buffer.from(this.#prefix(info))
    const parts: Buffer[] = []
    eachLine(lines, this.#separator, (line) => parts.push(prefix, line, Buffer.of(this.#separator)))
    this.#write(Buffer.concat(parts), done)
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
    if (this.#sink?.isTerminal) this.#context.report.info(text)
    else this.#context.report.verbose(text)
  }

  /** We were too slow for this author. */
  missed(info: PeerInfo, lines: number): void {
    if (this.#room) return this.#room.missed(info, lines)
    if (this.#format.json) this.#json({ event: 'missed', from: info.id, name: info.name, lines })
    this.#context.report.warn(`missed ${plural(lines, 'line')} from ${info.name}`, { lines })
  }

  /** Calls back when there is room for more. */
  whenRoom(done: () => void): void {
    if (this.#paused) this.#waiting.push(done)
    else done()
  }

  /** Resolves when everything is written. */
  flushed(): Promise<void> {
    if (this.idle) return Promise.resolve()
    return new Promise((resolve) => this.#flushing.push(resolve))
  }

  async close(): Promise<void> {
    await this.#sink?.close()
  }

  #json(value: object): void {
    this.#write(Buffer.from(jsonLine(value)))
  }

  #asJson(info: PeerInfo, body: Buffer, from: Separator): string {
    let text = ''
    eachLine(body, from, (line) => {
      const decoded = line.toString('utf8')
      // What is not UTF-8 is given byte for byte as well.
      const exact = Buffer.from(decoded, 'utf8').equals(line) ? {} : { base64: line.toString('base64') }
      text += jsonLine({ from: info.id, name: info.name, line: decoded, ...exact })
    })
    return text
  }

  #asText(info: PeerInfo, body: Buffer, from: Separator): string {
    const prefix = sanitize(this.#prefix(info))
    let text = ''
    eachLine(body, from, (line) => {
      text += `${prefix}${sanitizeBytes(line)}\n`
    })
    return text
  }

  #prefix(info: PeerInfo): string {
    const { prefix = '%n: ' } = this.#format
    return prefix.replace(/%([nit%])/g, (_all, what: string) => {
      if (what === 'n') return info.name
      if (what === 'i') return info.id.slice(0, 8)
      return what === 't' ? new Date().toTimeString().slice(0, 8) : '%'
    })
  }

  #write(bytes: Buffer, done = () => {}): void {
    this.#pendingBytes += bytes.length
    if (!this.#paused && this.#pendingBytes >= limits.outputBytes) this.#setPaused(true)
    this.#sink?.write(bytes, () => {
      done()
      this.#pendingBytes -= bytes.length
      if (this.#paused && this.#pendingBytes < limits.outputBytes / 2) this.#setPaused(false)
      if (this.#pendingBytes > 0) return
      const flushing = this.#flushing
      this.#flushing = []
      for (const resolve of flushing) resolve()
    })
  }

  #setPaused(paused: boolean): void {
    this.#paused = paused
    this.#events.onpause(paused)
    if (paused) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const done of waiting) done()
  }
}

/** The same lines with the other separator. */
function translated(body: Buffer, from: number, to: number): Buffer {
  return Buffer.from(body.map((byte) => (byte === from ? to : byte)))
}
