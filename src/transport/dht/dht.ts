/** The DHT transport: peers anywhere, found and connected by Hyperswarm, which is loaded on the first join. */
import { createSocket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import { messageOf, SwarmError, systemCode } from '../../errors.ts'
import { parseKey, TopicKey } from '../../key.ts'
import { limits } from '../../limits.ts'
import type { Transport } from '../transport.ts'

export interface DhtOptions {
  /** The topic key (`lswarm key new`); topics are names within it. Or `public: true`. */
  readonly key?: TopicKey | string | undefined
  /** Instead of a key: anybody who knows or guesses a topic's name may come. */
  readonly public?: boolean | undefined
  /** `HOST:PORT` of the first nodes of a private network. Default: those of the public DHT. */
  readonly bootstrap?: readonly string[] | undefined
  /** 32 bytes from which our key pair is made, so that we are the same peer each time. Default: random. */
  readonly seed?: Buffer | undefined
  /** Encrypted connections at most. Default 64. */
  readonly maxPeers?: number | undefined
  /** Asked about each public key, dialled or dialling: **true rejects it**. */
  readonly firewall?: ((publicKey: Buffer) => boolean) | undefined
}

const FREE_PORT_TRIES = 10

type Network = import('./network.lazy.ts').Network

/**
 * A transport for one swarm, which destroys it with itself.
 * @throws SwarmError KEY_INVALID without a key, unless `public` is true
 */
export function dht(options: DhtOptions): Transport {
  const { bootstrap, seed, maxPeers = limits.networkConnections, firewall = () => false } = options
  if ((options.key === undefined) === (options.public !== true))
    throw new SwarmError('KEY_INVALID', 'beyond this machine a topic needs a key, or public: true')
  for (const node of bootstrap ?? []) checkBootstrap(node)
  let network: Promise<Network> | undefined
  const open = async () => {
    const key = typeof options.key === 'string' ? await parseKey(options.key) : options.key
    const { Network } = await load()
    return new Network({ key: key ?? TopicKey.public(), bootstrap, seed, maxPeers, firewall })
  }
  return {
    name: 'dht',
    distance: 3,
    join: async (topic, joining) => {
      network ??= open()
      return (await network).join(topic, joining)
    },
    destroy: async () => {
      const opened = await network?.catch(() => undefined)
      await opened?.destroy()
    },
  }
}

/** @throws SwarmError OPTION_INVALID for what is not `HOST:PORT` */
export function checkBootstrap(node: string): string {
  const port = Number(/^[^\s:]+:(\d{1,5})$/.exec(node)?.[1] ?? 0)
  if (port >= 1 && port <= 65_535) return node
  throw new SwarmError(
    'OPTION_INVALID',
    `a bootstrap node is HOST:PORT, not ${JSON.stringify(node.slice(0, 80))}`,
  )
}

/** The first nodes of a private network, run by this program. */
export interface BootstrapNode {
  /** `HOST:PORT`, for others. */
  readonly address: string
  destroy(): Promise<void>
}

/**
 * Resolves when they answer.
 * @param host an IPv4 address of this machine
 * @param port 0 for any that is free
 * @throws SwarmError OPTION_INVALID, NETWORK
 */
export async function bootstrapNode(host: string, port: number): Promise<BootstrapNode> {
  if (!isIPv4(host) || host === '0.0.0.0')
    throw new SwarmError(
      'OPTION_INVALID',
      `a bootstrap node has an IPv4 address, not ${JSON.stringify(host)}`,
    )
  const { bootstrapNodes } = await load()
  for (let tries = 1; ; tries++) {
    const at = port === 0 ? await freePort(host) : port
    try {
      return { address: `${host}:${at}`, destroy: await bootstrapNodes(host, at) }
    } catch (error) {
      // Somebody was quicker.
      if (port === 0 && tries < FREE_PORT_TRIES) continue
      const why = systemCode(error) || messageOf(error)
      throw new SwarmError('NETWORK', `cannot listen at ${host}:${at}: ${why}`, error)
    }
  }
}

/** @throws SwarmError NETWORK */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    socket.once('error', (error) =>
      reject(new SwarmError('NETWORK', `cannot listen at ${host}: ${systemCode(error)}`, error)),
    )
    socket.bind(0, host, () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })
}

/** @throws SwarmError NETWORK, saying which package is missing */
async function load() {
  try {
    return await import('./network.lazy.ts')
  } catch (error) {
    if (!['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(systemCode(error))) throw error
    const missing = /Cannot find (?:package|module) '([^']+)'/.exec(messageOf(error))?.[1] ?? 'hyperswarm'
    throw new SwarmError(
      'NETWORK',
      `the network needs the package ${missing}, which is not installed: npm install hyperswarm hyperdht protomux b4a`,
      error,
    )
  }
}
