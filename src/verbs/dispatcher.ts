/**
 * Records to workers: each to one that has a handler free, so that a fast worker gets more, and to another one if its
 * worker is lost before all of its reply and its status are here, or gives it back.
 */
import { messageOf } from '../errors.ts'
import type { Link } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { Call } from './call.ts'
import { Condition, type Context, delay, hasCode } from './context.ts'
import type { Replies } from './replies.ts'
import { Reply } from './reply.ts'

interface Task {
  /** From 1. */
  readonly number: number
  readonly record: Buffer
  /** Workers that were lost with it. */
  losses: number
}

interface Worker {
  readonly link: Link
  readonly info: PeerInfo
  /** How often in a row it gave records back; those it had at the same time count as one. */
  refusals: number
}

/** Calls that wait at a worker: a handler that becomes free is granted in the same write as the status before. */
const CALLS_AHEAD = 4
const BUSY_MS = 100
/** When every worker has given records back so often in a row, a second apart, nobody is expected to run the rest. */
const REFUSALS_MAX = 5
/** When nothing was printed for so long, the workers that have records are named: one may hang, or takes its time. */
const NOTICE_MS = 5_000
/** Records that are named; the rest is counted. */
const NAMED_MAX = 3

export class Dispatcher {
  readonly #context: Context
  readonly #retries: number
  readonly #swarm: Swarm
  readonly #replies: Replies
  readonly #workers = new Set<Worker>()
  /** Records that workers have, each with the name of the worker; the record that was given first comes first. */
  readonly #held = new Map<number, string>()
  readonly #notice: NodeJS.Timeout
  /** To be given to a worker, in the order of their numbers. */
  readonly #waiting: Task[] = []
  /** Records that are answered, or have failed. */
  answered = 0
  #added = 0
  #streams = 0
  #hopeless: string | undefined
  /** Records that failed, each with its reason. */
  readonly failed: string[] = []
  readonly changed = new Condition()

  constructor(context: Context, retries: number, swarm: Swarm, replies: Replies) {
    this.#context = context
    this.#retries = retries
    this.#swarm = swarm
    this.#replies = replies
    this.#notice = setInterval(() => this.#nameHeld(), NOTICE_MS).unref()
  }

  get workers(): number {
    return this.#workers.size
  }

  /** Records that were added and are not answered yet. */
  get open(): number {
    return this.#added - this.answered
  }

  /** True when no worker can run anything: what is left has failed, and so will what is added. */
  get isHopeless(): boolean {
    return this.#hopeless !== undefined
  }

