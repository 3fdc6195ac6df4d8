/** URLs of endpoints, and what TLS needs. */
import { SwarmError } from '../../errors.ts'
import { type Place, parsePlace } from '../noise/place.ts'

/** The contents of files in PEM. */
export interface TlsFiles {
  readonly key: string | Buffer
  readonly cert: string | Buffer
  readonly ca: string | Buffer
}

/** An endpoint, as its URL says. */
export type Endpoint =
  | ({ readonly scheme: 'tcp' | 'tls' } & Place)
  | { readonly scheme: 'unix'; readonly path: string }

/**
 * @param least as for `parsePlace`
 * @throws SwarmError OPTION_INVALID
 */
export function parseEndpoint(url: string, least: 0 | 1): Endpoint {
  const [, scheme, rest = ''] = /^(tcp|tls):\/\/([^/]*)\/?$/.exec(url) ?? []
  if (scheme === 'tcp' || scheme === 'tls')
    return { scheme, ...parsePlace(rest, `the place in ${scheme}://`, least) }
  if (url.startsWith('udp:'))
    throw new SwarmError('OPTION_INVALID', 'udp:// is for signed messages alone: pub and sub')
  const path = /^unix:(.+)$/.exec(url)?.[1]
  if (path !== undefined) return { scheme: 'unix', path }
  throw new SwarmError(
    'OPTION_INVALID',
    `an endpoint is tcp://HOST:PORT, tls://HOST:PORT, udp://HOST:PORT or unix:PATH, not ${JSON.stringify(url.slice(0, 80))}`,
  )
}
