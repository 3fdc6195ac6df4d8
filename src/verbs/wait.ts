/** `wait`: a barrier. Ends when enough peers are on the topic, or when one has left it. */
import { SwarmError } from '../errors.ts'
import { Condition, type Context, type MeetingOptions, plural, until } from './context.ts'
import { watch } from './observe.ts'
import { isMeant } from './to.ts'
import { lookUntil, tellWaiting } from './waiting.ts'

export interface WaitOptions extends Omit<MeetingOptions, 'to'> {
  readonly count: number
  /** Instead: waits until this peer, by name or id, is not there. */
  readonly gone: string | undefined
}

export async function wait(context: Context, options: WaitOptions): Promise<void> {
  const { signal, report } = context
  const changed = new Condition()
  const { swarm, peers } = watch(context, options, 'wait', () => changed.changed())
  if (options.gone === undefined) tellWaiting(context, swarm, options, 'a peer', 'join')
  const holds = () => {
    if (options.gone === undefined) return peers.size >= options.count
    const wanted = [options.gone]
    return ![...peers.values()].some((info) => isMeant(wanted, info))
  }
  try {
    const discovery = swarm.join(options.topic)
    await until(signal, discovery.flushed())
    context.ready(swarm, options.topic)
    if (options.noWait && !holds()) {
      throw new SwarmError(
        'NOBODY',
        options.gone ? `${options.gone} is there` : `${plural(peers.size, 'peer')} there`,
      )
    }
    await lookUntil(signal, discovery, changed, holds)
    report.verbose(`${plural(peers.size, 'peer')} there`, { peers: peers.size })
  } finally {
    await swarm.destroy({ lingerMs: 0 })
  }
}
