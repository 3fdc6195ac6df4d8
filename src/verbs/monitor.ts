/**
 * Looking at peers again and again: who is there, and what each of them has counted.
 *
 * Peers count for themselves and tell when they are asked, at our pace. One question at a time is under way
 * with each, so a peer that is stopped is asked once, and its round trip grows until it answers.
 */
import { pause } from '../abort.ts'
import { limits } from '../limits.ts'
import { Link } from '../protocol/link.ts'
import type { Message } from '../protocol/message.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { type CommonOptions, Condition, type Context, createSwarm, delay } from './context.ts'
import { ANSWER_MS, type Row, Watched } from './watched.ts'

export interface MonitorOptions extends Omit<CommonOptions, 'topic'> {
  /** Absent: all topics that exist here. */
  readonly topic: string | undefined
  readonly intervalMs: number
}

const SURVEY_MS = 3_000
/** A look at all topics may take this part of our time. */
const SURVEY_SHARE = 100

export class Monitor {
  /** Called when somebody came or went, and after each round of answers. */
  onchange: (() => void) | undefined
  readonly topic: string | undefined
  readonly #options: MonitorOptions
  readonly #swarm: Swarm
  readonly #watched = new Map<string, Watched>()
  readonly #answered = new Condition()
  #surveyAt = 0

  constructor(context: Context, options: MonitorOptions) {
    this.#options = options
    this.topic = options.topic
    this.#swarm = createSwarm(context, options, { verb: 'top', reads: [], writes: [], observer: true })
    this.#swarm.on('connection', (stream, info) => this.#meet(new Link(stream), info))
  }

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
    const haveAll = () => [...this.#watched.values()].every(({ isAsked }) => !isAsked)
    await this.#answered.when(AbortSignal.timeout(ANSWER_MS), haveAll).catch(() => {})
    this.onchange?.()
  }

  /** Looks and asks once in each interval, until it is aborted. `onround` is called after each. */
  async run(signal: AbortSignal, onround: () => void = () => {}): Promise<void> {
    for (;;) {
      await pause(signal, this.#options.intervalMs)
      if (signal.aborted) return
      await this.#look()
      await this.ask()
      onround()
    }
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
    const one = new Watched(link, info, () => this.#answered.changed())
    this.#watched.set(one.key, one)
    // Its figures are wanted at once, not with the next round.
    one.ask()
    link.on('close', () => {
      if (this.#watched.get(one.key) === one) this.#watched.delete(one.key)
      this.#answered.changed()
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
