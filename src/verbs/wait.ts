/** `wait`: a barrier. Ends when enough peers are on the topic, or when one has left it. */
import { SwarmError } from '../errors.ts'
import { type CommonOptions, Condition, type Context, plural, until } from './context.ts'
import { watch } from './observe.ts'
import { isMeant } from './to.ts'
import { tellWaiting } from './waiting.ts'

export interface WaitOptions extends CommonOptions {
  /** Peers to wait for. */
  readonly count: number
  /** Instead: waits until this peer, by name or id, is not there. */
  readonly gone: string | undefined
  /** Fails with NOBODY instead of waiting. */
  readonly noWait: boolean
}

/** How often the directory is read: a barrier should open at once. */
const LOOK_MS = 100

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
  let timer: NodeJS.Timeout | undefined
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
    timer = setInterval(() => void discovery.refresh().catch(() => {}), LOOK_MS)
    await changed.when(signal, holds)
    report.verbose(`${plural(peers.size, 'peer')} there`, { peers: peers.size })
  } finally {
    clearInterval(timer)
    await swarm.destroy({ lingerMs: 0 })
  }
}
