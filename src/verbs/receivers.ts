/**
 * The receivers of one stream: it is offered to them, some take it before it begins, and each is kept as far as it
 * has come, or failed.
 */
import type { Duplex } from 'node:stream'
import { messageOf, SwarmError } from '../errors.ts'
import { FanOut } from '../io/fan-out.ts'
import type { Outlet } from '../io/outlet.ts'
import type { Extent, Spool } from '../io/spool.ts'
import type { Connection } from '../protocol/connection.ts'
import type { Link } from '../protocol/link.ts'
import type { DigestName, Loan, Message } from '../protocol/message.ts'
import { type IncomingStream, isHere, type PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { Call } from './call.ts'
import { Condition, type Context } from './context.ts'
import { laggardOf } from './progress.ts'
import { Receiver, STREAM, type Stage } from './receiver.ts'

/** What is offered, and how long a slow receiver is waited for. */
export interface OfferOptions {
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

export interface ReceiversEvents {
  /** A receiver says something of the stream. */
  readonly onmessage: (receiver: Receiver, message: Message) => void
  /** How much was sent so far. */
  readonly bytes: () => number
}

const BEGUN = 'has begun to send without this receiver'
/** Two megabytes on their way to each receiver, read ahead of the slowest. */
const QUEUE_BYTES = 2_097_152

export class Receivers {
  readonly fanOut: FanOut<Buffer | Extent>
  /** Nobody is added any more. */
  started = false
  readonly #context: Context
  readonly #swarm: Swarm
  readonly #options: OfferOptions
  readonly #events: ReceiversEvents
  readonly #receivers = new Map<string, Receiver>()
  readonly #changed = new Condition()
  #fault: SwarmError | undefined

  constructor(context: Context, swarm: Swarm, options: OfferOptions, events: ReceiversEvents) {
    this.#context = context
    this.#swarm = swarm
    this.#options = options
    this.#events = events
    this.fanOut = new FanOut({
      policy: 'wait',
      cutMs: options.dropSlowMs,
      queueBytes: QUEUE_BYTES,
      onslow: (outlet) => this.#nameSlow(outlet),
      ondrop: () => {},
      oncut: (outlet) => this.#cut(outlet),
    })
    context.counters.queue = () => this.fanOut.pendingBytes
  }

  /** A peer that takes streams is there. */
  meet(link: Link, info: PeerInfo): void {
    if (this.started) return link.say({ type: 'withdraw', stream: STREAM, reason: BEGUN })
    if (info.reads.includes('calls') && this.#options.digest !== 'sample') return this.#refuse(info)
    const call = info.reads.includes('calls') ? new Call(this.#swarm, link, info, STREAM) : undefined
    const receiver = new Receiver(link, info, call)
    this.#receivers.set(info.id, receiver)
    const { digest, size, loan, spool } = this.#options
    link.on('message', (message) => this.#events.onmessage(receiver, message))
    link.on('close', (reason) =>
      this.fail(receiver, reason === '' ? 'the connection was lost' : `it left (${reason})`),
    )
    if (call === undefined)
      link.say({
        type: 'offer',
        stream: STREAM,
        digest,
        ...(size !== undefined && { size }),
        ...(loan && isHere(info) && { loan }),
        ...(spool && isHere(info) && { spool: spool.loan }),
      })
    else void this.#callHandler(receiver, call)
    this.#changed.changed()
  }

  /** A handler tells an exit status, and no digest. */
  #refuse({ name }: PeerInfo): void {
    this.#fault ??= new SwarmError(
      'OPTION_INVALID',
      `--digest: ${name} answers calls (exec, listen) and confirms no digest; choose other receivers with --to, or leave out --digest`,
    )
    this.#changed.changed()
  }

  /** A receiver takes its offer. */
  take(incoming: IncomingStream): void {
    const receiver = this.#receivers.get(incoming.info.id)
    if (
      this.started ||
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
      if (this.started) return void connection.stream.destroy()
      this.#taken(receiver, connection)
      const status = await call.ended(signal)
      if (status !== 0) return this.fail(receiver, call.reason || `exit status ${status}`)
      // It may have had enough before the end of its input.
      this.confirm(receiver)
      connection.stream.destroy()
      this.#changed.changed()
    } catch (error) {
      this.fail(receiver, messageOf(error))
    }
  }

  #taken(receiver: Receiver, connection: Connection): void {
    // A receiver has nothing to say on the stream, and what a handler replies is for nobody.
    connection.pour(() => true)
    receiver.connection = connection
    receiver.outlet = this.fanOut.add({
      write: (body, done) => {
        if (body instanceof Uint8Array) connection.stream.write(body, done)
        else receiver.seat?.write(body, done)
      },
      leave: () => receiver.seat?.leave(),
    })
    receiver.stage = 'taken'
    this.#changed.changed()
  }

  /** From here on nobody is added. */
  start(): void {
    this.started = true
    for (const receiver of this.all()) {
      if (receiver.stage !== 'taken') this.withdraw(receiver, BEGUN)
    }
  }

  /** Takes its offer back. */
  withdraw(receiver: Receiver, reason: string): void {
    receiver.link.say({ type: 'withdraw', stream: STREAM, reason: reason.slice(0, 500) })
    this.#receivers.delete(receiver.info.id)
  }

  /**
   * Resolves when `holds` does; asked again whenever a receiver comes, decides or goes.
   * @throws SwarmError OPTION_INVALID when a peer came that cannot have what was asked for, or the signal's reason
   */
  async when(holds: () => boolean): Promise<void> {
    await this.#changed.when(this.#context.signal, () => this.#fault !== undefined || holds())
    if (this.#fault !== undefined) throw this.#fault
  }

  /** The kernel's socket, where there is just one receiver and so one to give to a command. */
  get onlySocket(): Duplex | undefined {
    const [receiver, another] = this.all()
    return another === undefined ? receiver?.connection?.socket : undefined
  }

  /** It has the stream, as far as it wants it: nothing more is written to it. */
  confirm(receiver: Receiver): void {
    receiver.stage = 'confirmed'
    if (receiver.outlet !== undefined) this.fanOut.delete(receiver.outlet)
  }

  /** It will not have the stream, and why. */
  fail(receiver: Receiver, reason: string): void {
    if (receiver.isSettled) return
    if (!this.started) this.#receivers.delete(receiver.info.id)
    receiver.stage = 'failed'
    receiver.reason = reason
    if (receiver.outlet !== undefined) this.fanOut.delete(receiver.outlet)
    receiver.connection?.stream.destroy()
    // The last one's going is the end, which names them all.
    if (this.started && this.taken > 0) this.#context.report.warn(`${receiver.info.name}: ${reason}`)
    this.#changed.changed()
  }

  /** Something has changed that somebody may wait for. */
  changed(): void {
    this.#changed.changed()
  }

  /** All of them are on this machine, and can read what is lent. */
  get canAllBorrow(): boolean {
    // A socket of the kernel's may be a bridge's.
    return this.all().every(
      ({ canBorrow, connection, info }) => canBorrow && connection?.socket && isHere(info),
    )
  }

  /** How many there are. */
  get size(): number {
    return this.#receivers.size
  }

  /** How many have taken the stream. */
  get taken(): number {
    return this.at('taken').length
  }

  /** True when someone has still to say whether it takes the stream. */
  get undecided(): boolean {
    return this.at('asked').length > 0
  }

  /** Those who are there now. */
  all(): Receiver[] {
    return [...this.#receivers.values()]
  }

  /** Of those who are there, those who are so far. */
  at(stage: Stage): Receiver[] {
    return this.all().filter((receiver) => receiver.stage === stage)
  }

  names(stage: Stage): string[] {
    return this.at(stage).map(({ info }) => info.name)
  }

  /** What the slowest has read of the loan, of those who have not failed. */
  get toldBytes(): number {
    const told = [...this.at('taken'), ...this.at('confirmed')].map(({ toldBytes }) => toldBytes)
    return told.length > 0 ? Math.min(...told) : 0
  }

  /** The name of the one that holds up the others. */
  laggard(isLent: boolean): string | undefined {
    const taken = this.at('taken')
    const most = Math.max(...taken.map(({ toldBytes }) => toldBytes))
    return laggardOf(
      taken.map(({ info, outlet, toldBytes }) => ({
        name: info.name,
        behindBytes: isLent ? most - toldBytes : (outlet?.pendingBytes ?? 0),
        stuckTicks: outlet?.stuckTicks ?? 0,
      })),
    )
  }

  #cut(outlet: Outlet<Buffer | Extent>): void {
    const receiver = this.#of(outlet)
    if (receiver === undefined) return
    const reason = `took nothing for ${this.#options.dropSlowMs / 1000} s`
    receiver.link.say({
      type: 'abort',
      stream: STREAM,
      bytes: this.#events.bytes(),
      code: 'slow',
      reason: `given up: ${reason}`,
    })
    this.fail(receiver, reason)
  }

  #nameSlow(outlet: Outlet<Buffer | Extent>): void {
    const receiver = this.#of(outlet)
    if (receiver === undefined) return
    this.#context.report.info(`waiting for ${receiver.info.name}, who takes nothing`, {
      slow: receiver.info.name,
    })
  }

  #of(outlet: Outlet<Buffer | Extent>): Receiver | undefined {
    return this.all().find((receiver) => receiver.outlet === outlet)
  }
}