  /** Adds the next record, to be answered by a worker. */
  add(record: Buffer): void {
    const task = { number: ++this.#added, record, losses: 0 }
    if (this.#hopeless !== undefined) return void this.#finish(task.number, undefined, this.#hopeless)
    this.#waiting.push(task)
    this.changed.changed()
  }

  /** Counts the next record as one that failed. */
  refuse(fault: string): void {
    void this.#finish(++this.#added, undefined, fault)
  }

  /** Gives records to this worker from now on. */
  meet(link: Link, info: PeerInfo): void {
    const worker: Worker = { link, info, refusals: 0 }
    this.#workers.add(worker)
    link.setMaxListeners(0)
    link.on('close', () => {
      this.#workers.delete(worker)
      this.changed.changed()
    })
    this.changed.changed()
    for (let call = 0; call < CALLS_AHEAD; call++) void this.#serve(worker)
  }

  close(): void {
    clearInterval(this.#notice)
    for (const { link } of this.#workers) link.end('done')
  }

  /** Gives one worker a record whenever it has a handler free, until all is done or it is lost. */
  async #serve(worker: Worker): Promise<void> {
    const { signal, report } = this.#context
    const { link, info } = worker
    try {
      for (;;) {
        await this.changed.when(signal, () => this.#nextTask !== undefined || link.ending)
        if (link.ending) return
        const call = new Call(this.#swarm, link, info, ++this.#streams)
        if (!(await this.#isGranted(call))) continue
        const task = link.ending ? undefined : this.#nextTask
        if (task === undefined) call.withdraw()
        else {
          this.#waiting.shift()
          void this.#give(worker, call, task)
        }
      }
    } catch (error) {
      if (!signal.aborted) report.verbose(`${info.name}: ${messageOf(error)}`)
    }
  }

  get #nextTask(): Task | undefined {
    const [task] = this.#waiting
    return task === undefined || this.#replies.isFullFor(task.number, this.#held.size) ? undefined : task
  }

  /** A worker that refuses who is over its `--max` is asked again after the next answer, or a moment. */
  async #isGranted(call: Call): Promise<boolean> {
    const { signal } = this.#context
    const answered = this.answered
    try {
      await call.granted(signal)
      return true
    } catch (error) {
      if (!hasCode(error, 'BUSY')) throw error
      const more = this.changed.when(signal, () => this.answered > answered || call.link.ending)
      await Promise.race([more, delay(BUSY_MS)])
      return false
    }
  }

  /** Gives a record to a worker, and sees to it that the record is answered, by whomever. */
  async #give(worker: Worker, call: Call, task: Task): Promise<void> {
    const { refusals } = worker
    const reply = new Reply(this.#context.env.TMPDIR || '/tmp')
    try {
      const status = await this.#ask(call, task, reply)
      worker.refusals = 0
      void this.#finish(task.number, reply, status === 0 ? undefined : call.reason || `exit status ${status}`)
    } catch (error) {
      // A command that outlives its worker may go on: what it says is nobody's reply now.
      reply.drop()
      call.withdraw()
      if (this.#context.signal.aborted) return
      if (hasCode(error, 'OUTPUT')) void this.#finish(task.number, undefined, messageOf(error))
      else if (call.isRefused) this.#givenBack(worker, refusals, task, messageOf(error))
      else this.#lost(task, messageOf(error))
    }
  }

  /**
   * Has a worker's command answer a record.
   * @returns its exit status, once all of its reply is here
   * @throws SwarmError INCOMPLETE and others when the worker is lost, BUSY when it gives the record back, OUTPUT when there
   * is no room for its reply, or the signal's reason
   */
  async #ask(call: Call, { number, record }: Task, reply: Reply): Promise<number> {
    if (this.#held.size === 0) this.#notice.refresh()
    this.#held.set(number, call.info.name)
    try {
      if (call.takes(record)) call.link.together(() => call.hand(record, reply))
      else {
        const dialling = call.dial()
        reply.take(dialling)
        // The worker may end without reading its record: that is its business.
        dialling.then(({ stream }) => stream.end(record)).catch(() => {})
      }
      const status = await Promise.race([call.ended(this.#context.signal), reply.broken])
      await reply.whole
      return status
    } finally {
      this.#held.delete(number)
    }
  }

  /** It is the worker that failed, not the record: that is no loss to be counted. */
  #givenBack(worker: Worker, refusals: number, task: Task, why: string): void {
    if (worker.refusals === 0) this.#context.report.warn(why)
    worker.refusals = refusals + 1
    this.#putBack(task)
    if (this.#held.size > 0 || [...this.#workers].some((one) => one.refusals < REFUSALS_MAX)) return
    this.#hopeless = why
    for (const { number } of this.#waiting.splice(0)) void this.#finish(number, undefined, why)
  }

  #lost(task: Task, why: string): void {
    task.losses += 1
    this.#context.report.warn(`record ${task.number}: ${why}`, { record: task.number })
    if (task.losses <= this.#retries) this.#putBack(task)
    else void this.#finish(task.number, undefined, 'its worker was lost')
  }

  #putBack(task: Task): void {
    const after = this.#waiting.findIndex(({ number }) => number > task.number)
    this.#waiting.splice(after === -1 ? this.#waiting.length : after, 0, task)
    this.changed.changed()
  }

  /** Prints the reply to a record, if there is one, and counts it as answered, or as failed. */
  async #finish(number: number, reply: Reply | undefined, fault: string | undefined): Promise<void> {
    let why = fault
    try {
      const printed = this.#replies.print(number, reply)
      // It has no connection any more: there may be room for another record before its turn has come.
      this.changed.changed()
      await printed
    } catch (error) {
      why ??= `its reply cannot be read again: ${messageOf(error)}`
    }
    this.answered += 1
    this.#notice.refresh()
    if (why !== undefined) this.failed.push(`record ${number} (${why})`)
    this.changed.changed()
  }

  #nameHeld(): void {
    if (this.#held.size === 0) return
    const named = [...this.#held].slice(0, NAMED_MAX)
    const texts = named.map(([record, worker]) => `${worker} to answer record ${record}`)
    const more = this.#held.size - named.length
    this.#context.report.info(`waiting for ${texts.join(', ')}${more > 0 ? ` and ${more} more` : ''}`)
  }
}
