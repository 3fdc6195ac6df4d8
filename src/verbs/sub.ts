/** `sub`: the signed messages of a topic to stdout, each once and in its author's order. */
import { SwarmError } from '../errors.ts'
import type { GossipGap } from '../gossip/api.ts'
import { Gossip } from '../gossip/gossip.ts'
import type { GossipMessage } from '../gossip/message.ts'
import { limits } from '../limits.ts'
import type { Separator } from '../protocol/link.ts'
import { Datagrams } from '../transport/endpoint/datagrams.ts'
import { ConfigDirectory } from './config-directory.ts'
import { Condition, type Context, createSwarm, type MeetingOptions, plural, until } from './context.ts'
import { parsePublicKey, showKey } from './identities.ts'
import { type Judgement, KnownNames } from './known-names.ts'
import type { LineFormat } from './line-format.ts'
import { describe, MessageOutput } from './message-output.ts'
import { PacedSink } from './paced-sink.ts'
import { tellWaiting } from './waiting.ts'

export interface SubOptions extends Omit<MeetingOptions, 'to'> {
  /** Ends after so many messages; `undefined`: stays. */
  readonly count: number | undefined
  readonly separator: Separator
  readonly format: LineFormat
  /** Only messages of these authors, by key or known name; empty: of all. */
  readonly from: readonly string[]
  /** Only messages of this sort. */
  readonly type: string | undefined
  /** Messages of before we came that are wanted. */
  readonly history: number
  /** Only messages of authors whose keys are known; nobody is remembered. */
  readonly requireKnown: boolean
  /** Ends with INCOMPLETE when messages are missing for good. */
  readonly strict: boolean
}

export async function sub(context: Context, options: SubOptions): Promise<void> {
  const { signal, report } = context
  const names = new KnownNames(new ConfigDirectory(context.env), (message) => context.report.warn(message))
  const subscriber = new Subscriber(context, options, names)
  const swarm = createSwarm(context, options, { verb: 'sub', reads: [], writes: [] })
  tellWaiting(context, swarm, options, 'somebody who publishes', 'pub')
  let datagrams: Datagrams | undefined
  let gossip: Gossip | undefined
  try {
    const { datagrams: asked } = context.network
    if (asked) datagrams = await Datagrams.open(options.topic, asked)
    for (const url of datagrams?.places ?? []) report.warn(`listening at ${url}`)
    gossip = new Gossip(swarm, options.topic, { history: options.history, datagrams })
    subscriber.attend(gossip)
    await until(signal, swarm.listen())
    // With enough of history it may end before it is ready.
    await Promise.race([until(signal, gossip.listen()), subscriber.done(signal)])
    if (!subscriber.isDone) context.ready(swarm, options.topic)
    if (options.noWait && !subscriber.isDone && gossip.peers.length === 0)
      throw new SwarmError('NOBODY', 'nobody is there')
    await subscriber.done(signal)
    await gossip.leave()
  } finally {
    datagrams?.close()
    await swarm.destroy({ lingerMs: limits.lingerMs })
    const shut = subscriber.close()
    shut.catch(() => {})
    if (!signal.aborted) await until(signal, shut)
    if (datagrams !== undefined && gossip !== undefined) tellOfDropped(context, datagrams, gossip)
    if (subscriber.hidden > 0)
      report.verbose(`${plural(subscriber.hidden, 'message')} not shown, as asked`, {
        hidden: subscriber.hidden,
      })
  }
  if (subscriber.failure !== undefined) throw subscriber.failure
}

/** What was not taken of what anybody can send. */
function tellOfDropped({ report }: Context, { foreign }: Datagrams, { stats }: Gossip): void {
  const { overrun, forged, malformed, copies } = stats
  if (overrun > 0) report.warn(`${plural(overrun, 'datagram')} came too fast to be read`, { overrun })
  const wrong = forged + malformed
  if (wrong + foreign + copies === 0) return
  const counts = `${foreign} with another key, ${wrong} forged or malformed, ${copies} again`
  report.verbose(`datagrams not taken: ${counts}`, { foreign, forged, malformed, copies })
}

/** A key, or the key of a known name, in hex. */
function keyOf(author: string, names: KnownNames): string {
  if (!/^(key|hex):|^[0-9a-fA-F]{64}$/.test(author)) {
    const known = names.get(author)
    if (known !== undefined) return known.key
    throw new SwarmError(
      'OPTION_INVALID',
      `--from: ${JSON.stringify(author)} is neither a key nor a known name`,
    )
  }
  return parsePublicKey(author)
}

class Subscriber {
  hidden = 0
  isDone = false
  /** Why it is done, other than with all that was asked for. */
  failure: SwarmError | undefined
  readonly #context: Context
  readonly #options: SubOptions
  readonly #names: KnownNames
  readonly #authors: ReadonlySet<string>
  readonly #sink: PacedSink
  readonly #output: MessageOutput
  readonly #changed = new Condition()
  /** Of whom it was said that they use another's name: author and name. */
  readonly #warned = new Set<string>()
  #unsaid = 0
  #count = 0
  #isForgetful = false
  #gossip: Gossip | undefined

