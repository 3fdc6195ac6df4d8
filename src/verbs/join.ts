/**
 * `join`: every line of stdin to every peer, every peer's lines to stdout.
 *
 * A line is never cut and never mixed with another; each author's lines stay in order. Nothing is
 * read before enough peers are there, so nothing is said to nobody.
 */
import { messageOf, SwarmError } from '../errors.ts'
import { FanOut, type Outlet, type SlowPolicy } from '../io/fan-out.ts'
import { countLines, LineCutter } from '../io/lines.ts'
import type { Source } from '../io/source.ts'
import { memoryOf } from '../io/spool.ts'
import { limits } from '../limits.ts'
import { Link, type Separator } from '../protocol/link.ts'
import type { Message } from '../protocol/message.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { Bulk, type Lines } from './bulk.ts'
import { readBulk } from './bulk-reader.ts'
import { type CommonOptions, Condition, type Context, createSwarm, delay, plural, until } from './context.ts'
import { Conversation } from './conversation.ts'
import { Intake, type Offer } from './intake.ts'
import { type LineFormat, LineOutput } from './line-output.ts'
import { isMeant } from './to.ts'

export interface JoinOptions extends CommonOptions {
  /** Peers to wait for before stdin is read. */
  readonly count: number
  /** Only these peers are spoken to, by name or id; empty: all. */
  readonly to: readonly string[]
  /** Leaves stdin alone: only listens. */
  readonly deaf: boolean
  /** What ends a record: newline, or NUL. */
  readonly separator: Separator
  /** How the lines of others are written. */
  readonly format: LineFormat
  /** What to do with a slow peer; by default `drop` at a terminal, else `wait`. */
  readonly slow: SlowPolicy | undefined
  /** Leaves so long after its own input has ended; `undefined`: when all others have ended too. */
  readonly lingerMs: number | undefined
  /** Stays until interrupted. */
  readonly keep: boolean
  /** Fails with NOBODY when too few peers are there. */
  readonly noWait: boolean
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

/** A frame carries what one read gave, and what was there to be read on. */
const BUFFERS = { bufferBytes: 262_144, buffers: 4 }
/** Quiet before we leave, for those who are just coming. */
const LEAVE_MS = 1_000

export async function join(context: Context, options: JoinOptions): Promise<void> {
  const source = options.deaf ? undefined : context.openSource('-', BUFFERS)
  const swarm = createSwarm(context, options, {
    verb: 'join',
    reads: ['lines', 'stream'],
    writes: ['lines', 'talk'],
  })
  const joiner = new Joiner(context, options, swarm, source)
  try {
    await joiner.run()
  } finally {
    source?.close()
    try {
      await joiner.close()
    } finally {
      await swarm.destroy({ lingerMs: limits.lingerMs })
    }
  }
  joiner.throwIfLost()
}

class Joiner {
  readonly #context: Context
  readonly #options: JoinOptions
  readonly #swarm: Swarm
  readonly #source: Source | undefined
  readonly #output: LineOutput
  readonly #fanOut: FanOut<Lines>
  readonly #bulk: Bulk
  readonly #peers = new Set<Peer>()
  readonly #changed = new Condition()
  #ended = false
  #done = false
  #outputClosed = false
  #outputError: SwarmError | undefined
  #refused = 0
  #unheard = 0

