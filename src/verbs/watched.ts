/** One peer on one topic, asked for its figures one question at a time, and what has come of it. */
import type { Link } from '../protocol/link.ts'
import type { Message } from '../protocol/message.ts'
import type { PeerInfo } from '../swarm/peer.ts'

type Told = Extract<Message, { type: 'counters' }>

/** What a peer told; absent is what it does not know, or has not told yet. */
export interface Figures extends Partial<Omit<Told, 'type' | 'number' | 'upMs'>> {
  /** When it began, on our own clock. */
  readonly since?: number
  /** Bytes a second, both directions. */
  readonly rate?: number
  /** From the question to the answer; of one that is still to come, so far. */
  readonly roundTripMs?: number
}

export interface Row extends Figures {
  /** Of this peer on this topic. */
  readonly key: string
  readonly info: PeerInfo
  /** The rates of the last answers, the newest last. */
  readonly rates: readonly number[]
}

/** Answers on one machine come at once; who takes longer is shown without. */
export const ANSWER_MS = 200
const RATE_MS = 50
const RATES_KEPT = 120

export class Watched {
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
