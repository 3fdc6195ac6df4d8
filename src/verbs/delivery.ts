/**
 * Delivery: the sending half of one stream, to one or many receivers.
 *
 * Offers the stream on every link, starts when enough have taken it, writes the same bytes to all
 * with the slowest setting the pace, says the true end on the links, and waits until each receiver
 * has confirmed it, or has failed for a reason that is named.
 */
import type { Socket } from 'node:net'
import { messageOf, SwarmError } from '../errors.ts'
import { createDigest, type Digest } from '../io/digest.ts'
import { FanOut, type Outlet } from '../io/fan-out.ts'
import type { Piece, Source } from '../io/source.ts'
import type { Extent, Seat, Spool } from '../io/spool.ts'
import type { Connection } from '../protocol/connection.ts'
import type { Link } from '../protocol/link.ts'
import type { DigestName, Loan, Message } from '../protocol/message.ts'
import type { IncomingStream, PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { Call } from './call.ts'
import { Condition, type Context, until } from './context.ts'
import { linger } from './linger.ts'

export interface DeliveryOptions {
  readonly digest: DigestName
  /** Its length where known, for the receivers' progress. */
  readonly size: number | undefined
  /** Where receivers on this machine may read it themselves. */
  readonly loan: Loan | undefined
  /** Where many receivers on this machine may read it out of memory. Closed by who opened it. */
  readonly spool: Spool | undefined
  /** Gives up a receiver that takes nothing for so long; Infinity: never. */
  readonly dropSlowMs: number
}

/** `asked`: offered; `busy`: it will take it later; `taken`: its stream is open; then `confirmed`, or `failed`. */
type Stage = 'asked' | 'busy' | 'taken' | 'confirmed' | 'failed'

interface Receiver {
  readonly link: Link
  readonly info: PeerInfo
  stage: Stage
  /** Set for a handler: it is called, and its exit status is its word. Others are made an offer, and confirm. */
  readonly call: Call | undefined
  outlet: Outlet<Buffer | Extent> | undefined
  /** It reads the spool. */
  seat: Seat | undefined
  connection: Connection | undefined
  /** It can read the loan itself. */
  canBorrow: boolean
  reason: string
}

/** What became of a delivery. */
export interface Outcome {
  readonly bytes: number
  readonly digest: string
  readonly confirmed: readonly string[]
  /** Names of those who did not confirm, each with the reason. */
  readonly failed: readonly { readonly name: string; readonly reason: string }[]
}

/** The number of the one stream of a `send`. */
const STREAM = 1
const BEGUN = 'has begun to send without this receiver'
/** Two megabytes on their way to each receiver, read ahead of the slowest. */
const QUEUE_BYTES = 2_097_152

export class Delivery {
  readonly #context: Context
  readonly #swarm: Swarm
  readonly #options: DeliveryOptions
  readonly #receivers = new Map<string, Receiver>()
  readonly #changed = new Condition()
  readonly #fanOut: FanOut<Buffer | Extent>
  readonly #digest: Digest
  #started = false
  #bytes = 0
  /** The digest of all of it, once the source has ended. */
  #total = ''
  #handed = false
  /** The receivers read the source themselves. */
  #lent = false
  /** The receivers read what is put into the spool. */
  #spooled = false

  constructor(context: Context, swarm: Swarm, options: DeliveryOptions) {
    this.#context = context
    this.#swarm = swarm
    this.#options = options
    this.#digest = createDigest(options.digest)
    this.#fanOut = new FanOut({
      policy: 'wait',
      cutMs: options.dropSlowMs,
      queueBytes: QUEUE_BYTES,
      onslow: (outlet) => this.#nameSlow(outlet),
      ondrop: () => {},
      oncut: (outlet) => this.#cut(outlet),
    })
  }

  /** A peer that takes streams is there. */
  meet(link: Link, info: PeerInfo): void {
    if (this.#started) return link.say({ type: 'withdraw', stream: STREAM, reason: BEGUN })
    const call = info.reads.includes('calls') ? new Call(this.#swarm, link, info, STREAM) : undefined
    const receiver: Receiver = {
      link,
      info,
      stage: 'asked',
      call,
      outlet: undefined,
      seat: undefined,
      connection: undefined,
      canBorrow: false,
      reason: '',
    }
    this.#receivers.set(info.id, receiver)
    const { digest, size, loan, spool } = this.#options
    link.on('message', (message) => this.#hear(receiver, message))
    link.on('close', (reason) =>
      this.#fail(receiver, reason === '' ? 'the connection was lost' : `it left (${reason})`),
    )
    if (call === undefined)
      link.say({
        type: 'offer',
        stream: STREAM,
        digest,
        ...(size !== undefined && { size }),
        ...(loan && { loan }),
        ...(spool && { spool: spool.loan }),
      })
    else void this.#callHandler(receiver, call)
    this.#changed.changed()
  }

  /** A receiver takes its offer. */
  take(incoming: IncomingStream): void {
    const receiver = this.#receivers.get(incoming.info.id)
    if (
      this.#started ||
      receiver === undefined ||
      incoming.stream !== STREAM ||
      receiver.outlet !== undefined
    ) {
      return incoming.refuse({ code: 'useless', reason: 'no such stream is on offer' })
    }
    this.#taken(receiver, incoming.accept())
  }

  async #callHandler(receiver: Receiver, call: Call): Promise<void> {
    const { signal } = this.#context
    try {
      const connection = await call.open(signal)
      if (this.#started) return void connection.stream.destroy()
      this.#taken(receiver, connection)
      const status = await call.ended(signal)
      if (status !== 0) return this.#fail(receiver, call.reason || `exit status ${status}`)
      // It may have had enough before the end of its input.
      receiver.stage = 'confirmed'
      if (receiver.outlet !== undefined) this.#fanOut.delete(receiver.outlet)
      connection.stream.destroy()
      this.#changed.changed()
    } catch (error) {
      this.#fail(receiver, messageOf(error))
    }
  }

  #taken(receiver: Receiver, connection: Connection): void {
    // A receiver has nothing to say on the stream, and what a handler replies is for nobody.
    connection.pour(() => true)
    receiver.connection = connection
    receiver.outlet = this.#fanOut.add({
      write: (body, done) => {
        if (body instanceof Uint8Array) connection.stream.write(body, done)
        else receiver.seat?.write(body, done)
      },
      leave: () => receiver.seat?.leave(),
    })
    receiver.stage = 'taken'
    this.#changed.changed()
  }

  /** How many have taken the stream. */
  get taken(): number {
    return this.#count('taken')
  }

  /** True when someone has still to say whether it takes the stream. */
  get undecided(): boolean {
    return this.#count('asked') > 0
  }

  get known(): number {
    return this.#receivers.size
  }

  names(stage: Stage): string[] {
    return [...this.#receivers.values()].filter((one) => one.stage === stage).map((one) => one.info.name)
  }

  /** Resolves when `holds` does; asked again whenever a receiver comes, decides or goes. */
  when(holds: () => boolean): Promise<void> {
    return this.#changed.when(this.#context.signal, holds)
  }

  /** From here on nobody is added. */
  start(): void {
    this.#started = true
    for (const receiver of [...this.#receivers.values()]) {
      if (receiver.stage === 'taken') continue
      this.#withdraw(receiver, BEGUN)
    }
  }

  #withdraw({ link, info }: Receiver, reason: string): void {
    link.say({ type: 'withdraw', stream: STREAM, reason: reason.slice(0, 500) })
    this.#receivers.delete(info.id)
  }

  /** The kernel's socket, where there is just one receiver and so one to give to a command. */
  get onlySocket(): Socket | undefined {
    const [receiver, another] = this.#receivers.values()
    return another === undefined ? receiver?.connection?.socket : undefined
  }

  /**
   * The bytes were written past us, by a command that had the socket; its end is the stream's.
   * @throws the signal's reason
   */
  async endHanded(): Promise<Outcome> {
    this.#handed = true
    this.#total = 'handed'
    for (const receiver of this.#receivers.values()) {
      if (receiver.connection) linger(receiver.connection, receiver.link)
      if (receiver.call === undefined) receiver.link.say({ type: 'end', stream: STREAM })
    }
    await this.#confirmations()
    return this.#outcome()
  }

  /** Tells the receivers that there will be no end: the source failed; or no beginning. */
  abort(error: unknown): void {
    const interrupted = error instanceof SwarmError && error.code === 'INTERRUPTED'
    for (const receiver of this.#receivers.values()) {
      if (receiver.stage === 'confirmed' || receiver.stage === 'failed') continue
      if (!this.#started) {
        this.#withdraw(receiver, `has given up before it began: ${messageOf(error)}`)
        continue
      }
      const code = interrupted ? 'interrupted' : 'input'
      const reason = messageOf(error).slice(0, 500)
      // What it answers is no news.
      receiver.stage = 'failed'
      receiver.link.say({ type: 'abort', stream: STREAM, bytes: this.#bytes, code, reason })
      if (receiver.outlet !== undefined) this.#fanOut.delete(receiver.outlet)
      receiver.connection?.stream.destroy()
    }
  }

  /**
   * Sends everything that `source` gives.
   * @throws SwarmError INPUT, or the signal's reason; the receivers are told
   */
  async run(source: Source): Promise<Outcome> {
    const { signal } = this.#context
    this.#lent = this.#lend()
    if (this.#lent) source.lent()
    this.#spooled = !this.#lent && this.#spool()
    // An input that gives nothing for a long time must not hide that nobody is left to have it.
    this.when(() => this.taken === 0).then(
      () => source.close(),
      () => {},
    )
    try {
      if (!this.#lent)
        await until(
          signal,
          source.flow((piece) => this.#pass(piece)),
        )
      if (this.#lent) await this.when(() => this.taken === 0)
      else this.#end()
      await this.#confirmations()
      return this.#outcome()
    } catch (error) {
      this.abort(error)
      throw error
    } finally {
      this.#fanOut.close()
    }
  }

  /** What is on its way to the slowest receiver is bounded by the source's buffers. */
  #pass(piece: Piece): void {
    this.#bytes += piece.data.length
    this.#digest.update(piece.data)
    if (this.#spooled) this.#options.spool?.put(piece)
    else this.#fanOut.write(piece.data, () => piece.release())
  }

  /**
   * The receivers read the source themselves, if all of them can; one alone, if it is a pipe.
   * What they confirm has to agree.
   */
  #lend(): boolean {
    const { loan } = this.#options
    const receivers = [...this.#receivers.values()]
    if (loan === undefined || (loan.size === undefined && receivers.length > 1)) return false
    if (!this.#canAllBorrow()) return false
    for (const { link, outlet } of receivers) {
      link.say({ type: 'begin', stream: STREAM })
      outlet?.bypass()
    }
    return true
  }

  /** Many receivers read it out of one place in memory, if all of them can: each byte is written there once. */
  #spool(): boolean {
    const { spool } = this.#options
    const receivers = [...this.#receivers.values()]
    if (spool === undefined || receivers.length < 2 || !this.#canAllBorrow()) return false
    const seats = receivers.map(({ link }) =>
      spool.seat(({ end }, seat) => link.say({ type: 'extent', stream: STREAM, bytes: end, seat })),
    )
    if (seats.includes(undefined)) return false
    if (!spool.reserve((extent, release) => this.#fanOut.write(extent, release))) return false
    receivers.forEach((receiver, index) => {
      receiver.seat = seats[index]
      // Of nothing yet: now it knows which way the stream will come.
      receiver.seat?.write({ length: 0, end: 0 }, () => {})
    })
    return true
  }

  /** A socket of the kernel's says that a receiver is on this machine. */
  #canAllBorrow(): boolean {
    return [...this.#receivers.values()].every(({ canBorrow, connection }) => canBorrow && connection?.socket)
  }

  #end(): void {
    this.#options.spool?.flush()
    this.#total = this.#digest.text()
    for (const receiver of this.#receivers.values()) void this.#endOf(receiver)
  }

  async #endOf(receiver: Receiver): Promise<void> {
    // Who reads the spool knows by the length where the end is.
    if (receiver.seat === undefined) {
      await receiver.outlet?.empty()
      if (receiver.stage !== 'taken') return
      receiver.connection?.stream.end()
    }
    // A handler knows its input's end by the end; it has no link to hear more on.
    if (receiver.call !== undefined) return
    receiver.link.say({ type: 'end', stream: STREAM, bytes: this.#bytes, digest: this.#total })
  }

  /** Waits for everybody's word, and names who keeps us waiting. */
  async #confirmations(): Promise<void> {
    const timer = setInterval(() => {
      const names = this.names('taken')
      if (names.length > 0) this.#context.report.info(`waiting for ${names.join(', ')} to confirm`)
    }, CONFIRM_NOTICE_MS)
    try {
      await this.when(() => this.taken === 0)
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
    else if (message.type === 'abort') this.#fail(receiver, message.reason)
    else if (message.type === 'confirm' && receiver.stage === 'taken') this.#confirmed(receiver, message)
    else if (message.type === 'confirm' && !this.#started) this.#disbelieve(receiver)
    this.#changed.changed()
  }

  #progressed(receiver: Receiver, bytes: number): void {
    receiver.outlet?.progressed()
    receiver.seat?.progressed(bytes)
  }

  #disbelieve(receiver: Receiver): void {
    if (receiver.stage === 'failed') return
    const reason = 'it confirmed what it had not taken'
    this.#context.report.warn(`${receiver.info.name}: ${reason}`)
    this.#fail(receiver, reason)
  }

  #confirmed(receiver: Receiver, message: Extract<Message, { type: 'confirm' }>): void {
    // A command at either end leaves nothing to compare; the kernel's socket lost nothing.
    if (this.#handed || message.bytes === undefined) {
      receiver.stage = 'confirmed'
      return
    }
    if (this.#lent && this.#total === '') {
      this.#bytes = this.#options.loan?.size ?? message.bytes
      this.#total = message.digest ?? ''
    }
    if (message.bytes !== this.#bytes) {
      return this.#fail(receiver, `it confirmed ${message.bytes} of ${this.#bytes} bytes`)
    }
    if (message.digest !== this.#total) return this.#fail(receiver, 'it confirmed another digest')
    receiver.stage = 'confirmed'
    if (receiver.outlet !== undefined) this.#fanOut.delete(receiver.outlet)
  }

  #fail(receiver: Receiver, reason: string): void {
    if (receiver.stage === 'confirmed' || receiver.stage === 'failed') return
    if (!this.#started) this.#receivers.delete(receiver.info.id)
    receiver.stage = 'failed'
    receiver.reason = reason
    if (receiver.outlet !== undefined) this.#fanOut.delete(receiver.outlet)
    receiver.connection?.stream.destroy()
    // The last one's going is the end, which names them all.
    if (this.#started && this.taken > 0) this.#context.report.warn(`${receiver.info.name}: ${reason}`)
    this.#changed.changed()
  }

  #cut(outlet: Outlet<Buffer | Extent>): void {
    const receiver = this.#of(outlet)
    if (receiver === undefined) return
    const reason = `took nothing for ${this.#options.dropSlowMs / 1000} s`
    receiver.link.say({
      type: 'abort',
      stream: STREAM,
      bytes: this.#bytes,
      code: 'slow',
      reason: `given up: ${reason}`,
    })
    this.#fail(receiver, reason)
  }

  #nameSlow(outlet: Outlet<Buffer | Extent>): void {
    const receiver = this.#of(outlet)
    if (receiver === undefined) return
    this.#context.report.info(`waiting for ${receiver.info.name}, who takes nothing`, {
      slow: receiver.info.name,
    })
  }

  #outcome(): Outcome {
    const failed = [...this.#receivers.values()]
      .filter((receiver) => receiver.stage === 'failed')
      .map((receiver) => ({ name: receiver.info.name, reason: receiver.reason }))
    return { bytes: this.#bytes, digest: this.#total, confirmed: this.names('confirmed'), failed }
  }

  #of(outlet: Outlet<Buffer | Extent>): Receiver | undefined {
    return [...this.#receivers.values()].find((receiver) => receiver.outlet === outlet)
  }

  #count(stage: Stage): number {
    let count = 0
    for (const receiver of this.#receivers.values()) if (receiver.stage === stage) count += 1
    return count
  }
}

const CONFIRM_NOTICE_MS = 5_000
