/** `recv`: one sender's bytes to stdout, or to a file that appears when they are complete. */
import { SwarmError } from '../errors.ts'
import { type CommandLine, findCommand } from '../io/command.ts'
import { SafeText } from '../io/sanitize.ts'
import type { Sink } from '../io/sink.ts'
import { warmUp } from '../io/warm-up.ts'
import { limits } from '../limits.ts'
import { Link } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { type CommonOptions, Condition, type Context, createSwarm, until } from './context.ts'
import { Intake, type Offer, type Outflow } from './intake.ts'
import { OutputCommand, type Run } from './output-command.ts'
import { type OutputFile, openOutput } from './output-file.ts'
import type { Progress } from './progress.ts'
import { tellWaiting } from './waiting.ts'

export interface RecvOptions extends CommonOptions {
  /** A file instead of stdout; `-` is stdout. */
  readonly output: string | undefined
  /** Gets the stream on its stdin, instead of our stdout. */
  readonly command: CommandLine | undefined
  /** Takes the next sender after one is done. */
  readonly keep: boolean
  /** Fails with NOBODY when no sender is there. */
  readonly noWait: boolean
}

interface Waiting {
  readonly link: Link
  readonly info: PeerInfo
  readonly offer: Offer
}

export async function recv(context: Context, options: RecvOptions): Promise<void> {
  const { command, output = '-' } = options
  if (command) findCommand(command.file, context.env.PATH ?? '')
  const { sink, newFile } = command ? {} : await openOutput(context, output)
  const swarm = createSwarm(context, options, { verb: 'recv', reads: ['stream'], writes: [] })
  tellWaiting(context, swarm, options, 'a sender', 'send')
  const receiver = new Receiver(context, options, swarm, sink, newFile)
  const unfollow = context.follow({
    peer: 'sender',
    isScreenTaken: command !== undefined || (sink?.isTerminal ?? false),
    read: () => receiver.progress,
  })
  try {
    await receiver.run()
  } finally {
    unfollow()
    receiver.leave()
    await swarm.destroy({ lingerMs: limits.lingerMs })
    // A reader that takes nothing would hold us for ever.
    if (!context.signal.aborted) await sink?.close()
  }
}

class Receiver {
  readonly #context: Context
  readonly #options: RecvOptions
  readonly #swarm: Swarm
  /** Where all streams go, unless each is a file of its own or is given to a command. */
  readonly #sink: Sink | undefined
  readonly #newFile: (() => OutputFile) | undefined
  readonly #links = new Set<Link>()
  readonly #offers: Waiting[] = []
  readonly #changed = new Condition()
  /** Starts commands, where each stream is given to one. */
  #run: Run | undefined
  #intake: Intake | undefined
  /** The one before, for who asks how far we are. */
  #last: Intake | undefined
  #closed: { error: SwarmError | undefined } | undefined