  constructor(context: Context, options: JoinOptions, swarm: Swarm, source: Source | undefined) {
    this.#context = context
    this.#options = options
    this.#swarm = swarm
    this.#source = source
    this.#output = new LineOutput(context, options.format, options.separator, {
      onpause: (paused) => this.#pause(paused),
      onclose: (error) => {
        this.#outputClosed = true
        this.#outputError = error
        this.#done = true
        source?.close()
        this.#fanOut.close()
        this.#changed.changed()
      },
    })
    const policy = options.slow ?? (source?.isTerminal ? 'drop' : 'wait')
    this.#fanOut = new FanOut({
      policy,
      cutMs: limits.cutMs,
      onslow: (outlet) => this.#aboutSlow(outlet, 'takes nothing'),
      count: (lines) => (lines instanceof Uint8Array ? countLines(lines, options.separator) : 0),
      ondrop: (outlet, lines) => this.#dropped(outlet, lines),
      oncut: (outlet) => this.#cut(outlet),
    })
    this.#bulk = new Bulk(this.#fanOut, options.separator, policy === 'wait' ? memoryOf(context.env) : [])
    swarm.on('connection', (stream, info) => this.#meet(new Link(stream), info))
  }

  async run(): Promise<void> {
    const { signal, report } = this.#context
    const { count, topic } = this.#options
    const discovery = this.#swarm.join(topic)
    await until(signal, this.#swarm.listen())
    this.#context.ready(this.#swarm, topic)
    if (this.#options.noWait) {
      await until(signal, discovery.flushed())
      if (this.#heard() < count)
        throw new SwarmError('NOBODY', `${plural(this.#heard(), 'peer')} of ${count} there`)
    }
    if (this.#source?.isTerminal) await until(signal, discovery.flushed())
    if (this.#source?.isTerminal && this.#heard() < count)
      report.info(`waiting for ${plural(count, 'peer')} on ${topic}`)
    await this.#changed.when(signal, () => this.#heard() >= count || this.#done)
    if (this.#source !== undefined) await this.#speak(this.#source)
    this.#end()
    await this.#listenOn()
  }

  /**
   * Hands over what is queued, says goodbye, and waits for our own output.
   * @throws the signal's reason: then nobody is waited for any longer
   */
  async close(): Promise<void> {
    const { signal } = this.#context
    try {
      const handedOver = this.#fanOut.empty()
      // Whoever reads our output and goes away wants a prompt end.
      await until(
        signal,
        this.#outputClosed ? Promise.race([handedOver, delay(limits.lingerMs)]) : handedOver,
      )
      this.#leave()
      await until(signal, this.#output.close())
    } catch (error) {
      this.#leave()
      await Promise.race([this.#output.close(), delay(LEAVE_MS)])
      throw error
    }
  }

  #leave(): void {
    this.#fanOut.close()
    this.#bulk.close()
    for (const peer of this.#peers) peer.link.end('left')
  }

  /** @throws SwarmError OUTPUT or INPUT, when lines were lost on our side */
  throwIfLost(): void {
    if (this.#unheard > 0) {
      this.#context.report.warn(`${plural(this.#unheard, 'line')} said to nobody`, { lines: this.#unheard })
    }
    if (this.#outputError) throw this.#outputError
    if (this.#refused > 0) {
      throw new SwarmError(
        'INPUT',
        `${plural(this.#refused, 'line')} longer than ${limits.lineBytes} bytes not sent`,
      )
    }
  }

  /** Reads stdin to its end. */
  async #speak(source: Source): Promise<void> {
    const { separator } = this.#options
    const { signal, report } = this.#context
    const cutter = new LineCutter(
      separator,
      (lines) => {
        if (this.#heard() === 0) this.#unheard += countLines(lines, separator)
        this.#bulk.say(lines)
      },
      () => {
        this.#refused += 1
        report.warn(`a line longer than ${limits.lineBytes} bytes is not sent; use lswarm send`)
      },
      (bytes) => this.#bulk.memory(bytes),
    )
    const speaking = source.flow((piece) => {
      if (this.#done) return
      cutter.push(piece.data)
      void this.#fanOut.room().then(() => piece.release())
    })
    await until(signal, speaking)
    // Left because our reader went away: what we have read of a line is not a line.
    if (!this.#done) cutter.end()
    this.#bulk.flush()
    if (source.isTerminal) this.#done = true
  }

  /** We shall say no more. A deaf join says so too, and not before enough peers are there: until then the others stay. */
  #end(): void {
    this.#fanOut.finish()
    this.#ended = true
    for (const peer of this.#peers) this.#sayEnded(peer)
  }

  /** Stays until it is time to leave. */
  async #listenOn(): Promise<void> {
    const { signal } = this.#context
    const { keep, lingerMs } = this.#options
    if (lingerMs !== undefined && !keep) {
      await until(signal, this.#fanOut.empty())
      return void (await until(
        signal,
        Promise.race([delay(lingerMs), this.#changed.when(signal, () => this.#done)]),
      ))
    }
    for (;;) {
      await this.#changed.when(signal, () => this.#done || (!keep && this.#allEnded()))
      // What they have said is written before the time to leave begins.
      const done = this.#changed.when(signal, () => this.#done)
      await until(signal, Promise.race([this.#output.flushed(), done]))
      if (this.#done) return
      await until(
        signal,
        Promise.race([delay(LEAVE_MS), this.#changed.when(signal, () => !this.#allEnded())]),
      )
      if (this.#allEnded()) return
    }
  }

  #allEnded(): boolean {
    for (const peer of this.#peers) {
      if (!peer.ended || (peer.outlet !== undefined && peer.outlet.pendingBytes > 0)) return false
    }
    return true
  }

  #meet(link: Link, info: PeerInfo): void {
    if (info.reads.includes('talk')) return void this.#meetHandler(link, info)
    const speaks = isMeant(this.#options.to, info) && info.reads.includes('lines')
    const outlet = speaks ? this.#fanOut.add(this.#bulk.pathTo(link, info)) : undefined
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

  /** A handler of our own: our lines are its input, its lines are said under its name. */
  async #meetHandler(link: Link, info: PeerInfo): Promise<void> {
    const { signal, report } = this.#context
    if (!isMeant(this.#options.to, info)) return
    const talk = new Conversation(this.#swarm, link, info, this.#output)
    try {
      await talk.open(signal)
      const outlet = this.#fanOut.add(this.#bulk.path((bytes, done) => talk.write(bytes, done)))
      const peer: Peer = { link, info, outlet, ended: false, sayEnded: () => talk.end() }
      this.#add(peer)
      const status = await talk.ended(signal)
      if (status !== 0)
        report.info(`${info.name} ended with status ${status}${talk.reason && `: ${talk.reason}`}`)
      peer.ended = true
      this.#fanOut.delete(outlet)
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
      if (outlet) this.#fanOut.delete(outlet)
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
    try {
      await intake.run(signal)
    } catch (error) {
      cutter.end()
      if (!signal.aborted) report.warn(error instanceof Error ? error.message : String(error))
    }
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

  /** How many peers there are to speak to. */
  #heard(): number {
    let count = 0
    for (const peer of this.#peers) if (isMeant(this.#options.to, peer.info)) count += 1
    return count
  }

  #pause(paused: boolean): void {
    for (const { link } of this.#peers) {
      if (paused) link.pause()
      else link.resume()
    }
  }

  #aboutSlow(outlet: Outlet<Lines>, what: string): void {
    const peer = this.#of(outlet)
    if (peer) this.#context.report.info(`${peer.info.name} ${what}`, { slow: peer.info.name })
  }

  #dropped(outlet: Outlet<Lines>, lines: number): void {
    this.#of(outlet)?.link.say({ type: 'missed', lines })
    this.#aboutSlow(outlet, `is slow and missed ${plural(lines, 'line')}`)
  }

  #cut(outlet: Outlet<Lines>): void {
    const peer = this.#of(outlet)
    if (!peer) return
    const why =
      this.#fanOut.options.policy === 'cut' ? 'was too slow' : `took nothing for ${limits.cutMs / 1000} s`
    this.#context.report.warn(`${peer.info.name} ${why}: cut off`, { cut: peer.info.name })
    peer.link.destroy()
  }

  #of(outlet: Outlet<Lines>): Peer | undefined {
    for (const peer of this.#peers) if (peer.outlet === outlet) return peer
    return undefined
  }
}
