/** What all transports beyond this machine have in common: a key, who may come, and packages that may be missing. */
import { isBoolean, isBytes, isCount, isFunction } from '../../check-options.ts'
import { messageOf, reasonOf, SwarmError, systemCode } from '../../errors.ts'
import { isRejectedBy } from '../../events.ts'
import { parseKey, TopicKey } from '../../key.ts'
import { limits } from '../../limits.ts'
import type { Transport } from '../transport.ts'
import type { Network } from './network.ts'

export interface KeyedOptions {
  /** The topic key (`lswarm key new`); topics are names within it. Or `public: true`. */
  readonly key?: TopicKey | string | undefined
  /** Instead of a key: anybody who knows or guesses a topic's name may come. */
  readonly public?: boolean | undefined
  /** 32 bytes from which our key pair is made, so that we are the same peer each time. Default: random. */
  readonly seed?: Buffer | undefined
  /** Encrypted connections at most. Default 64. */
  readonly maxPeers?: number | undefined
  /** Asked about each public key, dialled or dialling: **true rejects it**; an exception rejects it too, with a warning. */
  readonly firewall?: ((publicKey: Buffer) => boolean) | undefined
}

/** How each is checked. */
export const KEYED_OPTIONS = {
  key: (key: unknown) => (typeof key === 'string' || key instanceof TopicKey ? undefined : 'a topic key'),
  public: isBoolean,
  seed: isBytes(32),
  maxPeers: isCount(1),
  firewall: isFunction,
}

/** The same, settled. */
export interface NodeOptions {
  readonly seed: Buffer | undefined
  readonly maxPeers: number
  readonly firewall: (publicKey: Buffer) => boolean
}

/**
 * A transport whose network is opened on the first join.
 * @throws SwarmError KEY_INVALID without a key, unless `public` is true
 */
export function keyed(
  name: string,
  distance: 1 | 2 | 3,
  options: KeyedOptions,
  open: (key: TopicKey, node: NodeOptions) => Promise<Network>,
): Transport {
  const { seed, maxPeers = limits.networkConnections, firewall = () => false } = options
  if ((options.key === undefined) === (options.public !== true))
    throw new SwarmError('KEY_INVALID', 'beyond this machine a topic needs a key, or public: true')
  let network: Promise<Network> | undefined
  let warn = (_message: string) => {}
  const node = {
    seed,
    maxPeers,
    firewall: (publicKey: Buffer) =>
      isRejectedBy(
        () => firewall(publicKey),
        (message) => warn(message),
      ),
  }
  const opened = async () => {
    const key = typeof options.key === 'string' ? await parseKey(options.key) : options.key
    return withPackages(() => open(key ?? TopicKey.public(), node))
  }
  return {
    name,
    distance,
    join: async (topic, joining) => {
      network ??= opened().catch((error: unknown) => {
        // The next join tries again.
        network = undefined
        throw error
      })
      warn = joining.onwarning
      return (await network).join(topic, joining)
    },
    destroy: async (graceMs) => {
      const there = await network?.catch(() => undefined)
      await there?.destroy(graceMs)
    },
  }
}

/** @throws SwarmError NETWORK, naming the package that is missing, or the native module that cannot be loaded */
export async function withPackages<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if (systemCode(error) === 'CANNOT_LOAD') throw notLoaded(error)
    if (!['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(systemCode(error))) throw error
    const missing = /Cannot find (?:package|module) '([^']+)'/.exec(messageOf(error))?.[1] ?? 'hyperswarm'
    throw new SwarmError(
      'NETWORK',
      `the network needs the package ${missing}, which is not installed: npm install hyperswarm hyperdht protomux b4a @hyperswarm/secret-stream`,
      error,
    )
  }
}

function notLoaded(error: unknown): SwarmError {
  const name = /([^/']+)\.node'/.exec(messageOf(error))?.[1] ?? 'a package'
  const why = reasonOf(error instanceof Error ? error.cause : error)
  return new SwarmError(
    'NETWORK',
    `cannot load ${name}, a native module that the network needs: ${why}`,
    error,
  )
}
