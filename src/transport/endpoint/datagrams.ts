/**
 * Datagrams by UDP, for signed messages: to one machine, to all of a network (broadcast), or to those
 * who listen to a group (multicast). Nobody confirms them, and any may be lost.
 *
 * What they alone need of Node is loaded where it is used: a program that imports the library starts 1.5 ms sooner.
 */
import type { Socket, SocketType } from 'node:dgram'
import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import process from 'node:process'
import { reasonOf, SwarmError } from '../../errors.ts'
import { TopicKey } from '../../key.ts'
import { limits } from '../../limits.ts'
import { CLOSING_BYTES, closeDatagram, openDatagram } from '../../protocol/datagram.ts'
import { toTopic } from '../../topic.ts'
import { type Place, parsePlace } from '../noise/place.ts'

export interface DatagramOptions {
  /** The topic key; without one, the key that everybody has. */
  readonly key?: TopicKey | undefined
  /** `udp://HOST:PORT` at which we hear: an address of ours, of a group, or of a broadcast; `*`: all of ours. */
  readonly listen?: readonly string[] | undefined
  /** `udp://HOST:PORT` to which we speak. */
  readonly connect?: readonly string[] | undefined
}

/** Where a datagram goes, on which socket. */
interface Route {
  readonly socket: Socket
  readonly address: string
  readonly port: number
  readonly url: string
}

/** A receiver has a buffer of some hundred KiB: faster than this it would lose what it could have read. */
const PACE_MS = 10
const PACE_DATAGRAMS = 16
const PACE_BYTES = 65_536
const RECEIVE_BUFFER_BYTES = 4_194_304

export class Datagrams {
  /** What somebody with the key has sent, opened. */
  onframe: ((frame: Buffer) => void) | undefined
  /** There is room to send again. */
  onroom: (() => void) | undefined
  /** Datagrams that were not closed with our key: noise, or another topic's. */
  foreign = 0
  /** Datagrams that could not be sent. */
  failed = 0
  /** Why not, of the first of them. */
  failure = ''
  /** The URLs with port 0 at which we listen, with the port that was free. */
  readonly places: string[] = []
  readonly #key: Buffer
  readonly #sockets: Socket[] = []
  readonly #routes: Route[] = []
  #sending = 0
  #sentDatagrams = 0
  #sentBytes = 0
  #pace: NodeJS.Timeout | undefined
  #idle: (() => void)[] = []

  private constructor(key: Buffer) {
    this.#key = key
  }

  /** @throws SwarmError OPTION_INVALID, NETWORK */
  static async open(topic: string | Buffer, options: DatagramOptions): Promise<Datagrams> {
    const key = (options.key ?? TopicKey.public()).datagram(toTopic(topic))
    const datagrams = new Datagrams(key)
    try {
      for (const url of options.listen ?? []) await datagrams.#listen(parseUdp(url, 0), url)
      for (const url of options.connect ?? []) await datagrams.#connect(parseUdp(url, 1), url)
      return datagrams
    } catch (error) {
      datagrams.close()
      throw error
    }
  }

  /** Somebody may hear us. */
  get sends(): boolean {
    return this.#routes.length > 0
  }

  /** What is sent now waits for its turn: better later. */
  get isBusy(): boolean {
    return this.#sentDatagrams >= PACE_DATAGRAMS || this.#sentBytes >= PACE_BYTES
  }

