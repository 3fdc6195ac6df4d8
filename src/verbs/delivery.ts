/**
 * Delivery: the sending half of one stream, to one or many receivers.
 *
 * Offers the stream on every link, starts when enough have taken it, writes the same bytes to all
 * with the slowest setting the pace, says the true end on the links, and waits until each receiver
 * has confirmed it, or has failed for a reason that is named.
 */
import { messageOf, type SwarmError } from '../errors.ts'
import { createDigest, type Digest } from '../io/digest.ts'
import type { Piece, Source } from '../io/source.ts'
import type { Message } from '../protocol/message.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { abortOf, type Context, delay, until } from './context.ts'
import { linger } from './linger.ts'
import type { Progress } from './progress.ts'
import { type Receiver, STREAM } from './receiver.ts'
import { type OfferOptions, Receivers } from './receivers.ts'

/** What became of a delivery. */
export interface Outcome {
  /** What was sent; `undefined` where a command wrote to the socket itself. */
  readonly sent: { readonly bytes: number; readonly digest: string } | undefined
  readonly confirmed: readonly string[]
  /** Names of those who did not confirm, each with the reason. */
  readonly failed: readonly { readonly name: string; readonly reason: string }[]
}

export class Delivery {
  readonly receivers: Receivers
  readonly #context: Context
  readonly #options: OfferOptions
  /** Made for what passes us; what is lent is digested by who reads it. */
  #digest: Digest | undefined
  /** How far all receivers are, or will be with what waits for them. */
  #bytes = 0
  /** The digest of all of it, once the source has ended. */
  #total = ''
  #handed = false
  #source: Source | undefined
  /** The receivers read the source themselves. */
  #lent = false
  /** The receivers read what is put into the spool. */
  #spooled = false
  /** How much that was, once one of them has read it all. */
  #lentBytes = 0

  constructor(context: Context, swarm: Swarm, options: OfferOptions) {
    this.#context = context
    this.#options = options
    this.receivers = new Receivers(context, swarm, options, {
      onmessage: (receiver, message) => this.#hear(receiver, message),
      bytes: () => this.#bytes,
    })
  }

