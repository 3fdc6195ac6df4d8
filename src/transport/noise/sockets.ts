/**
 * Encrypted connections over sockets of any kind: those that come, and those that we make.
 *
 * A socket is secured by Noise (XX, as Hyperswarm's secret-stream does it) under one absolute deadline,
 * and with a guard in front: a length that no handshake has ends it before anything is allocated.
 */
import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'
import SecretStream from '@hyperswarm/secret-stream'
import { reasonOf } from '../../errors.ts'
import { limits } from '../../limits.ts'
import type { Slots } from '../../slots.ts'
import type { NodeOptions } from './keyed.ts'
import { watchNetworks } from './network-watch.ts'
import type { NoiseStream } from './proving.ts'
import { type Attempt, Target, type TargetOptions } from './target.ts'

/** A peer that is silent for so long is gone: a cable was cut, or it sleeps. */
const KEEP_ALIVE_MS = 4_000
const SILENCE_MS = 12_000
/** The frames of a handshake are not longer. */
const HANDSHAKE_FRAME_BYTES = 1_024
const LENGTH_BYTES = 3

export class Sockets {
  /** Our public key, in hex. */
  readonly address: string
  /** The public keys of those who are connected, in hex, with the number of their connections. */
  readonly connected = new Map<string, number>()
  readonly #options: NodeOptions
  readonly #meet: (stream: NoiseStream) => void
  readonly #keyPair: SecretStream.KeyPair
  readonly #servers = new Map<Server, () => void>()
  readonly #targets = new Set<Target>()
  /** Called when a peer has gone. */
  readonly onlost = new Set<() => void>()
  #unwatch: (() => void) | undefined
  /** All sockets, ours and those that came, until they close. */
  readonly #all = new Set<Duplex>()
  /** Sockets that came, and whose handshake is not done. */
  readonly #fresh = new Set<Duplex>()
  #isDestroyed = false

  /** @param meet takes each connection once it is encrypted; nothing is proved by then */
  constructor(options: NodeOptions, meet: (stream: NoiseStream) => void) {
    this.#options = options
    this.#meet = meet
    this.#keyPair = SecretStream.keyPair(options.seed)
    this.address = hex(this.#keyPair.publicKey)
  }

  /**
   * Keeps a server, to be closed with us.
   * @param unpublish called before it is closed
   */
  serve(server: Server, unpublish: () => void = () => {}): void {
    this.#servers.set(server, unpublish)
    // Before any handshake of TLS, too.
    server.on('connection', (socket) => this.#track(socket))
    // A connection that cannot be accepted, for want of descriptors, ends no other.
    server.on('error', () => {})
  }

  /** Secures a socket that came. */
  accept(socket: Duplex): void {
    if (this.#fresh.size >= limits.unprovenConnections) return void socket.destroy()
    this.#fresh.add(socket)
    socket.once('close', () => this.#fresh.delete(socket))
    void this.#secure(socket, false).then(() => this.#fresh.delete(socket))
  }

  /**
   * Keeps a connection with whoever is at a place, until that is given up or we are destroyed.
   * @param open connects, unless the signal aborts before
   * @param slots so many are dialled, and shake hands, at a time
   */
  target(open: (signal: AbortSignal) => Promise<Duplex>, options: TargetOptions, slots?: Slots): Target {
    const attempt = async (signal: AbortSignal): Promise<Attempt> => {
      try {
        return await this.#secure(await open(signal), true)
      } catch (error) {
        return { why: reasonOf(error) }
      }
    }
    const target = new Target((signal) => slots?.run(() => attempt(signal)) ?? attempt(signal), options)
    this.#targets.add(target)
    this.#unwatch ??= watchNetworks(() => {
      for (const one of this.#targets) one.renew()
    })
    target.ended.finally(() => this.#targets.delete(target))
    return target
  }

  /** Ends all of it at once. Resolves when the servers are closed. */
  async destroy(): Promise<void> {
    this.#isDestroyed = true
    this.#unwatch?.()
    this.onlost.clear()
    for (const target of this.#targets) target.destroy()
    for (const unpublish of this.#servers.values()) unpublish()
    for (const socket of this.#all) socket.destroy()
    await Promise.all(
      [...this.#servers.keys()].map(
        (server) => new Promise<void>((resolve) => server.close(() => resolve())),
      ),
    )
  }

  #track(socket: Duplex): void {
    this.#all.add(socket)
    socket.once('close', () => this.#all.delete(socket))
    if (this.#isDestroyed) socket.destroy()
  }

  /** Never rejects. */
  async #secure(socket: Duplex, isInitiator: boolean): Promise<Attempt> {
    socket.on('error', () => {})
    this.#track(socket)
    const unguard = guard(socket)
    const stream = new SecretStream(isInitiator, socket, { keyPair: this.#keyPair, keepAlive: KEEP_ALIVE_MS })
    stream.on('error', () => {})
    const deadline = setTimeout(() => stream.destroy(), limits.helloMs)
    const isOpened = await stream.opened
    clearTimeout(deadline)
    unguard()
    if (!isOpened || stream.destroyed) return { why: 'no handshake' }
    const key = hex(stream.remotePublicKey)
    const isOwn = key === this.address
    const isFull = !this.connected.has(key) && this.connected.size >= this.#options.maxPeers
    if (isOwn || isFull || this.#options.firewall(Buffer.from(stream.remotePublicKey))) {
      stream.destroy()
      return isOwn ? 'self' : { why: isFull ? 'enough peers are there' : 'refused by --allow or --deny' }
    }
    stream.setTimeout(SILENCE_MS)
    this.connected.set(key, (this.connected.get(key) ?? 0) + 1)
    stream.on('close', () => {
      const others = (this.connected.get(key) ?? 1) - 1
      if (others > 0) this.connected.set(key, others)
      else this.connected.delete(key)
      for (const lost of this.onlost) lost()
    })
    this.#meet(stream)
    return stream
  }
}

/** Ends a socket whose next frame says that it is longer than any of a handshake. Returns what stops that. */
function guard(socket: Duplex): () => void {
  let length = 0
  let at = 0
  const check = (chunk: Uint8Array) => {
    for (let offset = 0; offset < chunk.length; ) {
      if (at < LENGTH_BYTES) {
        length += (chunk[offset] ?? 0) * 256 ** at
        offset += 1
        at += 1
        if (at === LENGTH_BYTES && length > HANDSHAKE_FRAME_BYTES) return void socket.destroy()
        continue
      }
      const rest = Math.min(chunk.length - offset, length)
      offset += rest
      length -= rest
      if (length === 0) at = 0
    }
  }
  // Before the handshake's own listener, which would allocate.
  socket.on('data', check)
  return () => socket.off('data', check)
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