  /** Sends to all places. What fails is counted. */
  send(frame: Buffer): void {
    const datagram = closeDatagram(this.#key, frame)
    this.#sentDatagrams += 1
    this.#sentBytes += datagram.length
    this.#pace ??= setTimeout(() => this.#goOn(), PACE_MS)
    for (const { socket, address, port, url } of this.#routes) {
      this.#sending += 1
      socket.send(datagram, port, address, (error) => {
        this.#sending -= 1
        if (error) this.#fail(url, error)
        this.#settle()
      })
    }
  }

  /** Resolves when the system has all that was sent. */
  sent(): Promise<void> {
    if (this.#sending === 0) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  close(): void {
    clearTimeout(this.#pace)
    for (const socket of this.#sockets.splice(0)) socket.close()
  }

  #goOn(): void {
    this.#pace = undefined
    this.#sentDatagrams = 0
    this.#sentBytes = 0
    this.onroom?.()
  }

  #settle(): void {
    if (this.#sending === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #fail(url: string, error: unknown): void {
    this.failed += 1
    this.failure ||= `${url}: ${reasonOf(error)}`
  }

  async #listen({ host, port }: Place, url: string): Promise<void> {
    try {
      const { address, type } =
        host === '*' ? ({ address: '::', type: 'udp6' } as const) : await resolve(host)
      const isGroup = isMulticast(address)
      // Of a group and of a broadcast all who listen get everything: there is no place that is taken.
      const socket = await this.#bind(type, isGroup || address.endsWith('.255'), {
        port,
        // Bound to the group it hears of no other; Windows and IPv6 (without a zone) do not have that.
        address: isGroup && (type === 'udp6' || process.platform === 'win32') ? anyOf(type) : address,
      })
      if (isGroup) joinGroup(socket, address, type)
      if (port === 0) this.places.push(url.replace(/:0+(?=\/?$)/, `:${socket.address().port}`))
      socket.on('message', (datagram) => this.#hear(datagram))
    } catch (error) {
      if (error instanceof SwarmError) throw error
      throw new SwarmError('NETWORK', `cannot listen at ${url}: ${reasonOf(error)}`, error)
    }
  }

  async #connect({ host, port }: Place, url: string): Promise<void> {
    const { address, type } = await resolve(host)
    const route = async () => {
      const socket = await this.#bind(type, false, { port: 0, address: anyOf(type) })
      if (type === 'udp4') socket.setBroadcast(true)
      this.#routes.push({ socket, address, port, url })
      return socket
    }
    if (!isMulticast(address)) return void (await route())
    for (const from of interfacesOf(type)) {
      const socket = await route()
      socket.setMulticastInterface(from)
      socket.setMulticastLoopback(true)
    }
  }

  #bind(type: SocketType, reuseAddr: boolean, at: { port: number; address: string }): Promise<Socket> {
    const socket = process.getBuiltinModule('node:dgram').createSocket({ type, reuseAddr })
    this.#sockets.push(socket)
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(at, () => {
        socket.off('error', reject)
        socket.on('error', (error) => this.#fail(`udp port ${at.port}`, error))
        try {
          socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
        } catch {
          // What the system gives by itself has to do.
        }
        resolve(socket)
      })
    })
  }

  #hear(datagram: Buffer): void {
    const frame = openDatagram(this.#key, datagram)
    if (frame === undefined) this.foreign += 1
    else this.onframe?.(frame)
  }
}

/** What a frame may have at most to fit a datagram. */
export const DATAGRAM_FRAME_BYTES = limits.datagramBytes - CLOSING_BYTES

/**
 * @param least as for `parsePlace`
 * @throws SwarmError OPTION_INVALID
 */
export function parseUdp(url: string, least: 0 | 1): Place {
  const [, rest = ''] = /^udp:\/\/([^/]*)\/?$/.exec(url) ?? []
  return parsePlace(rest, 'the place in udp://', least)
}

async function resolve(host: string): Promise<{ address: string; type: SocketType }> {
  const family = isIP(host.replace(/%.*/, ''))
  const found = family === 0 ? await find(host) : { address: host, family }
  return { address: found.address, type: found.family === 6 ? 'udp6' : 'udp4' }
}

async function find(host: string): Promise<{ address: string; family: number }> {
  try {
    return await process.getBuiltinModule('node:dns/promises').lookup(host)
  } catch (error) {
    throw new SwarmError('NETWORK', `cannot find ${host}: ${reasonOf(error)}`, error)
  }
}

function isMulticast(address: string): boolean {
  return /^ff/i.test(address) || /^2(2[4-9]|3\d)\./.test(address)
}

function anyOf(type: SocketType): string {
  return type === 'udp6' ? '::' : '0.0.0.0'
}

/** On all interfaces; where there is none, nobody is ever heard. */
function joinGroup(socket: Socket, group: string, type: SocketType): void {
  let failure: unknown
  let joined = 0
  for (const from of interfacesOf(type, true)) {
    try {
      socket.addMembership(group.replace(/%.*/, ''), from)
      joined += 1
    } catch (error) {
      failure = error
    }
  }
  if (joined === 0) throw failure ?? new Error('no network')
}

/** How each interface is called to a socket; loopback where it is asked for, or where there is nothing else. */
function interfacesOf(type: SocketType, withLoopback = false): string[] {
  const family = type === 'udp6' ? 'IPv6' : 'IPv4'
  const all = Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => {
    const one = addresses.find((address) => address.family === family)
    if (one === undefined) return []
    return [{ from: type === 'udp6' ? `::%${name}` : one.address, internal: one.internal }]
  })
  const wanted = all.filter(({ internal }) => withLoopback || !internal)
  return (wanted.length > 0 ? wanted : all).map(({ from }) => from)
}
