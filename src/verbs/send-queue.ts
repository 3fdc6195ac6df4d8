/**
 * `send --queue`: each record of stdin to exactly one free worker, its reply to stdout.
 *
 * A worker is asked for a free handler, and given a record when it has one: who is fast gets more. A
 * record whose worker was lost before it told its status goes to another.
 */
import { messageOf, SwarmError } from '../errors.ts'
import type { Sink } from '../io/sink.ts'
import type { Source } from '../io/source.ts'
import { limits } from '../limits.ts'
import { Link, type Separator } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { Call } from './call.ts'
import {
  type CommonOptions,
  Condition,
  type Context,
  createSwarm,
  delay,
  hasCode,
  plural,
  until,
} from './context.ts'
import { readRecords } from './records.ts'
import { Replies, Reply } from './replies.ts'
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

interface Task {
  /** From 1. */
  readonly number: number
  readonly record: Buffer
  /** Workers that were lost with it. */
  losses: number
}

const BUFFERS = { bufferBytes: 65_536, buffers: 4 }
/** Records that are read and not yet answered: what `--ordered` may hold back. */
const RECORDS_MAX = 1_024
/** Calls that wait at a worker: a handler that becomes free is granted in the same write as the status before. */
const CALLS_AHEAD = 4
const BUSY_MS = 100
/** Failed records that are named at the end; the rest is counted. */
const NAMED_MAX = 20

/** @throws SwarmError INCOMPLETE naming the records that failed; NOBODY, INPUT, OUTPUT, and the signal's reason */
export async function sendQueue(context: Context, options: SendQueueOptions): Promise<void> {
  const source = context.openSource(options.file, BUFFERS)
  const sink = context.openStdout()
  const swarm = createSwarm(context, options, { verb: 'send', reads: [], writes: ['records'] })
  tellWaiting(context, swarm, options, 'a worker', 'exec --queue')
  const queue = new Queue(context, options, swarm, source, sink)
  try {
    await queue.run()
  } finally {
    source.close()
    queue.leave()
    await swarm.destroy({ lingerMs: limits.lingerMs })
    if (!context.signal.aborted) await sink.close()
  }
}

class Queue {
  readonly #context: Context
  readonly #options: SendQueueOptions
  readonly #swarm: Swarm
  readonly #source: Source
  readonly #replies: Replies
  readonly #links = new Set<Link>()
  readonly #changed = new Condition()
  /** To be given to a worker; those that were lost come first. */
  readonly #waiting: Task[] = []
  readonly #failed: string[] = []
  #read = 0
  #answered = 0
  #streams = 0
  #inputEnded = false
  #inputError: unknown
  #closed: { error: SwarmError | undefined } | undefined

  constructor(context: Context, options: SendQueueOptions, swarm: Swarm, source: Source, sink: Sink) {
    this.#context = context
    this.#options = options
    this.#swarm = swarm
    this.#source = source
    this.#replies = new Replies(sink, options.ordered, context.counters)
    sink.onclose = (error) => {
      this.#closed = { error }
      this.#changed.changed()
    }
    swarm.on('connection', (stream, info) => {
      if (isMeant(options.to, info)) this.#meet(new Link(stream), info)
    })
  }

