/** `send`: the input to every receiver, exact and confirmed. */
import { SwarmError } from '../errors.ts'
import { limits } from '../limits.ts'
import { Link } from '../protocol/link.ts'
import type { DigestName } from '../protocol/message.ts'
import { type CommonOptions, type Context, createSwarm, delay, plural, until } from './context.ts'
import { Delivery } from './delivery.ts'
import { isMeant } from './to.ts'

export interface SendOptions extends CommonOptions {
  /** A file instead of stdin; `-` is stdin. */
  readonly file: string
  /** Receivers to wait for. */
  readonly count: number
  /** Only these peers, by name or id; empty: all. */
  readonly to: readonly string[]
  readonly digest: DigestName
  /** Gives up a receiver that takes nothing for so long; Infinity: never. */
  readonly dropSlowMs: number
  /** Fails with NOBODY when too few receivers are there. */
  readonly noWait: boolean
}

/** Reading ahead of the slowest receiver: four buffers of 512 KiB. */
const BUFFERS = { bufferBytes: 524_288, buffers: 4 }
/** Peers that are there and say neither yes nor no hold the start up no longer than this. */
const UNDECIDED_MS = 5_000

/** @throws SwarmError INCOMPLETE naming those who did not confirm; NOBODY, INPUT, and the signal's reason */
export async function send(context: Context, options: SendOptions): Promise<void> {
  const { signal, report } = context
  const source = context.openSource(options.file, BUFFERS)
  const swarm = createSwarm(context, options, { verb: 'send', reads: [], writes: ['stream'] })
  const links = new Set<Link>()
  const delivery = new Delivery(context, {
    digest: options.digest,
    size: source.size,
    dropSlowMs: options.dropSlowMs,
  })
  swarm.on('stream', (incoming) => delivery.take(incoming))
  swarm.on('connection', (stream, info) => {
    const link = new Link(stream)
    links.add(link)
    link.on('close', () => links.delete(link))
    if (isMeant(options.to, info)) delivery.meet(link, info)
  })
  try {
    const discovery = swarm.join(options.topic)
    await until(signal, swarm.listen())
    context.ready(swarm, options.topic)
    await until(signal, discovery.flushed())
    if (options.noWait && delivery.known < options.count) {
      throw new SwarmError('NOBODY', `${plural(delivery.known, 'receiver')} of ${options.count} there`)
    }
    if (source.isTerminal) report.info('type what to send, end with Ctrl-D')
    await delivery.when(() => delivery.taken >= options.count)
    if (delivery.undecided) {
      await until(signal, Promise.race([delivery.when(() => !delivery.undecided), delay(UNDECIDED_MS)]))
    }
    delivery.start()
    const outcome = await delivery.run(source)
    report.verbose(`${outcome.bytes} bytes to ${outcome.confirmed.join(', ')}, ${outcome.digest}`, {
      bytes: outcome.bytes,
      digest: outcome.digest,
    })
    if (options.digest === 'blake2b')
      report.info(outcome.digest, { bytes: outcome.bytes, digest: outcome.digest })
    if (outcome.failed.length > 0) {
      const names = outcome.failed.map(({ name, reason }) => `${name} (${reason})`)
      throw new SwarmError('INCOMPLETE', `not confirmed by ${names.join(', ')}`)
    }
  } finally {
    source.close()
    for (const link of links) link.end('done')
    await swarm.destroy({ lingerMs: limits.lingerMs })
  }
}
