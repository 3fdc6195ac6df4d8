/** What a `join` says: the lines of its input, or what a person types. */
import { SwarmError } from '../errors.ts'
import { countLines, LineCutter } from '../io/lines.ts'
import type { Source } from '../io/source.ts'
import { limits } from '../limits.ts'
import type { Separator } from '../protocol/link.ts'
import { type Context, plural, until } from './context.ts'
import type { JoinPeers } from './join-peers.ts'
import type { Room, Utterance } from './room.ts'

const TOO_LONG = `a line longer than ${limits.lineBytes} bytes is not sent; use lswarm send`

export class Speech {
  readonly #context: Context
  readonly #separator: Separator
  readonly #peers: JoinPeers
  #isOver = false
  #refused = 0
  #unheard = 0

  constructor(context: Context, separator: Separator, peers: JoinPeers) {
    this.#context = context
    this.#separator = separator
    this.#peers = peers
  }

  /** Nothing more is to be said, whatever is still to come. */
  stop(): void {
    this.#isOver = true
  }

  /** Says the lines of `source`, to its end. */
  async read(source: Source): Promise<void> {
    const { signal, report, counters } = this.#context
    const { bulk, fanOut } = this.#peers
    const cutter = new LineCutter(
      this.#separator,
      (lines) => {
        if (this.#peers.heard === 0) this.#unheard += countLines(lines, this.#separator)
        counters.giveLines(lines, this.#separator)
        bulk.say(lines)
      },
      () => {
        this.#refused += 1
        report.warn(TOO_LONG)
      },
      (bytes) => bulk.memory(bytes),
    )
    const speaking = source.flow((piece) => {
      if (this.#isOver) return
      cutter.push(piece.data)
      void fanOut.room().then(() => piece.release())
    })
    await until(signal, speaking)
    // Left because our reader went away: what we have read of a line is not a line.
    if (!this.#isOver) cutter.end()
    bulk.flush()
  }

  /** Says what a person says, until they leave. */
  async converse(room: Room): Promise<void> {
    const { signal } = this.#context
    while (!this.#isOver) {
      const utterance = await until(signal, room.next())
      if (utterance === undefined) break
      this.#utter(utterance, room)
      await until(signal, this.#peers.fanOut.room())
    }
  }

  /** Tells of lines that nobody was there for. */
  warnOfUnheard(): void {
    if (this.#unheard === 0) return
    this.#context.report.warn(`${plural(this.#unheard, 'line')} said to nobody`, { lines: this.#unheard })
  }

  /** @throws SwarmError INPUT, when lines were not sent */
  throwIfRefused(): void {
    if (this.#refused === 0) return
    const lines = plural(this.#refused, 'line')
    throw new SwarmError('INPUT', `${lines} longer than ${limits.lineBytes} bytes not sent`)
  }

  #utter({ text, to }: Utterance, room: Room): void {
    const line = Buffer.from(`${text}${String.fromCharCode(this.#separator)}`)
    if (line.length > limits.lineBytes) return room.notice(TOO_LONG)
    const outlets = this.#peers.outlets(to)
    if (outlets.length === 0) room.notice('nobody is here who takes lines: said to nobody')
    else this.#context.counters.giveLines(line, this.#separator)
    this.#peers.fanOut.write(line, undefined, outlets)
  }
}
