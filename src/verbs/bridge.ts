/** `bridge`: the peers of a topic on this machine and those beyond it meet through one program. */
import { SwarmError } from '../errors.ts'
import { Bridge } from '../swarm/bridge.ts'
import { local } from '../transport/local/local.ts'
import { type CommonOptions, type Context, until } from './context.ts'

/** Runs until it is interrupted. */
export async function bridge(context: Context, options: CommonOptions): Promise<never> {
  const { network, report, signal } = context
  if (network.transports.length === 0) {
    throw new SwarmError(
      'OPTION_INVALID',
      'a bridge leads somewhere: give --dht, --lan, --listen URL or --connect URL',
    )
  }
  let bytes = 0
  const crossing = new Bridge(options.topic, [local({ basedir: options.dir }), ...network.transports], {
    name: options.name,
    pid: context.pid,
    onwarning: (message) => report.warn(message),
    onbytes: (count) => {
      bytes += count
    },
  })
  const unfollow = context.follow({
    peer: 'peer',
    isScreenTaken: false,
    read: () => ({
      bytes,
      size: undefined,
      peers: crossing.peers.map(({ name }) => name),
      laggard: undefined,
    }),
  })
  try {
    await until(signal, crossing.open())
    context.ready(crossing, options.topic)
    return await until(signal, new Promise<never>(() => {}))
  } finally {
    unfollow()
    await crossing.destroy()
  }
}
