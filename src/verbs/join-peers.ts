/** The peers of a `join`: what each is given, what each says, and whether it has said all. */
import { messageOf, type SwarmError } from '../errors.ts'
import { FanOut, type SlowPolicy } from '../io/fan-out.ts'
import { countLines } from '../io/lines.ts'
import type { Outlet } from '../io/outlet.ts'
import { memoryOf } from '../io/spool.ts'
import { limits } from '../limits.ts'
import type { Link, Separator } from '../protocol/link.ts'
import type { Message } from '../protocol/message.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { Bulk, type Lines } from './bulk.ts'
import { readBulk } from './bulk-reader.ts'
import { type Condition, type Context, hasCode, plural } from './context.ts'
import { Conversation } from './conversation.ts'
import { Intake, type Offer } from './intake.ts'
import type { LineOutput } from './line-output.ts'
import { isMeant } from './to.ts'

export interface JoinPeersOptions {
  /** Only these peers are spoken to, by name or id; empty: all. */
  readonly to: readonly string[]
  readonly separator: Separator
  /** What to do with a slow peer. */
  readonly policy: SlowPolicy
}

interface Peer {
  readonly link: Link
  readonly info: PeerInfo
  /** Absent for a peer that we do not speak to, or that takes no lines. */
  readonly outlet: Outlet<Lines> | undefined
  ended: boolean
  /** Tells the peer that our own input has ended. */
  readonly sayEnded: () => void
}

export class JoinPeers {
  readonly fanOut: FanOut<Lines>
  /** What says lines to all of them. */
  readonly bulk: Bulk
  readonly #context: Context
  readonly #options: JoinPeersOptions
  readonly #swarm: Swarm
  readonly #output: LineOutput
  /** Somebody came, ended or went. */
  readonly #changed: Condition
  readonly #peers = new Set<Peer>()
  readonly #intakes = new Set<Intake>()
  #ended = false

  constructor(
    context: Context,
    options: JoinPeersOptions,
    swarm: Swarm,
    output: LineOutput,
    changed: Condition,
  ) {
    this.#context = context
    this.#options = options
    this.#swarm = swarm
    this.#output = output
    this.#changed = changed
    this.fanOut = new FanOut({
      policy: options.policy,
      cutMs: limits.cutMs,
      onslow: (outlet) => this.#aboutSlow(outlet, 'takes nothing'),
      count: (lines) => (lines instanceof Uint8Array ? countLines(lines, options.separator) : 0),
      ondrop: (outlet, lines) => this.#dropped(outlet, lines),
      oncut: (outlet) => this.#cut(outlet),
    })
    const directories = options.policy === 'wait' ? memoryOf(context.env) : []
    this.bulk = new Bulk(this.fanOut, options.separator, directories, () => context.expect('stream'))
    context.counters.queue = () => this.fanOut.pendingBytes
  }

