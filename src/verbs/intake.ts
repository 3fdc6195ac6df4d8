/**
 * Intake: the receiving half of one stream.
 *
 * Dials the sender, passes the bytes on as they come, and compares their number and digest with what
 * the sender says on the link. Only when all is written where it was meant to go is it confirmed.
 */
import type { Duplex } from 'node:stream'
import { messageOf, SwarmError } from '../errors.ts'
import { createDigest, type Digest } from '../io/digest.ts'
import { openLoan, openSpool } from '../io/input.ts'
import { canBorrow } from '../io/loan.ts'
import type { Source } from '../io/source.ts'
import type { SpoolSource } from '../io/spool-source.ts'
import type { Connection } from '../protocol/connection.ts'
import type { Link } from '../protocol/link.ts'
import type { AbortCode, Message } from '../protocol/message.ts'
import { isHere, type PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { Condition, delay, until } from './context.ts'
import type { Counters } from './counters.ts'
import { linger } from './linger.ts'

export type Offer = Extract<Message, { type: 'offer' }>
type End = Extract<Message, { type: 'end' }>

/** Where an intake's bytes go. */
export interface Outflow {
  /** The stream is taken, and its bytes come. */
  begin?(): void
  /** @param done called when the chunk's memory may be reused */
  write(chunk: Buffer, done: () => void): void
  /** Everything is right: makes it final. Rejects with SwarmError OUTPUT when that fails. */
  commit(): Promise<void>
  /** Takes the socket itself, if that can be done: resolves when it wants no more from it. */
  takeSocket?(socket: Duplex, signal: AbortSignal): Promise<void>
}

/** A reason that is said on the link comes this much later than what is seen elsewhere. */
const LINK_MS = 20
/** A command whose sender is lost finds the end of its input, and is ended if it goes on for longer. */
const LOST_MS = 500
const TURNS = 3
const PROGRESS_MS = 200

export class Intake {
  readonly info: PeerInfo
  /** How much has come so far. */
  bytes = 0
  /** How much it will be, as the sender says. */
  get size(): number | undefined {
    return this.#offer.size
  }

  /** The sender has taken its offer back, and never began. */
  withdrawn = false
  readonly #swarm: Swarm
  readonly #link: Link
  readonly #offer: Offer
  readonly #outflow: Outflow
  readonly #counters: Counters | undefined
  readonly #changed = new Condition()
  readonly #digest: Digest
  #total: string | undefined
  #connection: Connection | undefined
  /** What the sender lent: it is read here, and the connection stays silent. */
  #borrowed: Source | undefined
  /** The same, if it is a spool that the sender fills. */
  #spool: SpoolSource | undefined
  #end: End | undefined
  #fault: SwarmError | undefined
  /** Why no more will come; what came before is still passed on. */
  #lostReason: string | undefined
  #streamEnded = false
  #isHanded = false
  /** The sender has said that the rest will not come: it keeps the stream open until we answer. */
  #isAborted = false
  #writing = 0

  /** @param counters where what comes is not counted further on */
  constructor(swarm: Swarm, link: Link, info: PeerInfo, offer: Offer, outflow: Outflow, counters?: Counters) {
    this.#counters = counters
    this.#swarm = swarm
    this.#link = link
    this.info = info
    this.#offer = offer
    this.#outflow = outflow
    this.#digest = createDigest(offer.digest)
  }

  /**
   * Takes the stream to its end.
   * @returns the digest; `undefined` where the bytes did not pass through here
   * @throws SwarmError INCOMPLETE (it broke off), DIGEST, OUTPUT, or the signal's reason; the sender is told
   */
  async run(signal: AbortSignal): Promise<string | undefined> {
    const heard = (message: Message) => this.#hear(message)
    const closed = () => this.#lost('the connection was lost')
    this.#link.on('message', heard).on('close', closed)
    try {
      if (this.#link.closed) closed()
      if (this.#canBorrow()) this.#link.say({ type: 'borrow', stream: this.#offer.stream })
      this.#connection = await until(signal, this.#open())
      if (this.#hands && this.#connection.socket !== undefined) {
        await this.#handOver(this.#connection, this.#connection.socket, signal)
        return undefined
      }
      this.#outflow.begin?.()
      this.#flow(this.#connection)
      await this.#changed.when(signal, () => this.#isSettled())
      if (this.#fault !== undefined) throw this.#fault
      return await this.#confirm()
    } catch (error) {
      this.#tell(error)
      throw error
    } finally {
      this.#link.off('message', heard).off('close', closed)
      this.#connection?.stream.destroy()
      this.#borrowed?.close()
    }
  }

  /** Our output cannot take it: `closed` when its reader went away, else an error. */
  fail(error: SwarmError): void {
    this.#fault ??= error
    this.#changed.changed()
  }

  /** A command may get the socket itself, because the sender did not ask for a digest. */
  get #hands(): boolean {
    return this.#outflow.takeSocket !== undefined && this.#offer.digest === 'sample'
  }

  /** Gives the socket away, and confirms when its new owner wants no more: at the end of the stream, or before. */
  async #handOver(connection: Connection, socket: Duplex, signal: AbortSignal): Promise<void> {
    this.#isHanded = true
    const late = new AbortController()
    const expire = () =>
      void setTimeout(() => late.abort(this.#brokeOff()), this.#isAborted ? 0 : LOST_MS).unref()
    this.#changed.when(signal, () => this.#lostReason !== undefined).then(expire, () => {})
    this.#link.say({ type: 'handed', stream: this.#offer.stream })
    await this.#outflow.takeSocket?.(socket, AbortSignal.any([signal, late.signal]))
    void linger(connection, this.#link)
    // Long enough to find an end that stands in the socket.
    for (let turn = 0; turn < TURNS; turn += 1) await new Promise(setImmediate)
    const isOver = connection.stream.readableEnded || connection.stream.destroyed
    if (isOver)
      await this.#changed.when(signal, () => this.#end !== undefined || this.#lostReason !== undefined)
    if (this.#end === undefined && this.#lostReason !== undefined) throw this.#brokeOff()
    this.#link.say({ type: 'confirm', stream: this.#offer.stream })
  }

  #brokeOff(why = this.#lostReason): SwarmError {
    const { name } = this.info
    return this.#isHanded
      ? new SwarmError('INCOMPLETE', `the stream from ${name} broke off: ${why}`)
      : new SwarmError('INCOMPLETE', `the stream from ${name} broke off after ${this.bytes} bytes: ${why}`)
  }

  #canBorrow(): boolean {
    // A path that somebody elsewhere names is no business of ours.
    if (!isHere(this.info)) return false
    const loans = [this.#offer.loan, this.#offer.spool].filter((loan) => loan !== undefined)
    return loans.length > 0 && !this.#hands && loans.every(canBorrow)
  }

  async #open(): Promise<Connection> {
    try {
      return await this.#swarm.openStream(this.info, this.#offer.stream)
    } catch (error) {
      // Why it was refused stands on the link, or will in a moment.
      await delay(LINK_MS)
      throw error
    }
  }

  #flow(connection: Connection): void {
    const { stream } = connection
    const ended = () => {
      if (this.#borrowed === undefined) this.#ended()
    }
    stream.on('end', ended).on('close', ended)
    connection.pour((chunk) => {
      let inside = true
      this.#pass(chunk, () => {
        if (!inside) connection.resume()
      })
      inside = false
      return this.#writing === 0
    })
  }

  #pass(chunk: Buffer, done: () => void): void {
    this.bytes += chunk.length
    this.#counters?.take(chunk.length)
    this.#digest.update(chunk)
    this.#writing += 1
    this.#outflow.write(chunk, () => {
      this.#writing -= 1
      done()
      if (this.#streamEnded) this.#changed.changed()
    })
  }

  /** The digest of all bytes, once they have come. */
  #sum(): string {
    this.#total ??= this.#digest.text()
    return this.#total
  }

  #ended(): void {
    this.#streamEnded = true
    this.#changed.changed()
  }

  /** Reads what the sender lent, as far ahead of our output as there are buffers. */
  async #borrow(source: Source | undefined, size = 0): Promise<void> {
    const { stream } = this.#offer
    this.#borrowed = source
    let told = 0
    const timer = setInterval(() => {
      // With nothing left to write, it is not we who stand still.
      if (this.bytes > told || this.#writing === 0)
        this.#link.say({ type: 'progress', stream, bytes: this.bytes })
      told = this.bytes
    }, PROGRESS_MS)
    try {
      if (source === undefined) throw new SwarmError('INPUT', 'what it lent is there no longer')
      await source.flow((piece) => this.#pass(piece.data, () => piece.release()))
      if (this.bytes < size) throw new SwarmError('INPUT', `the file was cut short: it had ${size}`)
      // Of a spool the sender has said the end; what ends a pipe it alone can tell.
      if (this.#spool === undefined)
        this.#link.say({ type: 'drained', stream, bytes: this.bytes, digest: this.#sum() })
    } catch (error) {
      // A sender that gives us up takes the spool away first, and says why a moment later.
      await delay(LINK_MS)
      this.#lost(messageOf(error))
    } finally {
      clearInterval(timer)
      this.#ended()
    }
  }

  #begin(): void {
    const { loan } = this.#offer
    if (loan !== undefined && isHere(this.info) && this.#borrowed === undefined)
      void this.#borrow(openLoan(loan), loan.size)
  }

  /** So much of the sender's spool is written. */
  #extend(bytes: number, seat: number): void {
    const { spool, stream } = this.#offer
    if (spool === undefined || !isHere(this.info)) return
    if (this.#borrowed === undefined) {
      const progressed = (read: number) => this.#link.say({ type: 'progress', stream, bytes: read })
      this.#spool = openSpool(spool, seat, progressed)
      void this.#borrow(this.#spool)
    }
    this.#spool?.extend(bytes)
  }

  #hear(message: Message): void {
    if (!('stream' in message) || message.stream !== this.#offer.stream) return
    // Said again and again: nobody has to look up for it.
    if (message.type === 'extent') return this.#extend(message.bytes, message.seat)
    if (message.type === 'end') {
      this.#end = message
      this.#spool?.finish(message.bytes ?? 0)
    } else if (message.type === 'begin') this.#begin()
    else if (message.type === 'abort' || message.type === 'withdraw') {
      this.withdrawn ||= message.type === 'withdraw'
      this.#isAborted ||= message.type === 'abort'
      this.#lost(message.reason)
    }
    this.#changed.changed()
  }

  /** The sender is gone; what it had sent before still counts, so the stream is read to its end. */
  #lost(reason: string): void {
    this.#lostReason ??= reason
    this.#borrowed?.close()
    this.#changed.changed()
  }

  #isSettled(): boolean {
    if (this.#fault !== undefined) return true
    if (!this.#streamEnded || this.#writing > 0) return false
    return this.#end !== undefined || this.#lostReason !== undefined
  }

  async #confirm(): Promise<string> {
    const { bytes } = this
    // A command at the other end leaves nothing to compare.
    if (this.#end !== undefined && this.#end.bytes === undefined && this.#offer.digest === 'sample') {
      await this.#commit()
      this.#link.say({ type: 'confirm', stream: this.#offer.stream })
      return this.#sum()
    }
    if (this.#end?.bytes !== bytes) throw this.#brokeOff(this.#lostReason ?? whyNotWhole(this.#end))
    const digest = this.#sum()
    if (digest !== this.#end.digest) {
      throw new SwarmError('DIGEST', `the stream from ${this.info.name} is not what was sent: ${digest}`)
    }
    await this.#commit()
    this.#link.say({ type: 'confirm', stream: this.#offer.stream, bytes, digest })
    return digest
  }

  async #commit(): Promise<void> {
    await this.#outflow.commit()
    if (this.#fault !== undefined) throw this.#fault
  }

  #tell(error: unknown): void {
    const code = error instanceof SwarmError ? (ABORT_CODES.get(error.code) ?? 'interrupted') : 'output'
    const reason = error instanceof Error ? error.message.slice(0, 500) : 'failed'
    this.#link.say({ type: 'abort', stream: this.#offer.stream, bytes: this.bytes, code, reason })
  }
}

function whyNotWhole(end: End | undefined): string {
  return end?.bytes === undefined ? 'the sender told no digest' : `${end.bytes} were sent`
}

const ABORT_CODES = new Map<string, AbortCode>([
  ['OUTPUT', 'output'],
  ['COMMAND_FAILED', 'output'],
  ['DIGEST', 'digest'],
  ['INTERRUPTED', 'interrupted'],
])
