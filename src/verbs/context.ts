/** What a verb is given: the world outside, as far as it needs it. */
import { messageOf, SwarmError } from '../errors.ts'
import type { Sink } from '../io/sink.ts'
import type { Source, SourceOptions } from '../io/source.ts'
import { limits } from '../limits.ts'
import { Link } from '../protocol/link.ts'
import type { AbortCode } from '../protocol/message.ts'
import type { SwarmOptions } from '../swarm/api.ts'
import { isHere, type PeerInfo } from '../swarm/peer.ts'
import { Swarm } from '../swarm/swarm.ts'
import type { DatagramOptions } from '../transport/endpoint/datagrams.ts'
import { local } from '../transport/local/local.ts'
import type { Transport } from '../transport/transport.ts'
import type { Counters } from './counters.ts'
import type { Follow } from './progress.ts'
import type { OpenRoom } from './room.ts'

/** Talk: for people on stderr, or as NDJSON for programs. */
export interface Report {
  /** What a user should see unless told `--quiet`. */
  info(message: string, details?: Details): void
  /** What helps a person at a terminal, and is in the way of anybody else. */
  hint(message: string): void
  /** What went wrong and was survived. */
  warn(message: string, details?: Details): void
  /** What only `--verbose` shows. */
  verbose(message: string, details?: Details): void
}

export type Details = Readonly<Record<string, string | number | boolean>>

export interface Context {
  readonly report: Report
  readonly counters: Counters
  /** Ends the verb as a signal would, with this reason. */
  cut(reason: string): void
  /** Aborted by a signal or by `--timeout`; its reason is the SwarmError that the verb ends with. */
  readonly signal: AbortSignal
  /** `-` is stdin. */
  openSource(path: string, options: SourceOptions): Source
  openStdout(): Sink
  /** Throws INPUT when stdin is not open for reading: for verbs that open it only after peers were met. */
  checkStdin(): void
  /** Throws OUTPUT when stdout is not open for writing: for verbs that open it only after peers were met. */
  checkStdout(): void
  /**
   * What is coming: lines, one now and then, which should be at once where they go; a stream, as fast as can be; or commands,
   * each of which is to start soon.
   */
  expect(what: 'lines' | 'stream' | 'commands'): void
  /** Says that we can be met from now on (`--ready`). */
  ready(self: Pick<Swarm, 'name' | 'id'>, topic: string): void
  /** From here on a stream can be followed: on a terminal, or when somebody asks. Returns what ends it. */
  follow(followed: Follow): () => void
  /** The screen of a person who sits there, instead of stdin and stdout. */
  readonly openRoom: OpenRoom | undefined
  /** Ways to meet peers that are not on this machine, and how many of all may come. */
  readonly network: {
    readonly transports: readonly Transport[]
    readonly maxPeers: number | undefined
    /** For `pub` and `sub`: datagrams, where they are asked for. */
    readonly datagrams?: DatagramOptions | undefined
  }
  readonly env: Readonly<Record<string, string | undefined>>
  /** From here on SIGHUP calls this instead of ending the verb, unless the terminal that we were started on is gone. */
  onhangup(act: () => void): void
  /** Process id to show to peers. */
  readonly pid: number
}

export interface CommonOptions {
  readonly topic: string
  readonly dir: string | undefined
  readonly name: string
}

/** What the verbs take that wait for peers, or choose among them. */
export interface MeetingOptions extends CommonOptions {
  /** Only these peers, by name or id; empty: all. */
  readonly to: readonly string[]
  /** Fails with NOBODY when too few peers are there, instead of waiting for them. */
  readonly noWait: boolean
}

export type Part = Pick<SwarmOptions, 'verb' | 'reads' | 'writes' | 'observer' | 'maxPeers'>

/**
 * A swarm for a verb, its warnings reported, its observers answered.
 * @param say shows a line that an observer says to this peer alone; by default on stderr
 */
export function createSwarm(
  context: Context,
  options: Omit<CommonOptions, 'topic'>,
  part: Part,
  say: (info: PeerInfo, text: string) => void = (info, text) => context.report.info(`${info.name}: ${text}`),
): Swarm {
  const swarm = new Swarm({
    ...part,
    transports: [local({ basedir: options.dir, shownAs: options.name }), ...context.network.transports],
    maxPeers: Math.min(part.maxPeers ?? Number.POSITIVE_INFINITY, context.network.maxPeers ?? limits.peers),
    name: options.name,
    pid: context.pid,
  })
  swarm.on('warning', (message) => {
    // What a verb fails of is said by its error, and not twice: by then it has destroyed its swarm.
    setImmediate(() => {
      if (!swarm.destroyed) context.report.warn(message)
    })
  })
  swarm.on('observer', (stream, info) => {
    const link = new Link(stream)
    link.on('message', (message) => {
      if (message.type === 'ask' && stream.writableLength <= UNREAD_BYTES_MAX) {
        link.say(context.counters.tell(message.number))
      } else if (message.type === 'say') say(info, message.text)
      else if (message.type === 'cut' && isHere(info)) context.cut(`cut by ${info.name}`)
    })
  })
  return swarm
}

/** An observer that does not read its answers gets no more of them. */
const UNREAD_BYTES_MAX = 16_384

/** `promise`, unless the signal is aborted first: then its reason is thrown. */
export async function until<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  // If the promise fails after we were interrupted, that is not news.
  promise.catch(() => {})
  signal.throwIfAborted()
  let abort = () => {}
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort)
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
    aborted.catch(() => {})
  }
}

/** Something that is waited for by asking again whenever something changed. */
export class Condition {
  #waiting: (() => void)[] = []

  changed(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }

  async when(signal: AbortSignal, holds: () => boolean): Promise<void> {
    signal.throwIfAborted()
    while (!holds()) await until(signal, new Promise<void>((resolve) => this.#waiting.push(resolve)))
  }
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

export function hasCode(error: unknown, code: SwarmError['code']): boolean {
  return error instanceof SwarmError && error.code === code
}

const REASON_CHARACTERS = 500

/** What the other side is told of a stream that will not be finished because of `error`. */
export function abortOf(error: unknown): { code: AbortCode; reason: string } {
  const code = hasCode(error, 'INTERRUPTED') ? 'interrupted' : 'input'
  return { code, reason: messageOf(error).slice(0, REASON_CHARACTERS) }
}

/** `1 peer`, `2 peers`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** `a FILE`, `an ID`, `an N`: what a usage asks for. */
export function withArticle(word: string): string {
  return `${/^([AEIOU]|N$)/.test(word) ? 'an' : 'a'} ${word}`
}