  constructor(
    context: Context,
    options: RecvOptions,
    swarm: Swarm,
    sink: Sink | undefined,
    newFile: (() => OutputFile) | undefined,
  ) {
    this.#context = context
    this.#options = options
    this.#swarm = swarm
    this.#sink = sink
    this.#newFile = newFile
    if (sink) sink.onclose = (error) => this.#outputClosed(error)
    swarm.on('connection', (stream, info) => this.#meet(new Link(stream), info))
  }

  async run(): Promise<void> {
    const { signal } = this.#context
    const discovery = this.#swarm.join(this.#options.topic)
    await until(signal, this.#swarm.listen())
    this.#context.ready(this.#swarm, this.#options.topic)
    setImmediate(warmUp)
    if (this.#options.command) this.#run = (await import('../io/spawn.lazy.ts')).run
    if (this.#options.noWait) {
      await until(signal, discovery.flushed())
      if (this.#links.size === 0) throw new SwarmError('NOBODY', 'no sender is there')
    }
    for (;;) {
      await this.#changed.when(signal, () => this.#offers.length > 0 || this.#closed !== undefined)
      if (this.#closed?.error) throw this.#closed.error
      const next = this.#offers.shift()
      if (this.#closed || next === undefined) return
      const taken = await this.#take(next)
      if ((taken && !this.#options.keep) || this.#closed) return
    }
  }

  get progress(): Progress {
    const intake = this.#intake ?? this.#last
    return {
      bytes: this.#options.command ? undefined : (intake?.bytes ?? 0),
      size: intake?.size,
      peers: intake ? [intake.info.name] : [],
      laggard: undefined,
    }
  }

  leave(): void {
    for (const link of this.#links) link.end('done')
  }

  #meet(link: Link, info: PeerInfo): void {
    this.#links.add(link)
    this.#context.report.verbose(`linked with ${info.name} (${info.verb}, ${info.transport})`)
    link.on('message', (message) => {
      if (message.type === 'offer') this.#offered({ link, info, offer: message })
      if (message.type !== 'withdraw') return
      this.#forget((waiting) => waiting.link === link && waiting.offer.stream === message.stream)
      this.#context.report.info(`${info.name}: ${message.reason}`)
    })
    link.on('close', () => {
      this.#links.delete(link)
      this.#forget((waiting) => waiting.link === link)
    })
  }

  #offered(waiting: Waiting): void {
    const { link, offer } = waiting
    if (this.#offers.length >= limits.offersPending) {
      const reason = 'too many senders wait for this receiver'
      return link.say({ type: 'abort', stream: offer.stream, bytes: 0, code: 'closed', reason })
    }
    this.#offers.push(waiting)
    if (this.#intake !== undefined || this.#offers.length > 1)
      link.say({ type: 'busy', stream: offer.stream })
    this.#changed.changed()
  }

  #forget(is: (waiting: Waiting) => boolean): void {
    const kept = this.#offers.filter((waiting) => !is(waiting))
    this.#offers.splice(0, this.#offers.length, ...kept)
  }

  /**
   * @returns false when it never began
   * @throws SwarmError when it broke off, unless more are to come
   */
  async #take({ link, info, offer }: Waiting): Promise<boolean> {
    const { report, signal } = this.#context
    const own = this.#outflow()
    const { counters } = this.#context
    const intake = new Intake(this.#swarm, link, info, offer, own ?? toSink(this.#sink), counters)
    this.#intake = intake
    this.#context.expect('stream')
    if (own) own.onfail = (error) => intake.fail(error)
    try {
      const digest = await intake.run(signal)
      const { bytes } = intake
      if (digest === undefined)
        report.verbose(`confirmed to ${info.name}; the bytes did not pass through lswarm`)
      else report.verbose(`${bytes} bytes from ${info.name}, ${digest}`, { bytes, digest })
      if (digest !== undefined && offer.digest !== 'sample') report.info(digest, { bytes, digest })
    } catch (error) {
      await own?.discard()
      if (this.#closed && this.#closed.error === undefined) return true
      // It began without us, or gave up before it began: nothing of ours broke off.
      const hasStarted = own instanceof OutputCommand && own.hasStarted
      if (intake.withdrawn && intake.bytes === 0 && !hasStarted && !signal.aborted) return false
      const goesOn =
        error instanceof SwarmError && ['INCOMPLETE', 'DIGEST', 'REFUSED', 'UNREACHABLE'].includes(error.code)
      if (!this.#options.keep || !goesOn) throw error
      report.warn(error.message)
    } finally {
      this.#last = intake
      this.#intake = undefined
    }
    return true
  }

  /** For one stream: a command, or a file; `undefined` where all streams go to one sink. */
  #outflow(): OutputCommand | OutputFile | undefined {
    const { command } = this.#options
    if (command && this.#run) return new OutputCommand(command, this.#context.signal, this.#run)
    return this.#newFile?.()
  }

  #outputClosed(error: SwarmError | undefined): void {
    this.#closed = { error }
    this.#intake?.fail(error ?? new SwarmError('OUTPUT', 'the reader of its output went away'))
    this.#changed.changed()
  }
}

/** A sink for one stream; what comes to a terminal is made safe for it. */
export function toSink(sink: Sink | undefined): Outflow {
  if (sink?.isTerminal) return toTerminal(sink)
  return { write: (chunk, done) => sink?.write(chunk, done), commit: async () => {} }
}

function toTerminal(sink: Sink): Outflow {
  const text = new SafeText()
  return {
    write: (chunk, done) => sink.write(text.push(chunk), done),
    commit: async () => sink.write(text.end(), () => {}),
  }
}
