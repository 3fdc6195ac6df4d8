/** Endpoints of one scheme: listening at ours, and connected with those of others. */
import { chmodSync, lstatSync, rmSync } from 'node:fs'
import { connect as connectNet, createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import { reasonOf, SwarmError, systemCode } from '../../errors.ts'
import type { TopicKey } from '../../key.ts'
import { limits } from '../../limits.ts'
import type { NodeOptions } from '../noise/keyed.ts'
import { type Connector, Network, type Search } from '../noise/network.ts'
import type { NoiseStream } from '../noise/proving.ts'
import { Sockets } from '../noise/sockets.ts'
import type { Target } from '../noise/target.ts'
import type { JoinOptions } from '../transport.ts'
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
  #listening: Promise<void> | undefined
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
    this.#listening ??= this.#begin()
    return {
      announced: this.#listening,
      settled: () => Promise.all(this.#targets.map(({ tried }) => tried)),
      destroy: async () => {},
    }
  }

  async destroy(): Promise<void> {
    await this.#listening?.catch(() => {})
    await this.#sockets.destroy()
  }

  async #begin(): Promise<void> {
    const { listen, connect, tls, retryMs, maxRetries } = this.#options
    for (const endpoint of listen) {
      const server = await serve(endpoint, tls, (socket) => this.#sockets.accept(socket))
      this.#sockets.serve(server)
      const at = server.address()
      // Nobody else knows which port was free.
      if (endpoint.scheme !== 'unix' && endpoint.port === 0 && typeof at === 'object' && at !== null)
        this.#warn(`listening at ${urlOf({ ...endpoint, port: at.port })}`)
    }
    const waitsMs = retryMs === undefined ? WAITS_MS : [retryMs]
    this.#targets = connect.map((endpoint) => {
      const ongiveup = (why: string) => this.#warn(`gave up ${urlOf(endpoint)}: ${why}`)
      return this.#sockets.target(() => open(endpoint, tls), { waitsMs, maxRetries, ongiveup })
    })
  }
}

function urlOf(endpoint: Endpoint): string {
  if (endpoint.scheme === 'unix') return `unix:${endpoint.path}`
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host
  return `${endpoint.scheme}://${host}:${endpoint.port}`
}

/** Connects, and proves who is there where certificates do. */
function open(endpoint: Endpoint, tls: TlsFiles | undefined): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const isTls = endpoint.scheme === 'tls'
    const socket =
      endpoint.scheme === 'unix'
        ? connectNet({ path: endpoint.path })
        : isTls
          ? connectTls({ host: endpoint.host, port: endpoint.port, ...tls, minVersion: 'TLSv1.3' })
          : connectNet({ host: endpoint.host, port: endpoint.port, noDelay: true })
    socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error('no answer')))
    socket.once('error', reject)
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      socket.setTimeout(0)
      resolve(socket)
    })
  })
}

/** @throws SwarmError NETWORK */
async function serve(
  endpoint: Endpoint,
  tls: TlsFiles | undefined,
  onsocket: (socket: Duplex) => void,
): Promise<Server> {
  const server = serverFor(endpoint, tls, onsocket)
  try {
    if (endpoint.scheme === 'unix') await listenAtPath(server, endpoint.path)
    else await listening(server, { host: hostOf(endpoint.host), port: endpoint.port })
    return server
  } catch (error) {
    const why = reasonOf(error)
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

function listening(server: Server, at: { path: string } | { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(at, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** Takes the place of a socket whose owner is gone, and of nothing else; others may not even try to connect. */
async function listenAtPath(server: Server, path: string): Promise<void> {
  try {
    await listening(server, { path })
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE' || !(await isAbandoned(path))) throw error
    rmSync(path)
    await listening(server, { path })
  }
  chmodSync(path, 0o600)
}

function isAbandoned(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    if (!lstatSync(path).isSocket()) return resolve(false)
    const socket = connectNet({ path })
    socket.once('connect', () => {
      socket.destroy()
      resolve(false)
    })
    socket.once('error', (error) => resolve(systemCode(error) === 'ECONNREFUSED'))
  })
}
