/** The DHT transport: peers anywhere, found and connected by Hyperswarm, which is loaded on the first join. */
import { createSocket } from 'node:dgram'
import { isIPv4, isIPv6 } from 'node:net'
import { checkOptions, isTexts } from '../../check-options.ts'
import { reasonOf, SwarmError } from '../../errors.ts'
import { KEYED_OPTIONS, type KeyedOptions, keyed, withPackages } from '../noise/keyed.ts'
import { parsePlace } from '../noise/place.ts'
import type { Transport } from '../transport.ts'

export interface DhtOptions extends KeyedOptions {
  /** `HOST:PORT` of the first nodes of a private network. Default: those of the public DHT. */
  readonly bootstrap?: readonly string[] | undefined
}

const FREE_PORT_TRIES = 10

/**
 * A transport for one swarm, which destroys it with itself.
 * @throws SwarmError KEY_INVALID without a key, unless `public` is true; OPTION_INVALID
 */
export function dht(options: DhtOptions): Transport {
  checkOptions('dht', options, { ...KEYED_OPTIONS, bootstrap: isTexts })
  const { bootstrap } = options
  for (const node of bootstrap ?? []) {
    // HyperDHT speaks IPv4 only, and says it of an address that it cannot take apart only by ending the program.
    const { host } = parsePlace(node, 'a bootstrap node')
    if (isIPv6(host)) throw notIPv4(host)
  }
  return keyed('dht', 3, options, async (key, node) => {
    const { openNetwork } = await import('./hyperswarm.lazy.ts')
    return openNetwork(key, { ...node, bootstrap })
  })
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
  if (!isIPv4(host) || host === '0.0.0.0') throw notIPv4(host)
  const { bootstrapNodes } = await withPackages(() => import('./hyperswarm.lazy.ts'))
  for (let tries = 1; ; tries++) {
    const at = port === 0 ? await freePort(host) : port
    try {
      return { address: `${host}:${at}`, destroy: await bootstrapNodes(host, at) }
    } catch (error) {
      // Somebody was quicker.
      if (port === 0 && tries < FREE_PORT_TRIES) continue
      const why = reasonOf(error)
      throw new SwarmError('NETWORK', `cannot listen at ${host}:${at}: ${why}`, error)
    }
  }
}

function notIPv4(host: string): SwarmError {
  return new SwarmError('OPTION_INVALID', `a bootstrap node has an IPv4 address, not ${JSON.stringify(host)}`)
}

/** @throws SwarmError NETWORK */
function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket('udp4')
    socket.once('error', (error) =>
      reject(new SwarmError('NETWORK', `cannot listen at ${host}: ${reasonOf(error)}`, error)),
    )
    socket.bind(0, host, () => {
      const { port } = socket.address()
      socket.close(() => resolve(port))
    })
  })
}
