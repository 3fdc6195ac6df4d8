/** `peers`: who is on a topic, found alive by connecting. */
import { jsonLine } from '../io/sanitize.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import { type CommonOptions, type Context, until } from './context.ts'
import { sorted, watch } from './observe.ts'
import { print, printNone, table } from './table.ts'

export interface PeersOptions extends CommonOptions {
  readonly json: boolean
}

export async function peers(context: Context, options: PeersOptions): Promise<void> {
  context.checkStdout()
  const { swarm, peers } = watch(context, options, 'peers')
  try {
    await until(context.signal, swarm.join(options.topic).flushed())
    const found = sorted(peers.values())
    if (options.json) return await print(context, found.map((info) => jsonLine(describe(info))).join(''))
    if (found.length === 0) return await printNone(context, `nobody is on ${options.topic}`)
    const rows = found.map((info) => [
      info.name,
      info.id.slice(0, 8),
      info.verb,
      info.pid === undefined ? '-' : String(info.pid),
      info.transport,
    ])
    await print(context, table(['NAME', 'ID', 'VERB', 'PID', 'TRANSPORT'], rows))
  } finally {
    await swarm.destroy({ lingerMs: 0 })
  }
}

function describe({ name, id, verb, pid, transport, reads, writes }: PeerInfo) {
  return { name, id, verb, pid, transport, reads, writes }
}
