/** The transport of the local network: peers found by multicast DNS, or named; loaded on the first join. */

import { checkOptions, isCount, isTexts } from '../../check-options.ts'
import { KEYED_OPTIONS, type KeyedOptions, keyed } from '../noise/keyed.ts'
import { parsePlace } from '../noise/place.ts'
import type { Transport } from '../transport.ts'

export interface LanOptions extends KeyedOptions {
  /** TCP port to listen at. Default: any that is free. */
  readonly port?: number | undefined
  /** `HOST:PORT` of peers that need not be found. */
  readonly peers?: readonly string[] | undefined
}

/**
 * A transport for one swarm, which destroys it with itself.
 * @throws SwarmError KEY_INVALID without a key, unless `public` is true; OPTION_INVALID
 */
export function lan(options: LanOptions): Transport {
  checkOptions('lan', options, { ...KEYED_OPTIONS, port: isCount(0, 65_535), peers: isTexts })
  const peers = (options.peers ?? []).map((peer) => parsePlace(peer, 'a peer'))
  return keyed('lan', 1, options, async (key, node) => {
    const { openNetwork } = await import('./lan.lazy.ts')
    return openNetwork(key, { ...node, port: options.port ?? 0, peers })
  })
}
