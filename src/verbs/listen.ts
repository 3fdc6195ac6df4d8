/** `listen`: the other end of `connect`. One peer on our own stdio. */
import { messageOf } from '../errors.ts'
import { limits } from '../limits.ts'
import type { IncomingStream } from '../swarm/peer.ts'
import { Calls, type IncomingCall } from './calls.ts'
import { type CommonOptions, type Context, createSwarm, hasCode, until } from './context.ts'
import { exchange } from './exchange.ts'
import { linger } from './linger.ts'
import { tellWaiting } from './waiting.ts'
import { whileRead } from './while-read.ts'

export interface ListenOptions extends CommonOptions {
  /** Takes the next peer after one is done. */
  readonly keep: boolean
}

const BUFFERS = { bufferBytes: 262_144, buffers: 4 }

export async function listen(context: Context, options: ListenOptions): Promise<void> {
  const { signal, report } = context
  const source = context.openSource('-', BUFFERS)
  const sink = context.openStdout()
  const swarm = createSwarm(context, options, { verb: 'listen', reads: ['calls'], writes: [] })
  tellWaiting(context, swarm, options, 'a caller', 'connect')
  let fault: unknown
  let readerGone = false

  const handle = async (incoming: IncomingStream, { link, aborted, inputOver }: IncomingCall) => {
    report.verbose(`connected with ${incoming.info.name}`)
    const connection = incoming.accept()
    const ending = AbortSignal.any([signal, aborted])
    try {
      const both = !options.keep
      readerGone = !(await exchange(context, connection, source, sink, { signal: ending, both }))
      // The end of the stream may have been the caller's death.
      if (!readerGone) await until(ending, inputOver)
      return { status: 0, reason: '' }
    } catch (error) {
      if (options.keep && hasCode(error, 'INCOMPLETE')) report.warn(messageOf(error))
      else fault ??= error
      return { status: 1, reason: 'the listener failed' }
    } finally {
      void linger(connection, link)
    }
  }

  const calls = new Calls(swarm, { max: 1, maxPerPeer: 1, busy: 'wait', handle })
  try {
    swarm.join(options.topic, { server: true, client: false })
    await until(signal, swarm.listen())
    context.ready(swarm, options.topic)
    const ended = () => calls.finished > 0 && (!options.keep || fault !== undefined || readerGone)
    await whileRead(signal, sink, (until) => calls.changed.when(until, ended))
    if (fault !== undefined) throw fault
  } finally {
    calls.close()
    source.close()
    for (const link of calls.links) link.end('done')
    await swarm.destroy({ lingerMs: limits.lingerMs })
    if (!signal.aborted) await sink.close()
  }
}
