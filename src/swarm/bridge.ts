/**
 * A bridge: the peers of a topic on several transports meet through one program, which is nobody's peer.
 *
 * For each peer on one side it stands on the others: who dials it there is connected with that peer.
 * The hellos of both go through, with addresses that are good where they arrive, so that they link with
 * each other, by their own ids: a second bridge, or a loop of them, is another way to a peer that is
 * linked already. Of two bridges that stand for the same peer the one with the shorter way stays, and of
 * equals the one whose address sorts first. What follows is bytes: streams, ends and cuts go through as
 * they are.
 */
import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { newController } from '../abort.ts'
import { checkOptions } from '../check-options.ts'
import { messageOf, SwarmError } from '../errors.ts'
import { callSafely, faultOf } from '../events.ts'
import { limits } from '../limits.ts'
import type { Connection } from '../protocol/connection.ts'
import { encodeGo, encodeHello, type Hello, readAnswer } from '../protocol/hello.ts'
import { type Topic, toTopic } from '../topic.ts'
import type { Presence, Transport } from '../transport/transport.ts'
import { Connections, refusalFor } from './connections.ts'
import { BRIDGE_OPTIONS, isTransport } from './option-checks.ts'
import { type PeerInfo, toPeerInfo } from './peer.ts'
import { Swarm } from './swarm.ts'

export interface BridgeOptions {
  readonly name?: string | undefined
  readonly pid?: number | undefined
  /** What is said of a line that a person should see. */
  readonly onwarning?: ((message: string) => void) | undefined
  /** Counts what crosses. */
  readonly onbytes?: ((bytes: number) => void) | undefined
}

/** Newcomers of this machine dial no observer: so often is looked for them. */
const LOOK_MS = 200
/** Who dialled us before it was seen otherwise is seen within this, or was never announced. */
const SEEN_MS = 10_000

/** One transport: who is there, and a way to dial them. */
interface Side {
  readonly transport: Transport
  readonly observer: Swarm
  /** Those who are there by themselves, not through us. */
  readonly peers: Map<string, PeerInfo>
  /** For whom we stand there, by peer id. */
  readonly standIns: Map<string, StandIn>
  dialler: Presence | undefined
}

/** Somebody's place on another side. */
interface StandIn {
  /** Where the peer is. */
  readonly from: Side
  /** Bridges on the way, ourselves included. */
  readonly hops: number
  readonly ready: Promise<Presence | undefined>
  presence: Presence | undefined
}

export class Bridge {
  /** What it says to be, to those it looks at: a name, and a peer id in 32 hex digits. */
  readonly name: string
  readonly id = randomBytes(16).toString('hex')
  readonly #topic: Topic
  readonly #options: BridgeOptions
  readonly #sides: readonly Side[]
  readonly #connections = new Connections()
  readonly #ending = newController()
  readonly #looking: Swarm[] = []
  readonly #timer: NodeJS.Timeout
  #destroying: Promise<void> | undefined