  get progress(): Progress {
    return {
      bytes: this.#handed ? undefined : this.#bytes,
      size: this.#options.size,
      peers: [...this.receivers.names('taken'), ...this.receivers.names('confirmed')],
      laggard: this.receivers.started ? this.receivers.laggard(this.#lent) : undefined,
    }
  }

  /**
   * A command writes to the socket of the one receiver; its end is the stream's. Resolves early when that receiver is lost,
   * or has had enough.
   * @param failure resolves when the command has ended, with what went wrong
   * @throws SwarmError of `failure`, or the signal's reason
   */
  async runHanded(failure: () => Promise<SwarmError | undefined>): Promise<Outcome> {
    this.#handed = true
    const nobodyLeft = this.receivers.when(() => this.receivers.taken === 0)
    const failed = await Promise.race([failure(), nobodyLeft])
    // A command fails if nobody reads what it writes; then the word of the receiver says more.
    if (failed) await Promise.race([nobodyLeft, delay(LOST_MS)])
    if (failed && this.receivers.taken > 0) throw failed
    for (const receiver of this.receivers.at('taken')) {
      if (receiver.connection) void linger(receiver.connection, receiver.link)
      if (receiver.call === undefined) receiver.link.say({ type: 'end', stream: STREAM })
      else receiver.call.sayEnded()
    }
    await this.#confirmations()
    return this.#outcome()
  }

  /**
   * Tells the receivers that there will be no end: the source failed; or no beginning.
   * @returns resolves when those that gave the stream to a command have ended it, after a second at most; never rejects
   */
  async abort(error: unknown): Promise<void> {
    const ending: Promise<void>[] = []
    for (const receiver of this.receivers.all()) {
      if (receiver.isSettled) continue
      if (!this.receivers.started) {
        this.receivers.withdraw(receiver, `has given up before it began: ${messageOf(error)}`)
        continue
      }
      // What it answers is no news.
      receiver.stage = 'failed'
      // Said first: else a receiver of a spool may find its seat taken, and not know why.
      if (receiver.call === undefined)
        receiver.link.say({ type: 'abort', stream: STREAM, bytes: this.#bytes, ...abortOf(error) })
      if (receiver.outlet !== undefined) this.receivers.fanOut.delete(receiver.outlet)
      const close = () => void receiver.connection?.stream.destroy()
      if (receiver.call !== undefined) ending.push(receiver.call.abort(error).then(close))
      else if (receiver.isHanded) ending.push(answered(receiver).then(close))
      else close()
    }
    await Promise.all(ending)
  }

  /**
   * Sends everything that `source` gives, also what it gave before it failed.
   * @throws SwarmError INPUT, or the signal's reason; the receivers are told
   */
  async run(source: Source): Promise<Outcome> {
    const { signal } = this.#context
    this.#source = source
    this.#lent = this.#lend()
    if (this.#lent) source.lent()
    this.#spooled = !this.#lent && this.#spool()
    // An input that gives nothing for a long time must not hide that nobody is left to have it.
    this.receivers
      .when(() => this.receivers.taken === 0)
      .then(
        () => source.close(),
        () => {},
      )
    try {
      if (!this.#lent) {
        await until(signal, this.#flow(source))
        this.#end()
      }
      await this.#confirmations()
      return this.#outcome()
    } catch (error) {
      await this.abort(error)
      throw error
    } finally {
      this.receivers.fanOut.close()
    }
  }

  /** Rejects if the source fails, once every receiver has what it gave before. */
  async #flow(source: Source): Promise<void> {
    try {
      await source.flow((piece) => this.#pass(piece))
    } catch (error) {
      const { spool } = this.#options
      do {
        spool?.flush()
        await this.receivers.fanOut.empty()
      } while (this.#spooled && spool?.isIdle === false)
      throw error
    }
  }

  /** What is on its way to the slowest receiver is bounded by the source's buffers. */
  #pass(piece: Piece): void {
    this.#reached(this.#bytes + piece.data.length)
    this.#digested().update(piece.data)
    if (this.#spooled) this.#options.spool?.put(piece)
    else this.receivers.fanOut.write(piece.data, () => piece.release())
  }

  #digested(): Digest {
    this.#digest ??= createDigest(this.#options.digest)
    return this.#digest
  }

  /**
   * The receivers read the source themselves, if all of them can; one alone, if it is a pipe.
   * What they confirm has to agree.
   */
  #lend(): boolean {
    const { loan } = this.#options
    const receivers = this.receivers.all()
    if (loan === undefined || (loan.size === undefined && receivers.length > 1)) return false
    if (!this.receivers.canAllBorrow) return false
    for (const { link, outlet } of receivers) {
      link.say({ type: 'begin', stream: STREAM })
      outlet?.bypass()
    }
    return true
  }

  /** Many receivers read it out of one place in memory, if all of them can: each byte is written there once. */
  #spool(): boolean {
    const { spool } = this.#options
    const receivers = this.receivers.all()
    if (spool === undefined || receivers.length < 2 || !this.receivers.canAllBorrow) return false
    const seats = receivers.map(({ link }) =>
      spool.seat(({ end }, seat) => link.say({ type: 'extent', stream: STREAM, bytes: end, seat })),
    )
    if (seats.includes(undefined)) return false
    if (!spool.reserve((extent, release) => this.receivers.fanOut.write(extent, release))) return false
    receivers.forEach((receiver, index) => {
      receiver.seat = seats[index]
      // Of nothing yet: now it knows which way the stream will come.
      receiver.seat?.write({ length: 0, end: 0 }, () => {})
    })
    return true
  }

  #end(): void {
    this.#options.spool?.flush()
    this.#total = this.#digested().text()
    for (const receiver of this.receivers.all()) void this.#endOf(receiver)
  }

  async #endOf(receiver: Receiver): Promise<void> {
    // Who reads the spool knows by the length where the end is.
    if (receiver.seat === undefined) {
      await receiver.outlet?.empty()
      if (receiver.stage !== 'taken') return
      receiver.connection?.stream.end()
    }
    if (receiver.call !== undefined) return receiver.call.sayEnded()
    receiver.link.say({ type: 'end', stream: STREAM, bytes: this.#bytes, digest: this.#total })
  }

  /** Waits for everybody's word, and names who keeps us waiting. */
  async #confirmations(): Promise<void> {
    const timer = setInterval(() => {
      const names = this.receivers.names('taken')
      if (names.length > 0) this.#context.report.info(`waiting for ${names.join(', ')} to confirm`)
    }, CONFIRM_NOTICE_MS)
    try {
      await this.receivers.when(() => this.receivers.taken === 0)
    } finally {
      clearInterval(timer)
    }
  }

  #hear(receiver: Receiver, message: Message): void {
    if (!('stream' in message) || message.stream !== STREAM) return
    // Said again and again: nobody has to look up for it.
    if (message.type === 'progress') return this.#progressed(receiver, message.bytes)
    if (message.type === 'busy' && receiver.stage === 'asked') receiver.stage = 'busy'
    else if (message.type === 'borrow') receiver.canBorrow = true
    else if (message.type === 'handed') receiver.isHanded = true
    else if (message.type === 'drained') void this.#drained(receiver, message)
    else if (message.type === 'abort') this.receivers.fail(receiver, message.reason)
    else if (message.type === 'confirm' && receiver.stage === 'taken') this.#confirmed(receiver, message)
    else if (message.type === 'confirm' && !this.receivers.started) this.#disbelieve(receiver)
    this.receivers.changed()
  }

  #progressed(receiver: Receiver, bytes: number): void {
    receiver.outlet?.progressed()
    receiver.seat?.progressed(bytes)
    receiver.toldBytes = bytes
    if (this.#lent) this.#reached(this.receivers.toldBytes)
  }

  /** A receiver has read the loan to its end, which is the stream's unless a signal caused it. */
  async #drained(
    receiver: Receiver,
    { bytes, digest }: Extract<Message, { type: 'drained' }>,
  ): Promise<void> {
    if (!this.#lent) return
    // What the first one has read is what the others have to agree with.
    if (this.#total === '') {
      this.#lentBytes = this.#options.loan?.size ?? bytes
      this.#total = digest
    }
    await this.#source?.settled()
    if (receiver.stage === 'taken' && !this.#context.signal.aborted)
      receiver.link.say({ type: 'end', stream: STREAM, bytes: this.#lentBytes, digest: this.#total })
  }

  #disbelieve(receiver: Receiver): void {
    if (receiver.stage === 'failed') return
    const reason = 'it confirmed what it had not taken'
    this.#context.report.warn(`${receiver.info.name}: ${reason}`)
    this.receivers.fail(receiver, reason)
  }

  #confirmed(receiver: Receiver, message: Extract<Message, { type: 'confirm' }>): void {
    // A command that has the socket leaves nothing to compare; the kernel's socket lost nothing.
    if (this.#handed || (message.bytes === undefined && this.#canHand(receiver))) {
      return this.receivers.confirm(receiver)
    }
    if (message.bytes === undefined) return this.receivers.fail(receiver, 'it confirmed no digest')
    const bytes = this.#lent ? this.#lentBytes : this.#bytes
    if (message.bytes !== bytes) {
      return this.receivers.fail(receiver, `it confirmed ${message.bytes} of ${bytes} bytes`)
    }
    receiver.toldBytes = bytes
    if (message.digest !== this.#total) return this.receivers.fail(receiver, 'it confirmed another digest')
    this.receivers.confirm(receiver)
    if (this.#lent) this.#reached(this.receivers.toldBytes)
  }

  /** The receiver may have given its end of the socket to a command: nobody asked for a digest, and it reads nothing else. */
  #canHand({ seat }: Receiver): boolean {
    return this.#options.digest === 'sample' && !this.#lent && seat === undefined
  }

  #reached(bytes: number): void {
    if (bytes <= this.#bytes) return
    this.#context.counters.give(bytes - this.#bytes)
    this.#bytes = bytes
  }

  #outcome(): Outcome {
    const failed = this.receivers.at('failed').map(({ info, reason }) => ({ name: info.name, reason }))
    if (this.#lent) this.#reached(this.receivers.toldBytes)
    const sent = this.#handed ? undefined : { bytes: this.#bytes, digest: this.#total }
    return { sent, confirmed: this.receivers.names('confirmed'), failed }
  }
}

const CONFIRM_NOTICE_MS = 5_000
/** A receiver that is lost is told by its socket first, and by its link a moment later. */
const LOST_MS = 200

/** Resolves when the receiver has answered our abort or is lost, after `ABORT_MS` at most. */
function answered({ link }: Receiver): Promise<unknown> {
  const answer = new Promise<void>((resolve) => {
    link.once('close', () => resolve())
    link.on('message', ({ type }) => {
      if (type === 'abort') resolve()
    })
  })
  return Promise.race([answer, delay(ABORT_MS)])
}

/** A receiver that gave the stream to a command gets this long to end it. */
const ABORT_MS = 1_000
