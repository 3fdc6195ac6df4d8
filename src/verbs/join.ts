/**
 * `join`: every line of stdin to every peer, every peer's lines to stdout.
 *
 * A line is never cut and never mixed with another; each author's lines stay in order. Nothing is
 * read before enough peers are there, so nothing is said to nobody.
 */
import { messageOf, SwarmError } from '../errors.ts'
import type { SlowPolicy } from '../io/fan-out.ts'
import type { Source } from '../io/source.ts'
import { limits } from '../limits.ts'
import { Link, type Separator } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import {
  Condition,
  type Context,
  createSwarm,
  delay,
  hasCode,
  type MeetingOptions,
  plural,
  until,
} from './context.ts'
import { JoinPeers } from './join-peers.ts'
import type { LineFormat } from './line-format.ts'
import { LineOutput } from './line-output.ts'
import type { Room } from './room.ts'
import { Speech } from './speech.ts'
import { tellWaiting } from './waiting.ts'

export interface JoinOptions extends MeetingOptions {
  /** Peers to wait for before stdin is read. */
  readonly count: number
  /** Leaves stdin alone: only listens. */
  readonly deaf: boolean
  readonly separator: Separator
  readonly format: LineFormat
  /** What to do with a slow peer; by default `drop` at a terminal, else `wait`. */
  readonly slow: SlowPolicy | undefined
  /** Leaves so long after its own input has ended; `undefined`: when all others have ended too. */
  readonly lingerMs: number | undefined
  /** Stays until interrupted. */
  readonly keep: boolean
}

/** A frame carries what one read gave, and what was there to be read on. */
const BUFFERS = { bufferBytes: 262_144, buffers: 4 }
/** Quiet before we leave, for those who are just coming. */
const LEAVE_MS = 1_000

export async function join(context: Context, options: JoinOptions): Promise<void> {
  const swarm = createSwarm(
    context,
    options,
    { verb: 'join', reads: ['lines', 'stream'], writes: ['lines', 'talk'] },
    (info, text) => joiner.hear(info, text),
  )
  const { topic } = options
  const { name, id } = swarm
  const room = await context.openRoom?.({ topic, name, id, slow: () => joiner.peers.slow() })
  const source = options.deaf || room ? undefined : context.openSource('-', BUFFERS)
  const joiner = new Joiner(context, options, swarm, source, room)
  try {
    await joiner.run()
  } finally {
    source?.close()
    room?.close()
    try {
      await joiner.close()
    } finally {
      await swarm.destroy({ lingerMs: limits.lingerMs })
    }
  }
  joiner.throwIfLost()
}

class Joiner {
  readonly peers: JoinPeers
  readonly #context: Context
  readonly #options: JoinOptions
  readonly #swarm: Swarm
  readonly #source: Source | undefined
  readonly #room: Room | undefined
  readonly #output: LineOutput
  readonly #speech: Speech
  readonly #changed = new Condition()
  #done = false
  #outputClosed = false
  #outputError: SwarmError | undefined

  constructor(
    context: Context,
    options: JoinOptions,
    swarm: Swarm,
    source: Source | undefined,
    room: Room | undefined,
  ) {
    this.#context = context
    this.#options = options
    this.#swarm = swarm
    this.#source = source
    this.#room = room
    this.#output = new LineOutput(context, options.format, options.separator, room)
    const { sink } = this.#output
    if (sink !== undefined) {
      sink.onpause = (paused) => this.peers.pause(paused)
      sink.onclose = (error) => this.#outputEnded(error)
    }
    const { to, separator } = options
    const policy = options.slow ?? (room || source?.isTerminal ? 'drop' : 'wait')
    this.peers = new JoinPeers(context, { to, separator, policy }, swarm, this.#output, this.#changed)
    this.#speech = new Speech(context, separator, this.peers)
    // Not before: in a crowd that comes together, most have nothing to say yet.
    context.counters.inLines(() => context.expect('lines'))
    swarm.on('connection', (stream, info) => this.peers.meet(new Link(stream), info))
  }

  /** A line from somebody who only looks. */
  hear(info: PeerInfo, text: string): void {
    const { separator } = this.#options
    const line = text.replaceAll(String.fromCharCode(separator), ' ')
    this.#output.lines(info, Buffer.from(`${line}${String.fromCharCode(separator)}`), separator)
  }

  async run(): Promise<void> {
    const { signal, report } = this.#context
    const { count, topic } = this.#options
    const discovery = this.#swarm.join(topic)
    await until(signal, this.#swarm.listen())
    this.#context.ready(this.#swarm, topic)
    if (this.#options.noWait) {
      await until(signal, discovery.flushed())
      if (this.peers.heard < count)
        throw new SwarmError('NOBODY', `${plural(this.peers.heard, 'peer')} of ${count} there`)
    }
    const isPerson = this.#room !== undefined || this.#source?.isTerminal === true
    if (isPerson) await until(signal, discovery.flushed())
    if (isPerson && this.peers.heard < count) report.info(`waiting for ${plural(count, 'peer')} on ${topic}`)
    if (!isPerson) tellWaiting(this.#context, this.#swarm, this.#options, 'a peer', 'join')
    // A person may leave, though nobody came.
    let hasLeft = false
    void this.#room?.ended.then(() => {
      hasLeft = true
      this.#changed.changed()
    })
    await this.#changed.when(signal, () => this.peers.heard >= count || this.#done || hasLeft)
    if (this.#room !== undefined) await this.#speech.converse(this.#room)
    if (this.#source !== undefined) await this.#speech.read(this.#source)
    // A person who has nothing more to say leaves.
    this.#done ||= isPerson
    // A deaf join says so too, and not before enough peers are there: until then the others stay.
    this.peers.end()
    await this.#listenOn()
  }

  /**
   * Hands over what is queued, says goodbye, and waits for our own output.
   * @throws the signal's reason: then nobody is waited for any longer
   */
  async close(): Promise<void> {
    const { signal } = this.#context
    try {
      const handedOver = this.peers.fanOut.empty()
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
    const { reason } = this.#context.signal
    this.peers.leave(hasCode(reason, 'CUT') ? messageOf(reason) : 'left')
  }

  /** @throws SwarmError OUTPUT or INPUT, when lines were lost on our side */
  throwIfLost(): void {
    this.#speech.warnOfUnheard()
    if (this.#outputError) throw this.#outputError
    this.#speech.throwIfRefused()
  }

  #outputEnded(error: SwarmError | undefined): void {
    this.#outputClosed = true
    this.#outputError = error
    if (error !== undefined) this.peers.fail(error)
    this.#done = true
    this.#source?.close()
    this.#speech.stop()
    this.peers.fanOut.close()
    this.#changed.changed()
  }

  async #listenOn(): Promise<void> {
    const { signal } = this.#context
    const { keep, lingerMs } = this.#options
    if (lingerMs !== undefined && !keep) {
      await until(signal, this.peers.fanOut.empty())
      await Promise.race([delay(lingerMs), this.#changed.when(signal, () => this.#done)])
      return
    }
    for (;;) {
      await this.#changed.when(signal, () => this.#done || (!keep && this.peers.allEnded))
      // What they have said is written before the time to leave begins.
      await Promise.race([this.#output.flushed(), this.#changed.when(signal, () => this.#done)])
      if (this.#done) return
      await Promise.race([delay(LEAVE_MS), this.#changed.when(signal, () => !this.peers.allEnded)])
      if (this.peers.allEnded) return
    }
  }
}