  /**
   * @param transports at least two; destroyed with the bridge
   * @throws SwarmError TOPIC_INVALID, OPTION_INVALID
   */
  constructor(topic: string | Buffer, transports: readonly Transport[], options: BridgeOptions = {}) {
    this.#topic = toTopic(topic)
    checkOptions('a bridge', options, BRIDGE_OPTIONS)
    this.#options = {
      ...options,
      onwarning: (message) =>
        callSafely(
          () => options.onwarning?.(message),
          () => {},
        ),
      onbytes: (bytes) =>
        callSafely(
          () => options.onbytes?.(bytes),
          (error) => this.#warn(faultOf('onbytes', error).message),
        ),
    }
    if (!Array.isArray(transports) || !transports.every(isTransport))
      throw new SwarmError('OPTION_INVALID', 'a bridge has a list of transports')
    if (transports.length < 2) throw new SwarmError('OPTION_INVALID', 'a bridge has two ends')
    this.name = options.name ?? this.id.slice(0, 8)
    this.#sides = transports.map((transport) => this.#side(transport))
    this.#timer = setInterval(() => {
      for (const observer of this.#looking)
        observer
          .status(this.#topic.key)
          ?.refresh()
          .catch(() => {})
    }, LOOK_MS)
    this.#timer.unref()
  }

  /** Who is met, on all sides. */
  get peers(): readonly PeerInfo[] {
    return this.#sides.flatMap(({ peers }) => [...peers.values()])
  }

  /**
   * Resolves when those who are there have been met.
   * @throws SwarmError RUNTIME_DIRECTORY, NETWORK and others, when one side cannot be joined
   */
  async open(): Promise<void> {
    await Promise.all(
      this.#sides.map(async (side) => {
        const { transport, observer } = side
        side.dialler = await transport.join(this.#topic, {
          // On a network programs are found, and then those for whom they stand; here each has its socket.
          announce: transport.distance > 0,
          signal: this.#ending.signal,
          onconnection: (connection) => {
            this.#own(connection)
            this.#connections.refuse(connection, { code: 'useless', reason: 'a bridge is nobody' })
          },
          onwarning: (message) => this.#warn(message),
        })
        await observer.join(this.#topic.key).flushed()
      }),
    )
  }

  /** Stands for nobody any more, and cuts what is crossing. Idempotent. */
  destroy(): Promise<void> {
    this.#destroying ??= this.#destroy()
    return this.#destroying
  }

  async #destroy(): Promise<void> {
    clearInterval(this.#timer)
    for (const side of this.#sides) for (const id of side.standIns.keys()) this.#withdraw(side, id)
    this.#ending.abort()
    this.#connections.destroy()
    await Promise.all(this.#sides.map(({ dialler }) => dialler?.destroy()))
    await Promise.all(this.#sides.map(({ observer }) => observer.destroy({ lingerMs: 0 })))
  }

  #side(transport: Transport): Side {
    const standIns = new Map<string, StandIn>()
    const observer = new Swarm({
      transports: [transport],
      name: this.name,
      pid: this.#options.pid,
      verb: 'bridge',
      observer: true,
      // Ourselves, in the place of somebody else.
      firewall: ({ id, address }) => standIns.get(id)?.presence?.address === address,
    })
    const side: Side = { transport, observer, peers: new Map(), standIns, dialler: undefined }
    if (transport.distance === 0) this.#looking.push(observer)
    observer.on('warning', (message) => this.#warn(message))
    observer.on('connection', (stream, info) => this.#met(side, stream, info))
    return side
  }

  #met(side: Side, stream: Duplex, info: PeerInfo): void {
    const own = side.standIns.get(info.id)
    if (own !== undefined) {
      if (!isBetter(info, own)) return void stream.destroy()
      this.#withdraw(side, info.id)
    }
    side.peers.set(info.id, info)
    for (const other of this.#sides) this.#standFor(info, side, other)
    stream.resume().once('end', () => stream.destroy())
    stream.once('close', () => {
      if (side.peers.get(info.id) === info) this.#lost(side, info)
    })
  }

  #lost(side: Side, { id }: PeerInfo): void {
    side.peers.delete(id)
    for (const other of this.#sides) if (other.standIns.get(id)?.from === side) this.#withdraw(other, id)
    for (const from of this.#sides) {
      const again = from.peers.get(id)
      if (again !== undefined) for (const other of this.#sides) this.#standFor(again, from, other)
    }
  }

  /** Takes a peer's place on another side, unless it is there by itself. */
  #standFor(info: PeerInfo, side: Side, other: Side): void {
    const { peers, standIns, transport } = other
    if (other === side || this.#destroying !== undefined) return
    if (peers.has(info.id) || standIns.has(info.id) || standIns.size >= limits.rosterPeers) return
    const joining = transport.join(this.#topic, {
      announce: true,
      as: info.id,
      signal: this.#ending.signal,
      onconnection: (connection) => void this.#relay(connection, info, side, other),
      onwarning: (message) => this.#warn(message),
    })
    const ready = joining.catch((error: unknown) => {
      this.#warn(`cannot stand for ${info.name}: ${messageOf(error)}`)
      return undefined
    })
    const standIn: StandIn = { from: side, hops: hopsOf(info) + 1, ready, presence: undefined }
    standIns.set(info.id, standIn)
    void ready.then((presence) => {
      standIn.presence = presence
    })
  }

  #withdraw({ standIns }: Side, id: string): void {
    const standIn = standIns.get(id)
    standIns.delete(id)
    void standIn?.ready.then((presence) => presence?.destroy())
  }

  /** A peer on `here` has dialled us for a peer on `there`. */
  async #relay(near: Connection, info: PeerInfo, there: Side, here: Side): Promise<void> {
    this.#own(near)
    let hello: Hello
    try {
      hello = await this.#connections.readHello(near)
    } catch (error) {
      if (!near.destroyed) this.#connections.refuse(near, refusalFor(error))
      return
    }
    let far: Connection | undefined
    try {
      await here.standIns.get(info.id)?.ready
      await this.#expect(hello, here, there)
      if (there.dialler === undefined || info.address === undefined)
        throw new SwarmError('UNREACHABLE', `${info.name} cannot be dialled`)
      const { signal } = this.#ending
      far = await this.#connections.dial(there.dialler, info.address, { exact: false, signal })
      far.stream.write(encodeHello(this.#passOn(hello, here, there)))
      const answer = await this.#connections.read(far, readAnswer)
      const theirs = answer.hello && this.#passOn(answer.hello, there, here)
      if (answer.refusal !== undefined || theirs === undefined) {
        far.destroy()
        const refusal = answer.refusal ?? { code: 'busy', reason: 'no answer' }
        return this.#connections.refuse(near, refusal, theirs)
      }
      near.stream.write(encodeGo(theirs))
      this.#splice(near.stream, far.stream)
    } catch {
      far?.destroy()
      // Without a reason: it may be there again in a moment, or we are not told yet that it has gone.
      near.destroy()
    }
  }

  /** Who dials may be dialled back: it needs its place on the other side before its hello is there. */
  async #expect(hello: Hello, from: Side, to: Side): Promise<void> {
    if (hello.observer || hello.address === undefined) return
    const known = to.standIns.get(hello.peer)
    if (known === undefined) {
      this.#standFor(toPeerInfo(hello, undefined, from.transport.name, false), from, to)
      const timer = setTimeout(() => {
        if (!from.peers.has(hello.peer)) this.#withdraw(to, hello.peer)
      }, SEEN_MS)
      timer.unref()
    }
    await to.standIns.get(hello.peer)?.ready
  }

  /** A hello as it is said on the other side. */
  #passOn({ address: _, elsewhere: __, ...hello }: Hello, from: Side, to: Side): Hello {
    const address = to.standIns.get(hello.peer)?.presence?.address
    return {
      ...hello,
      via: [from.transport.name, ...(hello.via ?? [])],
      ...(address !== undefined && { address }),
    }
  }

  #warn(message: string): void {
    this.#options.onwarning?.(message)
  }

  #own(connection: Connection): Connection {
    return this.#connections.add(connection, this.#ending.signal)
  }

  /** An end is passed on as an end, and all else as a cut. */
  #splice(one: Duplex, other: Duplex): void {
    const { onbytes } = this.#options
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      if (onbytes !== undefined) from.on('data', (chunk: Buffer) => onbytes(chunk.length))
      from.pipe(to)
      from.once('close', () => {
        if (!from.readableEnded || !from.writableFinished) to.destroy()
      })
    }
  }
}

/** Bridges on the way to a peer. */
function hopsOf({ transport }: PeerInfo): number {
  return transport.split('+').length - 1
}

/** Whether somebody else leads to a peer by a shorter way than we do. */
function isBetter(info: PeerInfo, own: StandIn): boolean {
  const hops = hopsOf(info)
  return (
    hops < own.hops ||
    (hops === own.hops && info.address !== undefined && info.address < (own.presence?.address ?? ''))
  )
}
