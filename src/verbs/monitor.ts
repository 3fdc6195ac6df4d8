/**
 * Looking at peers again and again: who is there, and what each of them has counted.
 *
 * Peers count for themselves and tell when they are asked, at our pace. One question at a time is under way
 * with each, so a peer that is stopped is asked once, and its round trip grows until it answers.
 */
import { limits } from '../limits.ts'
import { Link } from '../protocol/link.ts'
import type { Message } from '../protocol/message.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { type CommonOptions, type Context, createSwarm, delay } from './context.ts'

export interface MonitorOptions extends Omit<CommonOptions, 'topic'> {
  /** Absent: all topics that exist here. */
  readonly topic: string | undefined
  readonly intervalMs: number
}

/** What a peer told; absent is what it does not know, or has not told yet. */
export interface Figures {
  /** When it began, on our own clock. */
  readonly since?: number
  readonly bytesIn?: number
  readonly bytesOut?: number
  readonly linesIn?: number
  readonly linesOut?: number
  readonly queueBytes?: number
  readonly dropped?: number
  /** Bytes a second, both directions. */
  readonly rate?: number
  /** From the question to the answer; of one that is still to come, so far. */
  readonly roundTripMs?: number
}

/** One peer on one topic. */
export interface Row extends Figures {
  /** Of this peer on this topic. */
  readonly key: string
  readonly info: PeerInfo
  /** The rates of the last answers, the newest last. */
  readonly rates: readonly number[]
}

type Told = Extract<Message, { type: 'counters' }>

/** Answers on one machine come at once; who takes longer is shown without. */
const ANSWER_MS = 200
const RATE_MS = 50
const RATES_KEPT = 120
const SURVEY_MS = 3_000
/** A look at all topics may take this part of our time. */
const SURVEY_SHARE = 100

class Watched {
  readonly link: Link
  readonly info: PeerInfo
  readonly key: string
  readonly rates: number[] = []
  figures: Figures = {}
  #number = 0
  #askedAt: number | undefined
  #last: { readonly at: number; readonly bytes: number } | undefined

