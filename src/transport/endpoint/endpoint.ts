/** Endpoints: peers at places that somebody names, where nothing is to be found by itself; loaded on the first join. */
import { checkOptions, isCount, isObject, isTexts } from '../../check-options.ts'
import { SwarmError } from '../../errors.ts'
import { TopicKey } from '../../key.ts'
import { KEYED_OPTIONS, type KeyedOptions, keyed } from '../noise/keyed.ts'
import type { Transport } from '../transport.ts'
import { parseEndpoint, type TlsFiles } from './url.ts'

export interface EndpointOptions extends KeyedOptions {
  /** URLs at which we can be reached: `tcp://HOST:PORT`, `tls://HOST:PORT`, `unix:PATH`. Port 0 is any that is free: a warning says which. */
  readonly listen?: readonly string[] | undefined
  /** URLs at which others are: dialled until they are there, and again when they have gone. */
  readonly connect?: readonly string[] | undefined
  /** For `tls:`. Both ends show a certificate that the other's `ca` has signed. */
  readonly tls?: TlsFiles | undefined
  /** Milliseconds between two tries. Default: from 250 ms up to 30 s. */
  readonly retryMs?: number | undefined
  /** Tries in a row that may fail after the first. Default: any number. */
  readonly maxRetries?: number | undefined
}

const ENDPOINT_OPTIONS = {
  ...KEYED_OPTIONS,
  listen: isTexts,
  connect: isTexts,
  tls: isObject,
  retryMs: isCount(0),
  maxRetries: isCount(0),
}
const SCHEMES = ['tcp', 'tls', 'unix'] as const

/**
 * Transports for one swarm, one for each scheme. `tls:` and `unix:` need no topic key: certificates,
 * or the file's permissions, say who may come.
 * @throws SwarmError KEY_INVALID for `tcp:` without a key or `public: true`; OPTION_INVALID
 */
export function endpoints(options: EndpointOptions): readonly Transport[] {
  checkOptions('endpoints', options, ENDPOINT_OPTIONS)
  const listen = (options.listen ?? []).map((url) => parseEndpoint(url, 0))
  const connect = (options.connect ?? []).map((url) => parseEndpoint(url, 1))
  return SCHEMES.flatMap((scheme) => {
    const here = listen.filter((one) => one.scheme === scheme)
    const there = connect.filter((one) => one.scheme === scheme)
    if (here.length + there.length === 0) return []
    if (scheme === 'tls' && options.tls === undefined)
      throw new SwarmError(
        'OPTION_INVALID',
        'tls: needs a key, a certificate and a CA: --tls-key, --tls-cert, --tls-ca',
      )
    const isOpen = scheme !== 'tcp' && options.key === undefined
    return [
      keyed(
        scheme,
        2,
        isOpen ? { ...options, key: TopicKey.public(), public: undefined } : options,
        async (key, node) => {
          const { openNetwork } = await import('./endpoint.lazy.ts')
          const { tls, retryMs, maxRetries } = options
          return openNetwork(key, { ...node, listen: here, connect: there, tls, retryMs, maxRetries })
        },
      ),
    ]
  })
}
