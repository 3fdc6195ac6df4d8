/** Places where two programs meet, one for each transport; all but `memory` can be named to another process. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import {
  dht,
  type EndpointOptions,
  endpoints,
  Hub,
  lan,
  local,
  memory,
  type Swarm,
  type SwarmOptions,
  type TlsFiles,
  TopicKey,
  type Transport,
} from '../../../src/index.ts'
import { privateDht } from './dht.ts'
import { temporaryDirectory } from './scene.ts'
import { freeTcpPort } from './tcp.ts'
import { createSwarm } from './ways.ts'

/** Where to meet, in plain data. */
export type Place =
  | { readonly kind: 'memory'; readonly hub: Hub }
  | { readonly kind: 'short circuit' | 'sockets'; readonly basedir: string }
  | { readonly kind: 'tcp' | 'unix'; readonly url: string }
  | { readonly kind: 'tls'; readonly url: string; readonly files: string }
  | { readonly kind: 'lan'; readonly port: number; readonly key: string }
  | { readonly kind: 'dht'; readonly bootstrap: string }

export type Kind = Place['kind']

export const KINDS: readonly Kind[] = [
  'memory',
  'short circuit',
  'sockets',
  'tcp',
  'tls',
  'unix',
  'lan',
  'dht',
]

/** The kinds whose connections are sockets of the kernel that another process can hold. */
export const BETWEEN_PROCESSES: readonly Kind[] = ['sockets', 'tcp', 'tls', 'unix', 'lan', 'dht']

/** The kinds that are encrypted. */
export const ENCRYPTED: readonly Kind[] = ['tcp', 'tls', 'unix', 'lan', 'dht']

/** `host` listens where there is one place to listen at; `guest` connects to it. */
export type Role = 'host' | 'guest'

/** What a transport beyond this machine may be given in addition. */
export type Keyed = Pick<EndpointOptions, 'firewall' | 'maxPeers' | 'seed'>

/** Makes a place that lasts as long as the test. */
export async function placeOf(t: TestContext, kind: Kind): Promise<Place> {
  switch (kind) {
    case 'memory':
      return { kind, hub: new Hub() }
    case 'short circuit':
    case 'sockets':
      return { kind, basedir: temporaryDirectory(t) }
    case 'tcp':
      return { kind, url: `tcp://127.0.0.1:${await freeTcpPort()}` }
    case 'tls':
      return { kind, url: `tls://127.0.0.1:${await freeTcpPort()}`, files: certificates(t) }
    case 'unix':
      return { kind, url: `unix:${join(temporaryDirectory(t), 'socket')}` }
    case 'lan':
      // Tests that run at the same time hear each other's adverts.
      return { kind, port: await freeTcpPort(), key: TopicKey.random().toText() }
    case 'dht':
      return { kind, bootstrap: await privateDht(t) }
  }
}

/** The transports of a swarm that meets others there. */
export function transportsAt(place: Place, role: Role, keyed: Keyed = {}): readonly Transport[] {
  switch (place.kind) {
    case 'memory':
      return [memory(place.hub)]
    case 'short circuit':
      return [local({ basedir: place.basedir, shortcircuit: true })]
    case 'sockets':
      return [local({ basedir: place.basedir, shortcircuit: false })]
    case 'lan':
      return [
        lan(
          role === 'host'
            ? { ...keyed, key: place.key, port: place.port }
            : { ...keyed, key: place.key, peers: [`127.0.0.1:${place.port}`] },
        ),
      ]
    case 'dht':
      return [dht({ ...keyed, public: true, bootstrap: [place.bootstrap] })]
    default: {
      const tls = place.kind === 'tls' ? tlsFiles(place.files) : undefined
      const at = role === 'host' ? { listen: [place.url] } : { connect: [place.url], retryMs: 20 }
      return endpoints({ ...keyed, public: true, ...at, tls })
    }
  }
}

/** Two programs that can meet, over one transport. */
export interface Meeting {
  readonly kind: Kind
  readonly place: Place
  /** A swarm that is destroyed after the test. */
  create(role: Role, options?: SwarmOptions, keyed?: Keyed): Swarm
}

export async function meetingOver(t: TestContext, kind: Kind): Promise<Meeting> {
  const place = await placeOf(t, kind)
  return {
    kind,
    place,
    create: (role, options, keyed) =>
      createSwarm(t, { ...options, transports: transportsAt(place, role, keyed) }),
  }
}

/** The path or port at which a host can be dialled by anything, where there is one. */
export function addressOf(place: Place): { path: string } | { host: string; port: number } {
  if (place.kind === 'lan') return { host: '127.0.0.1', port: place.port }
  if (!('url' in place)) throw new Error(`${place.kind} has no address`)
  if (place.kind === 'unix') return { path: place.url.slice('unix:'.length) }
  return { host: '127.0.0.1', port: Number(new URL(place.url.replace(/^t../, 'http')).port) }
}

/** The same place, met at another address. */
export function placeAt(place: Place, at: { path: string } | { host: string; port: number }): Place {
  if (place.kind === 'lan' && 'port' in at) return { ...place, port: at.port }
  if (!('url' in place)) throw new Error(`${place.kind} has no address`)
  return { ...place, url: 'path' in at ? `unix:${at.path}` : `${place.kind}://${at.host}:${at.port}` }
}

/** Makes a CA and a certificate that it has signed, and returns the directory that has them. */
function certificates(t: TestContext): string {
  const dir = temporaryDirectory(t)
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'pipe' })
  const fresh = ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  openssl(...fresh, '-x509', '-days', '2', '-subj', '/CN=ca', '-keyout', 'ca.key', '-out', 'ca.pem')
  openssl(...fresh, '-subj', '/CN=peer', '-keyout', 'peer.key', '-out', 'peer.csr')
  writeFileSync(join(dir, 'names'), 'subjectAltName=IP:127.0.0.1')
  openssl(
    ...['x509', '-req', '-in', 'peer.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-days', '2', '-extfile', 'names', '-out', 'peer.pem'],
  )
  return dir
}

function tlsFiles(dir: string): TlsFiles {
  const read = (name: string) => readFileSync(join(dir, name))
  return { key: read('peer.key'), cert: read('peer.pem'), ca: read('ca.pem') }
}