  constructor(link: Link, info: PeerInfo, onanswer: () => void) {
    this.link = link
    this.info = info
    this.key = `${info.topic.toString('hex')}:${info.id}`
    link.on('message', (message) => {
      if (message.type !== 'counters' || message.number !== this.#number) return
      this.#answered(message)
      onanswer()
    })
  }

  /** A question is under way. */
  get isAsked(): boolean {
    return this.#askedAt !== undefined
  }

  /** It has answered at least once: it understands us. */
  get isKnown(): boolean {
    return this.#last !== undefined
  }

  ask(): void {
    if (this.isAsked) return
    this.#askedAt = performance.now()
    this.#number += 1
    this.link.say({ type: 'ask', number: this.#number })
  }

  row(): Row {
    const { key, info, figures } = this
    const waitingMs =
      this.isKnown && this.#askedAt !== undefined ? performance.now() - this.#askedAt : undefined
    const late = waitingMs !== undefined && waitingMs > ANSWER_MS
    return {
      key,
      info,
      ...figures,
      ...(late && { roundTripMs: waitingMs, rate: 0 }),
      rates: [...this.rates],
    }
  }

  #answered(told: Told): void {
    const now = performance.now()
    const roundTripMs = now - (this.#askedAt ?? now)
    this.#askedAt = undefined
    const bytes = (told.bytesIn ?? 0) + (told.bytesOut ?? 0)
    const last = this.#last
    // Two answers at once say nothing about a rate.
    const isSoon = last !== undefined && now - last.at < RATE_MS
    const rate = last && !isSoon ? (Math.max(0, bytes - last.bytes) * 1000) / (now - last.at) : undefined
    if (!isSoon) this.#last = { at: now, bytes }
    if (rate !== undefined) this.rates.push(rate)
    if (this.rates.length > RATES_KEPT) this.rates.shift()
    const { type: _type, number: _number, upMs, ...counted } = told
    const since = this.figures.since ?? Date.now() - upMs
    this.figures = { ...counted, since, roundTripMs, ...(rate !== undefined && { rate }) }
  }
}

export class Monitor {
  /** Called when somebody came or went, and after each round of answers. */
  onchange: (() => void) | undefined
  readonly topic: string | undefined
  readonly #options: MonitorOptions
  readonly #swarm: Swarm
  readonly #watched = new Map<string, Watched>()
  #answered: (() => void) | undefined
  #surveyAt = 0

  constructor(context: Context, options: MonitorOptions) {
    this.#options = options
    this.topic = options.topic
    this.#swarm = createSwarm(context, options, { verb: 'top', reads: [], writes: [], observer: true })
    this.#swarm.on('connection', (stream, info) => this.#meet(new Link(stream), info))
  }

  /** Who is there, in no order. */
  rows(): Row[] {
    return [...this.#watched.values()].map((one) => one.row())
  }

  /**
   * Finds who is there, and asks them for the first time.
   * @throws SwarmError RUNTIME_DIRECTORY and others: it cannot be looked
   */
  async begin(): Promise<void> {
    if (this.topic !== undefined) await this.#swarm.join(this.topic).flushed()
    else {
      await this.#swarm.survey()
      this.#joinAll()
      this.#surveyAt = performance.now() + SURVEY_MS
    }
    await this.ask()
  }

  /** Asks everyone, and resolves when all have answered, or have not for a moment. */
  async ask(): Promise<void> {
    for (const one of this.#watched.values()) one.ask()
    const answered = new Promise<void>((resolve) => {
      this.#answered = () => {
        for (const one of this.#watched.values()) if (one.isAsked) return
        resolve()
      }
      this.#answered()
    })
    await Promise.race([answered, delay(ANSWER_MS)])
    this.onchange?.()
  }

  /** Looks and asks once in each interval, until it is aborted. `onround` is called after each. */
  async run(signal: AbortSignal, onround: () => void = () => {}): Promise<void> {
    let wake = () => {}
    const stop = () => wake()
    signal.addEventListener('abort', stop)
    while (!signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#options.intervalMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      if (signal.aborted) break
      await this.#look()
      await this.ask()
      onround()
    }
    signal.removeEventListener('abort', stop)
  }

  /** Says a line to one peer alone; false when it would not understand. */
  say(key: string, text: string): boolean {
    return this.#tell(key, { type: 'say', text: text.slice(0, SAY_LENGTH) })
  }

  /** Asks a peer to leave; false when it would not understand. */
  cut(key: string): boolean {
    return this.#tell(key, { type: 'cut' })
  }

  destroy(): Promise<void> {
    this.onchange = undefined
    for (const { link } of this.#watched.values()) link.destroy()
    return this.#swarm.destroy({ lingerMs: 0 })
  }

  #meet(link: Link, info: PeerInfo): void {
    const one = new Watched(link, info, () => this.#answered?.())
    this.#watched.set(one.key, one)
    // Its figures are wanted at once, not with the next round.
    one.ask()
    link.on('close', () => {
      if (this.#watched.get(one.key) === one) this.#watched.delete(one.key)
      this.#answered?.()
      this.onchange?.()
    })
    this.onchange?.()
  }

  #tell(key: string, message: Message): boolean {
    const one = this.#watched.get(key)
    if (!one?.isKnown) return false
    one.link.say(message)
    return true
  }

  async #look(): Promise<void> {
    const looks = this.#swarm.topics().map((topic) => this.#swarm.status(topic)?.refresh())
    await Promise.race([Promise.all(looks).catch(() => {}), delay(this.#options.intervalMs)])
    if (this.topic !== undefined || performance.now() < this.#surveyAt) return
    const began = performance.now()
    await this.#swarm.survey().catch(() => {})
    this.#joinAll()
    for (const topic of this.#swarm.topics()) {
      const isThere = [...this.#watched.values()].some(({ info }) => info.topic.equals(topic))
      if (!isThere) await this.#swarm.leave(topic)
    }
    const now = performance.now()
    this.#surveyAt = now + Math.max(SURVEY_MS, (now - began) * SURVEY_SHARE)
  }

  #joinAll(): void {
    for (const { info } of this.#watched.values()) {
      if (this.#swarm.status(info.topic) === null && this.#swarm.topics().length < limits.peers)
        this.#swarm.join(info.topic)
    }
  }
}

/** What one message may say; the protocol takes a thousand. */
const SAY_LENGTH = 1_000
