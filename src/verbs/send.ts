/** `send`: the input to every receiver, exact and confirmed. */
import { SwarmError } from '../errors.ts'
import { type CommandLine, failureOf, findCommand } from '../io/command.ts'
import { CommandSource } from '../io/command-source.ts'
import { ControllingTerminal } from '../io/controlling-terminal.ts'
import type { Source } from '../io/source.ts'
import { memoryOf, Spool } from '../io/spool.ts'
import { limits } from '../limits.ts'
import type { DigestName, Loan } from '../protocol/message.ts'
import { type CommonOptions, type Context, createSwarm, delay, plural, until } from './context.ts'
import { Delivery, type Outcome } from './delivery.ts'
import { linked } from './linked.ts'
import { isMeant } from './to.ts'
import { tellWaiting } from './waiting.ts'

export interface SendOptions extends CommonOptions {
  /** A file instead of stdin; `-` is stdin. */
  readonly file: string
  /** Its output is sent instead of stdin. */
  readonly command: CommandLine | undefined
  /** Receivers to wait for. */
  readonly count: number
  /** Only these peers, by name or id; empty: all. */
  readonly to: readonly string[]
  readonly digest: DigestName
  /** How much will come, where the input does not know. */
  readonly size: number | undefined
  /** Gives up a receiver that takes nothing for so long; Infinity: never. */
  readonly dropSlowMs: number
  /** Fails with NOBODY when too few receivers are there. */
  readonly noWait: boolean
}

/** Reading ahead of the slowest receiver: four buffers of 512 KiB. */
const BUFFERS = { bufferBytes: 524_288, buffers: 4, isSnapshot: true }
/** Peers that are there and say neither yes nor no hold the start up no longer than this. */
const UNDECIDED_MS = 5_000
const STOP_MS = 2_000
/** Below this a spool is not worth its memory. */
const SPOOLED_BYTES_MIN = 16_777_216
const SPOOL = { ringBytes: 16_777_216, batchBytes: 4_194_304 }

/** @throws SwarmError INCOMPLETE naming those who did not confirm; NOBODY, INPUT, and the signal's reason */
export async function send(context: Context, options: SendOptions): Promise<void> {
  const { signal, report } = context
  const { command, digest, dropSlowMs } = options
  if (command) findCommand(command.file, context.env.PATH ?? '')
  const source = command ? undefined : context.openSource(options.file, BUFFERS)
  const swarm = createSwarm(context, options, { verb: 'send', reads: [], writes: ['stream'] })
  tellWaiting(context, swarm, options, 'a receiver', 'recv')
  // On its way while the rest is made ready.
  const discovery = swarm.join(options.topic)
  // Who wants a digest of every byte wants it made here, too.
  const loan = digest === 'sample' ? source?.lend() : undefined
  const spool = isWorthSpooling(source, loan) ? Spool.open(memoryOf(context.env), SPOOL) : undefined
  const delivery = new Delivery(context, swarm, {
    digest,
    size: source?.size ?? options.size,
    loan,
    spool,
    dropSlowMs,
  })
  const unfollow = context.follow({
    peer: 'receiver',
    isScreenTaken: source?.isTerminal ?? false,
    read: () => delivery.progress,
  })
  const { receivers } = delivery
  swarm.on('stream', (incoming) => receivers.take(incoming))
  const links = linked(swarm, (link, info) => {
    if (isMeant(options.to, info)) receivers.meet(link, info)
  })
  try {
    await until(signal, swarm.listen())
    context.ready(swarm, options.topic)
    await until(signal, discovery.flushed())
    // A receiver that came meanwhile may be the wrong one.
    await receivers.when(() => true)
    if (options.noWait && receivers.size < options.count) {
      throw new SwarmError('NOBODY', `${plural(receivers.size, 'receiver')} of ${options.count} there`)
    }
    if (source?.isTerminal) report.hint('type what to send, end with Ctrl-D')
    do {
      await receivers.when(() => receivers.taken >= options.count)
      if (!receivers.undecided) break
      await until(signal, Promise.race([receivers.when(() => !receivers.undecided), delay(UNDECIDED_MS)]))
      // Meanwhile one of them may have left.
    } while (receivers.taken < options.count)
    context.expect('stream')
    receivers.start()
    const outcome = source
      ? await delivery.run(source)
      : command && (await sendFrom(context, options, command, delivery))
    if (outcome) tell(context, options, outcome)
  } catch (error) {
    await delivery.abort(error)
    throw error
  } finally {
    unfollow()
    source?.close()
    spool?.close()
    for (const link of links) link.end('done')
    await swarm.destroy({ lingerMs: limits.lingerMs })
  }
}

/** What is long, or may be, and is not read by the receivers anyway. */
function isWorthSpooling(source: Source | undefined, loan: Loan | undefined): boolean {
  const size = loan?.size === undefined ? (source?.size ?? Number.POSITIVE_INFINITY) : 0
  return size >= SPOOLED_BYTES_MIN && !source?.isTerminal
}

/**
 * Runs a command whose output is sent: with the socket itself as its stdout, where there is one receiver and the bytes
 * need not be seen here. The command is ended when no receiver is left.
 */
async function sendFrom(
  context: Context,
  options: SendOptions,
  command: CommandLine,
  delivery: Delivery,
): Promise<Outcome> {
  const { signal } = context
  const isSeen = options.digest !== 'sample' || options.dropSlowMs < Number.POSITIVE_INFINITY
  const socket = isSeen ? undefined : delivery.receivers.onlySocket
  const { run } = await import('../io/spawn.lazy.ts')
  const terminal = new ControllingTerminal()
  const child = run(command, { stdin: 'inherit', stdout: socket ?? 'pipe', env: {} })
  let hasEnded = false
  void child.ended.then(() => (hasEnded = true))
  const failure = async () => {
    const failed = failureOf(command.file, await until(signal, child.ended))
    if (failed === undefined) await until(signal, terminal.signalsDelivered())
    return failed
  }
  try {
    const outcome = child.stdout
      ? await delivery.run(new CommandSource(child.stdout, failure))
      : await delivery.runHanded(failure)
    if (!hasEnded || outcome.confirmed.length === 0) await child.stop(STOP_MS)
    return outcome
  } catch (error) {
    await delivery.abort(error)
    await child.stop(STOP_MS)
    throw error
  }
}

/** @throws SwarmError INCOMPLETE naming those who did not confirm */
function tell({ report }: Context, options: SendOptions, { sent, confirmed, failed }: Outcome): void {
  // What nobody confirmed may be a part of it.
  if (confirmed.length > 0) {
    const names = confirmed.join(', ')
    if (sent === undefined) report.verbose(`confirmed by ${names}; the bytes did not pass through lswarm`)
    else report.verbose(`${sent.bytes} bytes to ${names}, ${sent.digest}`, sent)
    if (sent !== undefined && options.digest !== 'sample') report.info(sent.digest, sent)
  }
  if (failed.length === 0) return
  const reasons = failed.map(({ name, reason }) => `${name} (${reason})`)
  throw new SwarmError('INCOMPLETE', `not confirmed by ${reasons.join(', ')}`)
}