  /** @throws SwarmError OPTION_INVALID for an author who is not known */
  constructor(context: Context, options: SubOptions, names: KnownNames) {
    this.#context = context
    this.#options = options
    this.#names = names
    this.#authors = new Set(options.from.map((author) => keyOf(author, names)))
    this.#sink = new PacedSink(context.openStdout())
    this.#sink.onpause = (paused) => (paused ? this.#gossip?.pause() : this.#gossip?.resume())
    this.#sink.onclose = (error) => this.#finish(error)
    this.#output = new MessageOutput(this.#sink, options.format, options.separator)
  }

  attend(gossip: Gossip): void {
    const { report } = this.#context
    this.#gossip = gossip
    gossip.on('message', (message) => this.#hear(message))
    gossip.on('gap', (gap) => this.#miss(gap))
    gossip.on('equivocation', (kept, other) => this.#showBoth(kept, other))
    gossip.on('ban', (info, reason) => report.warn(`${info.name} is not heard any more: ${reason}`))
  }

  done(signal: AbortSignal): Promise<void> {
    return this.#changed.when(signal, () => this.isDone)
  }

  close(): Promise<void> {
    if (this.#unsaid > 0)
      this.#context.report.warn(`${plural(this.#unsaid, 'more author')} used a name known with another key`)
    return this.#sink.close()
  }

  #finish(error?: SwarmError): void {
    this.isDone = true
    this.failure ??= error
    this.#changed.changed()
  }

  #hear(message: GossipMessage): void {
    if (this.isDone) return
    const { type, requireKnown, count } = this.#options
    if (!this.#isWanted(message.author) || (type !== undefined && message.label !== type)) {
      this.hidden += 1
      return
    }
    const judgement = this.#judge(message)
    if (requireKnown && judgement.standing !== 'known') {
      this.hidden += 1
      return
    }
    this.#output.message(message, judgement)
    this.#count += 1
    if (this.#count === count) this.#finish()
  }

  #isWanted(author: string): boolean {
    return this.#authors.size === 0 || this.#authors.has(author)
  }

  #judge({ author, name }: GossipMessage): Judgement {
    const { report } = this.#context
    const learns = !this.#options.requireKnown && !this.#isForgetful
    let judgement: Judgement
    try {
      judgement = this.#names.judge(author, name, learns)
    } catch (error) {
      if (!(error instanceof SwarmError)) throw error
      this.#isForgetful = true
      report.warn(`names are not remembered: ${error.message}`)
      judgement = this.#names.judge(author, name, false)
    }
    if (judgement.standing === 'new')
      report.info(`${judgement.name} is new: remembered with ${showKey(author)}`, {
        name: judgement.name,
        author: showKey(author),
      })
    if (judgement.standing === 'changed') this.#alarm(author, judgement)
    return judgement
  }

  /** Loud, and once for each author and name. */
  #alarm(author: string, { name, known = '' }: Judgement): void {
    const pair = `${author} ${name}`
    if (this.#warned.has(pair)) return
    if (this.#warned.size >= limits.keyWarnings) {
      this.#unsaid += 1
      return
    }
    this.#warned.add(pair)
    const details = { changed: name, author: showKey(author), known: showKey(known) }
    this.#context.report.warn(
      `THE KEY OF ${name} HAS CHANGED: this is ${details.author}, known is ${details.known}; somebody may be using the name. If it is right: lswarm id forget ${name}`,
      details,
    )
  }

  #miss({ author, session, from, to }: GossipGap): void {
    if (this.isDone || !this.#isWanted(author)) return
    const missing = plural(to - from, 'message')
    this.#output.event({ event: 'gap', author: showKey(author), session, seq: from, count: to - from })
    this.#context.report.warn(`missed ${missing} of ${showKey(author)}`, { missed: to - from })
    if (this.#options.strict)
      this.#finish(new SwarmError('INCOMPLETE', `${missing} of ${showKey(author)} missing for good`))
  }

  /** One number, two messages: the author is at odds with itself. */
  #showBoth(kept: GossipMessage, other: GossipMessage): void {
    if (this.isDone || !this.#isWanted(kept.author)) return
    const author = showKey(kept.author)
    const judgement: Judgement = { standing: 'unknown', name: '' }
    const both = [kept, other].map((message) => describe(message, judgement))
    this.#output.event({ event: 'equivocation', author, kept: both[0], other: both[1] })
    const [first, second] = [kept, other].map(({ data }) =>
      JSON.stringify(Buffer.isBuffer(data) ? data.toString() : data).slice(0, 200),
    )
    this.#context.report.warn(
      `${author} signed two messages with number ${kept.seq}: ${first} (kept) and ${second}`,
      { author, seq: kept.seq },
    )
  }
}