  async run(): Promise<void> {
    const { signal, report } = this.#context
    const { topic, count, noWait } = this.#options
    const discovery = this.#swarm.join(topic)
    await until(signal, this.#swarm.listen())
    this.#context.ready(this.#swarm, topic)
    await until(signal, discovery.flushed())
    if (noWait && this.#links.size < count) {
      throw new SwarmError('NOBODY', `${plural(this.#links.size, 'worker')} of ${count} there`)
    }
    await this.#changed.when(signal, () => this.#links.size >= count)
    if (this.#source.isTerminal) report.hint('type records, a line each, end with Ctrl-D')
    const reading = this.#readAll()
    await this.#changed.when(signal, () => this.#closed !== undefined || this.#isDone())
    if (this.#closed?.error) throw this.#closed.error
    if (this.#closed) return
    await reading
    report.verbose(`${plural(this.#answered, 'record')} answered`, { records: this.#answered })
    const incomplete = this.#incomplete()
    if (this.#inputError === undefined) {
      if (incomplete !== undefined) throw incomplete
      return
    }
    // The records read before are answered; how many were still to come is not known.
    if (incomplete !== undefined) report.warn(incomplete.message)
    throw this.#inputError
  }

  leave(): void {
    for (const link of this.#links) link.end('done')
  }

  #incomplete(): SwarmError | undefined {
    if (this.#failed.length === 0) return undefined
    const more = this.#failed.length - NAMED_MAX
    const named = this.#failed.slice(0, NAMED_MAX).join(', ')
    return new SwarmError('INCOMPLETE', `failed: ${named}${more > 0 ? ` and ${more} more` : ''}`)
  }

  #isDone(): boolean {
    return this.#inputEnded && this.#answered === this.#read
  }

  async #readAll(): Promise<void> {
    const { signal, counters } = this.#context
    try {
      await readRecords(this.#source, this.#options.separator, signal, {
        room: () => this.#changed.when(signal, () => this.#read - this.#answered < RECORDS_MAX),
        take: (record) => {
          this.#read += 1
          counters.give(record.length)
          this.#waiting.push({ number: this.#read, record, losses: 0 })
          this.#changed.changed()
        },
        refuse: () => {
          this.#read += 1
          this.#answer(this.#read, `it is longer than ${limits.lineBytes} bytes`)
          void this.#replies.turn(this.#read).then((release) => release())
        },
      })
    } catch (error) {
      this.#inputError = error
    }
    this.#inputEnded = true
    this.#changed.changed()
  }

  #meet(link: Link, info: PeerInfo): void {
    this.#links.add(link)
    link.setMaxListeners(0)
    link.on('close', () => {
      this.#links.delete(link)
      this.#changed.changed()
    })
    this.#changed.changed()
    for (let call = 0; call < CALLS_AHEAD; call++) void this.#serve(link, info)
  }

  /** Gives one worker a record whenever it has a handler free, until all is done or it is lost. */
  async #serve(link: Link, info: PeerInfo): Promise<void> {
    const { signal, report } = this.#context
    try {
      for (;;) {
        await this.#changed.when(signal, () => this.#waiting.length > 0 || link.ending)
        if (link.ending) return
        const call = new Call(this.#swarm, link, info, ++this.#streams)
        if (!(await this.#isGranted(call))) continue
        const task = this.#waiting.shift()
        if (task === undefined) call.withdraw()
        else void this.#give(call, task)
      }
    } catch (error) {
      if (!signal.aborted) report.verbose(`${info.name}: ${messageOf(error)}`)
    }
  }

  /** A worker that refuses who is over its `--max` is asked again after the next answer, or a moment. */
  async #isGranted(call: Call): Promise<boolean> {
    const { signal } = this.#context
    const answered = this.#answered
    try {
      await call.granted(signal)
      return true
    } catch (error) {
      if (!hasCode(error, 'BUSY')) throw error
      const more = this.#changed.when(signal, () => this.#answered > answered || call.link.ending)
      // If we are interrupted later, that is not its news.
      more.catch(() => {})
      await Promise.race([more, delay(BUSY_MS)])
      return false
    }
  }

  async #give(call: Call, task: Task): Promise<void> {
    const { signal, report } = this.#context
    const reply = new Reply(this.#replies, task.number)
    try {
      if (call.takes(task.record)) call.link.together(() => call.hand(task.record, reply))
      else {
        const dialling = call.dial()
        reply.take(dialling)
        // The worker may end without reading its record: that is its business.
        ;(await dialling).stream.end(task.record)
      }
      const status = await call.ended(signal)
      await reply.finish()
      this.#answer(task.number, status === 0 ? undefined : call.reason || `exit status ${status}`)
    } catch (error) {
      if (signal.aborted) return
      task.losses += 1
      report.warn(`record ${task.number}: ${messageOf(error)}`, { record: task.number })
      // A command that outlives its worker may hold the stream open: what it says is nobody's reply now.
      const unsaid = reply.forget()
      if (unsaid && task.losses <= this.#options.retries) this.#waiting.unshift(task)
      else {
        await reply.finish()
        this.#answer(task.number, 'its worker was lost')
      }
      this.#changed.changed()
    }
  }

  #answer(number: number, fault: string | undefined): void {
    this.#answered += 1
    if (fault !== undefined) this.#failed.push(`record ${number} (${fault})`)
    this.#changed.changed()
  }
}