  /** How many there are to speak to. */
  get heard(): number {
    let count = 0
    for (const peer of this.#peers) if (isMeant(this.#options.to, peer.info)) count += 1
    return count
  }

  /** Everyone has said all, and has all of ours. */
  get allEnded(): boolean {
    for (const peer of this.#peers) {
      if (!peer.ended || (peer.outlet !== undefined && peer.outlet.pendingBytes > 0)) return false
    }
    return true
  }

  /** Ids of those who are behind with what we said. */
  slow(): readonly string[] {
    return [...this.#peers]
      .filter(({ outlet }) => outlet && (outlet.isBehind || outlet.stuckTicks > 1))
      .map(({ info }) => info.id)
  }

  /** Where what is for `to` goes; absent: for everyone. */
  outlets(to: string | undefined): Outlet<Lines>[] {
    return [...this.#peers]
      .filter(({ info }) => to === undefined || info.id === to)
      .flatMap(({ outlet }) => outlet ?? [])
  }

  /** Our output is full, or has room again. */
  pause(paused: boolean): void {
    for (const { link } of this.#peers) {
      if (paused) link.pause()
      else link.resume()
    }
  }

  meet(link: Link, info: PeerInfo): void {
    if (info.reads.includes('talk')) return void this.#meetHandler(link, info)
    const speaks = isMeant(this.#options.to, info) && info.reads.includes('lines')
    const outlet = speaks ? this.fanOut.add(this.bulk.pathTo(link, info)) : undefined
    // Who writes no lines has nothing more to say from the start.
    const peer: Peer = {
      link,
      info,
      outlet,
      ended: !info.writes.includes('lines') && !info.writes.includes('stream'),
      sayEnded: () => link.say({ type: 'ended' }),
    }
    if (this.#output.paused) link.pause()
    link.on('lines', (body, from) => this.#output.lines(info, body, from))
    readBulk(link, info, (lines, from, done) => this.#output.lines(info, lines, from, done))
    link.on('message', (message) => this.#hear(peer, message))
    this.#add(peer)
  }

  /** We shall say no more. */
  end(): void {
    this.fanOut.finish()
    this.#ended = true
    for (const peer of this.#peers) this.#sayEnded(peer)
  }

  /** Our output has failed: whose stream was being written is told why. */
  fail(error: SwarmError): void {
    for (const intake of this.#intakes) intake.fail(error)
  }

  /** Says goodbye to all. */
  leave(why: string): void {
    this.fanOut.close()
    this.bulk.close()
    for (const peer of this.#peers) peer.link.end(why)
  }

  /** A handler of our own: our lines are its input, its lines are said under its name. */
  async #meetHandler(link: Link, info: PeerInfo): Promise<void> {
    const { signal, report } = this.#context
    if (!isMeant(this.#options.to, info)) return
    const talk = new Conversation(this.#swarm, link, info, this.#output)
    try {
      await talk.open(signal)
      const outlet = this.fanOut.add(this.bulk.path((bytes, done) => talk.write(bytes, done)))
      const peer: Peer = { link, info, outlet, ended: false, sayEnded: () => talk.end() }
      this.#add(peer)
      const status = await talk.ended(signal)
      if (status !== 0)
        report.info(`${info.name} ended with status ${status}${talk.reason && `: ${talk.reason}`}`)
      peer.ended = true
      this.fanOut.delete(outlet)
      link.end('done')
    } catch (error) {
      if (!signal.aborted) report.verbose(messageOf(error))
      link.end('done')
    }
  }

  #add(peer: Peer): void {
    const { link, info, outlet } = peer
    this.#peers.add(peer)
    link.on('close', (reason, error) => {
      this.#peers.delete(peer)
      if (outlet) this.fanOut.delete(outlet)
      this.#output.event('leave', info, error ? error.message : reason)
      this.#changed.changed()
    })
    if (this.#ended) this.#sayEnded(peer)
    this.#output.event('join', info, '')
    this.#changed.changed()
  }

  #hear(peer: Peer, message: Message): void {
    if (message.type === 'ended') peer.ended = true
    else if (message.type === 'missed') this.#output.missed(peer.info, message.lines)
    else if (message.type === 'spool') this.#context.expect('stream')
    else if (message.type === 'offer') void this.#take(peer, message)
    this.#changed.changed()
  }

  /** What a `send` sends is printed line by line, as if it had been said, and confirmed at its end. */
  async #take(peer: Peer, offer: Offer): Promise<void> {
    const { signal, report } = this.#context
    peer.ended = false
    const cutter = this.#output.cutter(peer.info)
    const intake = new Intake(this.#swarm, peer.link, peer.info, offer, {
      write: (chunk, done) => {
        cutter.push(chunk)
        this.#output.whenRoom(done)
      },
      commit: async () => {
        cutter.end()
        await this.#output.flushed()
      },
    })
    this.#intakes.add(intake)
    try {
      await intake.run(signal)
    } catch (error) {
      cutter.end()
      // A failed output is what the whole of `join` ends with.
      if (!signal.aborted && !hasCode(error, 'OUTPUT')) report.warn(messageOf(error))
    }
    this.#intakes.delete(intake)
    peer.ended = true
    this.#changed.changed()
  }

  #sayEnded(peer: Peer): void {
    if (!peer.outlet) return peer.sayEnded()
    peer.outlet.empty().then(() => {
      peer.sayEnded()
      this.#changed.changed()
    })
  }

  #aboutSlow(outlet: Outlet<Lines>, what: string): void {
    const peer = this.#of(outlet)
    if (peer) this.#context.report.info(`${peer.info.name} ${what}`, { slow: peer.info.name })
  }

  #dropped(outlet: Outlet<Lines>, lines: number): void {
    this.#context.counters.dropped += lines
    this.#of(outlet)?.link.say({ type: 'missed', lines })
    this.#aboutSlow(outlet, `is slow and missed ${plural(lines, 'line')}`)
  }

  #cut(outlet: Outlet<Lines>): void {
    const peer = this.#of(outlet)
    if (!peer) return
    const why = this.#options.policy === 'cut' ? 'was too slow' : `took nothing for ${limits.cutMs / 1000} s`
    this.#context.report.warn(`${peer.info.name} ${why}: cut off`, { cut: peer.info.name })
    peer.link.destroy()
  }

  #of(outlet: Outlet<Lines>): Peer | undefined {
    for (const peer of this.#peers) if (peer.outlet === outlet) return peer
    return undefined
  }
}
