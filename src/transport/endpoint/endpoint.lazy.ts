/** Endpoints of one scheme: listening at ours, and connected with those of others. */
import { once } from 'node:events'
import { connect as connectNet, createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { reasonOf, SwarmError, systemCode } from '../../errors.ts'
import type { TopicKey } from '../../key.ts'
import { limits } from '../../limits.ts'
import { connected } from '../noise/connected.ts'
import type { NodeOptions } from '../noise/keyed.ts'
import { type Connector, Network, type Search } from '../noise/network.ts'
import type { NoiseStream } from '../noise/proving.ts'
import { Sockets } from '../noise/sockets.ts'
import type { Target } from '../noise/target.ts'
import type { JoinOptions } from '../transport.ts'
import { listenAtPath } from './unix-socket.ts'
import type { Endpoint, TlsFiles } from './url.ts'

export interface EndpointNodeOptions extends NodeOptions {
  readonly listen: readonly Endpoint[]
  readonly connect: readonly Endpoint[]
  readonly tls: TlsFiles | undefined
  readonly retryMs: number | undefined
  readonly maxRetries: number | undefined
}

/** The other side may be started later, or again. */
const WAITS_MS = [250, 500, 1_000, 2_000, 5_000, 15_000, 30_000]
const CONNECT_MS = 5_000

/** The network of named peers. */
export function openNetwork(key: TopicKey, options: EndpointNodeOptions): Network {
  return new Network(key, (meet) => new EndpointNode(options, meet))
}

class EndpointNode implements Connector {
  readonly address: string
  readonly #options: EndpointNodeOptions
  readonly #sockets: Sockets
  #begun: Promise<void> | undefined
  /** Where we listen already. */
  readonly #served = new Set<Endpoint>()
  #targets: readonly Target[] = []
  #warn: (message: string) => void = () => {}

  constructor(options: EndpointNodeOptions, meet: (stream: NoiseStream) => void) {
    this.#options = options
    this.#sockets = new Sockets(options, meet)
    this.address = this.#sockets.address
  }

  /** Nothing is sought: whoever is at an endpoint and has the key is asked for the topic. */
  search(_discovery: Buffer, { onwarning }: JoinOptions): Search {
    this.#warn = onwarning
    this.#begun ??= this.#begin().catch((error: unknown) => {
      // The next look tries again.
      this.#begun = undefined
      throw error
    })
    return {
      announced: this.#begun,
      settled: () => Promise.all(this.#targets.map(({ tried }) => tried)),
      destroy: async () => {},
    }
  }

  async destroy(): Promise<void> {
    await this.#begun?.catch(() => {})
    await this.#sockets.destroy()
  }

  async #begin(): Promise<void> {
    const { listen, connect, tls, retryMs, maxRetries } = this.#options
    for (const endpoint of listen) {
      if (this.#served.has(endpoint)) continue
      const { server, unpublish } = await serve(endpoint, tls, (socket) => this.#sockets.accept(socket))
      this.#sockets.serve(server, unpublish)
      this.#served.add(endpoint)
      const at = server.address()
      // Nobody else knows which port was free.
      if (endpoint.scheme !== 'unix' && endpoint.port === 0 && typeof at === 'object' && at !== null)
        this.#warn(`listening at ${urlOf({ ...endpoint, port: at.port })}`)
    }
    const waitsMs = retryMs === undefined ? WAITS_MS : [retryMs]
    this.#targets = connect.map((endpoint) => {
      const onGiveUp = (why: string) => this.#warn(`gave up ${urlOf(endpoint)}: ${why}`)
      return this.#sockets.target((signal) => open(endpoint, tls, signal), { waitsMs, maxRetries, onGiveUp })
    })
  }
}

function urlOf(endpoint: Endpoint): string {
  if (endpoint.scheme === 'unix') return `unix:${endpoint.path}`
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host
  return `${endpoint.scheme}://${host}:${endpoint.port}`
}

/** Connects, and proves who is there where certificates do. */
function open(endpoint: Endpoint, tls: TlsFiles | undefined, signal: AbortSignal): Promise<Duplex> {
  if (endpoint.scheme === 'unix')
    return connected(connectNet({ path: endpoint.path }), 'connect', CONNECT_MS, signal)
  const { host, port } = endpoint
  if (endpoint.scheme === 'tcp')
    return connected(connectNet({ host, port, noDelay: true }), 'connect', CONNECT_MS, signal)
  const socket = connectTls({ host, port, ...tls, minVersion: 'TLSv1.3' })
  return connected(socket, 'secureConnect', CONNECT_MS, signal)
}

/** @throws SwarmError NETWORK */
async function serve(
  endpoint: Endpoint,
  tls: TlsFiles | undefined,
  onsocket: (socket: Duplex) => void,
): Promise<{ server: Server; unpublish?: () => void }> {
  const server = serverFor(endpoint, tls, onsocket)
  try {
    if (endpoint.scheme === 'unix') return { server, unpublish: await listenAtPath(server, endpoint.path) }
    await once(server.listen({ host: hostOf(endpoint.host), port: endpoint.port }), 'listening')
    return { server }
  } catch (error) {
    server.close()
    const why = systemCode(error) === 'EEXIST' ? 'address already in use' : reasonOf(error)
    throw new SwarmError('NETWORK', `cannot listen at ${urlOf(endpoint)}: ${why}`, error)
  }
}

function serverFor(
  { scheme }: Endpoint,
  tls: TlsFiles | undefined,
  onsocket: (socket: Duplex) => void,
): Server {
  if (scheme !== 'tls') return createServer({ noDelay: true }, onsocket)
  const server = createTlsServer(
    {
      ...tls,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.3',
      handshakeTimeout: limits.helloMs,
    },
    onsocket,
  )
  // A stranger without a certificate is nobody's error.
  server.on('tlsClientError', () => {})
  return server
}

function hostOf(host: string): string {
  return host === '*' ? '::' : host
}
