/** `send --queue`: each record of stdin to exactly one free worker, its reply to stdout. */
import { SwarmError } from '../errors.ts'
import { descriptorLimit, openDescriptors } from '../io/descriptor.ts'
import type { Sink } from '../io/sink.ts'
import type { Source } from '../io/source.ts'
import { limits } from '../limits.ts'
import { Link, type Separator } from '../protocol/link.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { type CommonOptions, type Context, createSwarm, plural, until } from './context.ts'
import { Dispatcher } from './dispatcher.ts'
import { readRecords } from './records.ts'
import { Replies } from './replies.ts'
import { isMeant } from './to.ts'
import { tellWaiting } from './waiting.ts'

export interface SendQueueOptions extends CommonOptions {
  readonly file: string
  /** Workers to wait for before the first record is read. */
  readonly count: number
  readonly to: readonly string[]
  readonly separator: Separator
  /** Replies in the order of the records, not of their completion. */
  readonly ordered: boolean
  /** How often a record is given to another worker after the first was lost. */
  readonly retries: number
  readonly noWait: boolean
}

const BUFFERS = { bufferBytes: 65_536, buffers: 4 }
/** Records that are read and not yet answered: what `--ordered` may hold back. */
const RECORDS_MAX = 1_024
/** Descriptors that links leave free: to be found, to look who is there, and for one long reply. */
const OWN_DESCRIPTORS = 7
/** Descriptors kept free for new links, and for looking who is there. */
const SPARE_DESCRIPTORS = 6
/** Failed records that are named at the end; the rest is counted. */
const NAMED_MAX = 20

/** @throws SwarmError INCOMPLETE naming the records that failed; NOBODY, INPUT, OUTPUT, and the signal's reason */
export async function sendQueue(context: Context, options: SendQueueOptions): Promise<void> {
  const source = context.openSource(options.file, BUFFERS)
  const sink = context.openStdout()
  // More workers than that would take the descriptors that replies need; as many as --count says are always taken.
  const maxPeers = Math.max(options.count, descriptorLimit() - openDescriptors() - OWN_DESCRIPTORS)
  const swarm = createSwarm(context, options, { verb: 'send', reads: [], writes: ['records'], maxPeers })
  tellWaiting(context, swarm, options, 'a worker', 'exec --queue')
  const queue = new Queue(context, options, swarm, source, sink)
  try {
    await queue.run()
  } finally {
    source.close()
    queue.close()
    await swarm.destroy({ lingerMs: limits.lingerMs })
    if (!context.signal.aborted) await sink.close()
  }
}

class Queue {
  readonly #context: Context
  readonly #options: SendQueueOptions
  readonly #swarm: Swarm
  readonly #source: Source
  readonly #dispatcher: Dispatcher
  #inputEnded = false
  #inputError: unknown
  #closed: { error: SwarmError | undefined } | undefined

  constructor(context: Context, options: SendQueueOptions, swarm: Swarm, source: Source, sink: Sink) {
    this.#context = context
    this.#options = options
    this.#swarm = swarm
    this.#source = source
    const replies = new Replies(sink, options.ordered, context.counters, descriptorRoom(swarm))
    const dispatcher = new Dispatcher(context, options.retries, swarm, replies)
    this.#dispatcher = dispatcher
    sink.onclose = (error) => {
      this.#closed = { error }
      dispatcher.close()
      dispatcher.changed.changed()
    }
    swarm.on('connection', (stream, info) => {
      if (isMeant(options.to, info)) dispatcher.meet(new Link(stream), info)
    })
  }

  async run(): Promise<void> {
    const { signal, report } = this.#context
    const { topic, count, noWait } = this.#options
    const { changed, failed } = this.#dispatcher
    const discovery = this.#swarm.join(topic)
    await until(signal, this.#swarm.listen())
    this.#context.ready(this.#swarm, topic)
    await until(signal, discovery.flushed())
    if (noWait && this.#dispatcher.workers < count) {
      throw new SwarmError('NOBODY', `${plural(this.#dispatcher.workers, 'worker')} of ${count} there`)
    }
    await changed.when(signal, () => this.#dispatcher.workers >= count)
    if (this.#source.isTerminal) report.hint('type records, a line each, end with Ctrl-D')
    void this.#readAll()
    await changed.when(signal, () => this.#closed !== undefined || this.#isDone())
    if (this.#closed?.error) throw this.#closed.error
    if (this.#closed) return
    report.verbose(`${plural(this.#dispatcher.answered, 'record')} answered`, {
      records: this.#dispatcher.answered,
    })
    if (!this.#inputEnded) failed.push('the rest of the input')
    const incomplete = this.#incomplete()
    if (this.#inputError === undefined) {
      if (incomplete !== undefined) throw incomplete
      return
    }
    // The records read before are answered; how many were still to come is not known.
    if (incomplete !== undefined) report.warn(incomplete.message)
    throw this.#inputError
  }

  close(): void {
    this.#dispatcher.close()
  }

  #incomplete(): SwarmError | undefined {
    const { failed } = this.#dispatcher
    if (failed.length === 0) return undefined
    const more = failed.length - NAMED_MAX
    const named = failed.slice(0, NAMED_MAX).join(', ')
    return new SwarmError('INCOMPLETE', `failed: ${named}${more > 0 ? ` and ${more} more` : ''}`)
  }

  #isDone(): boolean {
    return (this.#inputEnded || this.#dispatcher.isHopeless) && this.#dispatcher.open === 0
  }

  async #readAll(): Promise<void> {
    const { signal, counters } = this.#context
    const dispatcher = this.#dispatcher
    try {
      await readRecords(this.#source, this.#options.separator, signal, {
        room: () =>
          dispatcher.changed.when(signal, () => dispatcher.open < RECORDS_MAX && !dispatcher.isHopeless),
        take: (record) => {
          counters.give(record.length)
          dispatcher.add(record)
        },
        refuse: () => dispatcher.refuse(`it is longer than ${limits.lineBytes} bytes`),
      })
    } catch (error) {
      this.#inputError = error
    }
    this.#inputEnded = true
    dispatcher.changed.changed()
  }
}

/**
 * Measures how many descriptors replies may take: what the limit leaves beside the links and all else that is open when it
 * is first asked, before there are replies.
 */
function descriptorRoom({ connections }: Swarm): () => number {
  const limit = descriptorLimit() - SPARE_DESCRIPTORS
  let others: number | undefined
  return () => {
    others ??= openDescriptors() - connections.size
    return limit - others - connections.size
  }
}
