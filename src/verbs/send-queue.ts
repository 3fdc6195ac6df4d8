/** `send --queue`: each record of stdin to exactly one free worker, its reply to stdout. */
import { SwarmError } from '../errors.ts'
import { descriptorLimit, openDescriptors } from '../io/descriptor.ts'
import type { Source } from '../io/source.ts'
import { limits } from '../limits.ts'
import { Link, type Separator } from '../protocol/link.ts'
import type { Swarm } from '../swarm/swarm.ts'
import { type Context, createSwarm, type MeetingOptions, plural, until } from './context.ts'
import { Dispatcher } from './dispatcher.ts'
import { readRecords } from './records.ts'
import { Replies } from './replies.ts'
import { isMeant } from './to.ts'
import { tellWaiting } from './waiting.ts'
import { whileRead } from './while-read.ts'

export interface SendQueueOptions extends MeetingOptions {
  readonly file: string
  /** Workers to wait for before the first record is read. */
  readonly count: number
  readonly separator: Separator
  /** Replies in the order of the records, not of their completion. */
  readonly ordered: boolean
  /** How often a record is given to another worker after the first was lost. */
  readonly retries: number
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
  let dispatcher: Dispatcher | undefined
  try {
    await whileRead(context.signal, sink, async (signal) => {
      const reading = { ...context, signal }
      const replies = new Replies(sink, options.ordered, context.counters, descriptorRoom(swarm))
      dispatcher = new Dispatcher(reading, options.retries, swarm, replies)
      await meetWorkers(reading, options, swarm, dispatcher)
      if (source.isTerminal) context.report.hint('type records, a line each, end with Ctrl-D')
      await answerAll(reading, options.separator, source, dispatcher)
    })
  } finally {
    source.close()
    dispatcher?.close()
    await swarm.destroy({ lingerMs: limits.lingerMs })
    if (!context.signal.aborted) await sink.close()
  }
}

/** @throws SwarmError NOBODY when too few workers are there and are not to be waited for */
async function meetWorkers(
  context: Context,
  { topic, to, count, noWait }: SendQueueOptions,
  swarm: Swarm,
  dispatcher: Dispatcher,
): Promise<void> {
  const { signal } = context
  swarm.on('connection', (stream, info) => {
    if (isMeant(to, info)) dispatcher.meet(new Link(stream), info)
  })
  const discovery = swarm.join(topic)
  await until(signal, swarm.listen())
  context.ready(swarm, topic)
  await until(signal, discovery.flushed())
  if (noWait && dispatcher.workers < count)
    throw new SwarmError('NOBODY', `${plural(dispatcher.workers, 'worker')} of ${count} there`)
  await dispatcher.changed.when(signal, () => dispatcher.workers >= count)
}

/** @throws SwarmError INPUT, or INCOMPLETE naming the records that failed */
async function answerAll(
  { signal, counters, report }: Context,
  separator: Separator,
  source: Source,
  dispatcher: Dispatcher,
): Promise<void> {
  const { changed, failed } = dispatcher
  let hasEnded = false
  let inputError: unknown
  // A line keeps its newline, as a command expects it; a record that a NUL ended is all of it.
  const end = Buffer.alloc(separator === 10 ? 1 : 0, separator)
  const reading = readRecords(source, separator, signal, {
    room: () => changed.when(signal, () => dispatcher.open < RECORDS_MAX && !dispatcher.isHopeless),
    take: (line) => {
      const record = Buffer.concat([line, end])
      counters.give(record.length)
      dispatcher.add(record)
    },
    refuse: () => dispatcher.refuse(`it is longer than ${limits.lineBytes} bytes`),
  })
  reading
    .catch((error: unknown) => {
      inputError = error
    })
    .then(() => {
      hasEnded = true
      changed.changed()
    })
  await changed.when(signal, () => (hasEnded || dispatcher.isHopeless) && dispatcher.open === 0)
  const { answered } = dispatcher
  report.verbose(`${plural(answered, 'record')} answered`, { records: answered })
  if (!hasEnded) failed.push('the rest of the input')
  const incomplete = incompleteOf(failed)
  if (inputError === undefined && incomplete !== undefined) throw incomplete
  // The records read before are answered; how many were still to come is not known.
  if (incomplete !== undefined) report.warn(incomplete.message)
  if (inputError !== undefined) throw inputError
}

function incompleteOf(failed: readonly string[]): SwarmError | undefined {
  if (failed.length === 0) return undefined
  const more = failed.length - NAMED_MAX
  const named = failed.slice(0, NAMED_MAX).join(', ')
  return new SwarmError('INCOMPLETE', `failed: ${named}${more > 0 ? ` and ${more} more` : ''}`)
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
