/** Gossip: signed messages of a topic over a swarm. */
import { randomBytes } from 'node:crypto'
import { EventEmitter, on } from 'node:events'
import type { Duplex } from 'node:stream'
import { checkOptions } from '../check-options.ts'
import { SwarmError } from '../errors.ts'
import { emitSafely, faultOf } from '../events.ts'
import { limits } from '../limits.ts'
import type { Discovery } from '../swarm/discovery.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import { Swarm } from '../swarm/swarm.ts'
import { DATAGRAM_FRAME_BYTES, type Datagrams } from '../transport/endpoint/datagrams.ts'
import {
  GOSSIP_OPTIONS,
  type GossipEvents,
  type GossipOptions,
  type GossipStats,
  type Published,
} from './api.ts'
import { Channels } from './channels.ts'
import { type Entry, recordBytes } from './envelope.ts'
import { KeyPair, verifierOf } from './key-pair.ts'
import { type GossipMessage, namesOf, toEntry, toMessage } from './message.ts'
import { GossipNode } from './node.ts'
import { Outbox } from './outbox.ts'
import type { Tags } from './tags.ts'
import { Waits } from './waits.ts'

/** The kind of content by which gossips know each other in their hellos. */
const CONTENT = ['messages']

/**
 * Publishes to, and hears, everyone who gossips on a topic, through whatever peers are between.
 *
 * @example
 * const gossip = new Gossip(new Swarm(), 'news')
 * gossip.on('message', ({ data, author }) => console.log(author, data))
 * gossip.publish({ hello: 'world' })
 */
export class Gossip extends EventEmitter<GossipEvents> {
  /** Our public key, 64 hex digits. */
  readonly id: string
  readonly topic: string | Buffer
  readonly swarm: Swarm
  readonly #accept: (author: string) => boolean
  readonly #datagrams: Datagrams | undefined
  readonly #discovery: Discovery
  readonly #node: GossipNode
  readonly #outbox: Outbox
  readonly #channels: Channels
  readonly #waits = new Waits(() =>
    this.#leaving === undefined ? undefined : new SwarmError('DESTROYED', 'the topic was left'),
  )
  readonly #onconnection = (stream: Duplex, info: PeerInfo) => {
    if (!info.topic.equals(this.#discovery.topic) || !this.#channels.open(stream, info)) return
    if (!this.#wasConnected) this.#tell('connected', info)
    this.#wasConnected = true
    this.#outbox.due()
    this.#waits.changed()
  }
  readonly #ticker: NodeJS.Timeout
  /** While we publish: one past the last number that is being sent. */
  #sendingTo: number | undefined
  #wasConnected = false
  #leaving: Promise<void> | undefined

  /**
   * Joins the topic. A swarm gossips once on a topic, and is nothing else there.
   * @throws SwarmError OPTION_INVALID, TOPIC_INVALID, DESTROYED
   */
  constructor(swarm: Swarm, topic: string | Buffer, options: GossipOptions = {}) {
    super()
    if (!(swarm instanceof Swarm))
      throw new SwarmError('OPTION_INVALID', 'a gossip needs a swarm: new Gossip(swarm, topic)')
    checkOptions('a gossip', options, GOSSIP_OPTIONS)
    const { keyPair = KeyPair.generate(), history = 0, interval = 0, datagrams } = options
    if (swarm.status(topic) !== null)
      throw new SwarmError('OPTION_INVALID', 'the swarm has joined this topic already')
    this.#accept = options.accept ?? (() => true)
    this.#datagrams = datagrams
    this.swarm = swarm
    this.topic = topic
    this.id = keyPair.publicKey.toString('hex')
    swarm.on('connection', this.#onconnection)
    this.#discovery = swarm.join(topic, { reads: CONTENT, writes: CONTENT })
    this.#node = new GossipNode(
      {
        topic: this.#discovery.topic,
        signer: keyPair,
        session: randomBytes(8),
        history,
        verifierOf,
        random: Math.random,
      },
      {
        send: (peer, frame) => this.#send(peer, frame),
        ban: (peer, reason) => this.#ban(peer, reason),
        deliver: (delivery) => this.#deliver(toMessage(delivery)),
        gap: ({ key, from, to }) => this.#tell('gap', { ...namesOf(key), from, to }),
        equivocation: ({ kept, other }) => this.#tell('equivocation', toMessage(kept), toMessage(other)),
      },
    )
    this.#channels = new Channels(
      this.#node,
      () => this.#waits.changed(),
      () => this.#drained(),
    )
    this.#outbox = new Outbox({
      interval,
      // Each datagram has one message, and its signature.
      most: datagrams?.sends ? 1 : limits.gossipBatchMessages,
      maySend: () => {
        const isHeard = this.#channels.all.size > 0 || datagrams?.sends === true
        return isHeard && !this.#channels.isHeldBack && datagrams?.isBusy !== true
      },
      send: (entries) => this.#publish(entries),
    })
    if (datagrams !== undefined) {
      datagrams.onframe = (frame) => this.#node.hear(frame)
      datagrams.onroom = () => this.#drained()
    }
    this.#ticker = setInterval(() => this.#tick(), limits.gossipTickMs).unref()
    this.#discovery.flushed().then(
      () => {
        this.#node.settle()
        this.#waits.changed()
      },
      () => {},
    )
  }

  /** What was counted so far: delivered, copies, forged, malformed, quarantined, strangers, missed. */
  get stats(): Readonly<GossipStats> {
    return this.#node.stats
  }

  /** The peers that we gossip with. */
  get peers(): PeerInfo[] {
    return [...this.#channels.all.values()].map(({ info }) => info)
  }

  /** 16 hex digits: this start of ours, as others see it. */
  get session(): string {
    return namesOf(this.#node.key).session
  }

  /**
   * Resolves when everyone who was there is linked and has said what it holds: what is published from
   * now on by anybody is delivered here, or its loss reported. With `history`, that has been given.
   */
  async listen(): Promise<void> {
    await this.#discovery.flushed()
    await this.#waits.until(() => this.#node.isSettled)
  }

  /**
   * Publishes a string, bytes, or a JSON value, and signs its tags with it. Before the first peer it is kept.
   * @throws SwarmError BUSY when too much waits to be sent (see `ready`); OPTION_INVALID for what is too
   *   long or no JSON; DESTROYED after `leave`
   */
  publish(data: unknown, tags: Tags = {}): Published {
    if (this.#leaving !== undefined) throw new SwarmError('DESTROYED', 'the topic was left')
    const entry = toEntry(data, tags)
    if (this.#datagrams?.sends && recordBytes(entry) > DATAGRAM_FRAME_BYTES)
      throw new SwarmError('OPTION_INVALID', `a message of ${entry.body.length} bytes fits no datagram`)
    const seq = this.#nextSeq
    this.#outbox.add(entry)
    this.#outbox.due()
    return { session: this.session, seq }
  }

  /** Resolves when there is room to publish. Rejects with DESTROYED after `leave`. */
  ready(): Promise<void> {
    return this.#waits.until(() => this.#outbox.hasRoom)
  }

  /** Resolves when so many peers are linked. Rejects with DESTROYED when the topic is left before. */
  linked(peers = 1): Promise<void> {
    return this.#waits.until(() => this.#channels.all.size >= peers)
  }

  /**
   * Resolves when all that was published so far has been handed to so many peers, or they have said
   * that they have it. Who is linked later does not count: see `linked`. Rejects with DESTROYED when the
   * topic is left before.
   */
  flushed(peers = 1): Promise<void> {
    const end = this.#nextSeq
    return this.#waits.until(() => this.#channels.reached(end) >= peers)
  }

  /** Resolves when all that was published so far has been signed, and given to whoever was there. */
  async sent(): Promise<void> {
    await this.#waits.until(() => this.#outbox.length === 0)
    await this.#datagrams?.sent()
  }

  /** Sends what was published now, whatever `interval` says. */
  gossip(): void {
    this.#outbox.flush()
    this.#waits.changed()
  }

  /** Reads no more until `resume`: what comes meanwhile waits in the kernel, and the peers with it. */
  pause(): void {
    this.#channels.pause()
  }

  resume(): void {
    this.#channels.resume()
  }

  /** The messages from now on. A slow reader holds the peers back, and is in time passed over by them. */
  async *[Symbol.asyncIterator](): AsyncGenerator<GossipMessage, void, void> {
    const messages = on(this, 'message', { close: ['close'], highWaterMark: limits.gossipUnreadMessages })
    for await (const [message] of messages) yield message
  }

  /** Leaves the topic: sends what can be sent, and ends the links. The swarm stays. Idempotent. */
  leave(): Promise<void> {
    this.#leaving ??= this.#leave()
    return this.#leaving
  }

  async #leave(): Promise<void> {
    this.gossip()
    clearInterval(this.#ticker)
    this.#outbox.cancel()
    this.swarm.off('connection', this.#onconnection)
    // What we have heard from others, its author need not wait to hand us.
    for (const { info, link } of this.#channels.all.values()) {
      this.#node.summarize(info.id)
      link.end('left')
    }
    await this.#discovery.destroy()
    this.#tell('close')
    this.#waits.changed()
  }

  #ban(peer: string, reason: string): void {
    const channel = this.#channels.all.get(peer)
    this.#channels.ban(peer)
    if (channel !== undefined) this.#tell('ban', channel.info, reason)
  }

  #deliver(message: GossipMessage): void {
    try {
      if (this.#accept(message.author) === false) return
    } catch (error) {
      return this.#warn(faultOf('accept', error))
    }
    this.#tell('message', message)
  }

  /** What a listener throws is told by the swarm, and costs nobody a message. */
  #tell<Name extends keyof GossipEvents>(name: Name, ...args: GossipEvents[Name]): void {
    emitSafely(this, name, args, (fault) => this.#warn(fault))
  }

  #warn(fault: SwarmError): void {
    emitSafely(this.swarm, 'warning', [fault.message], () => {})
  }

  /** The number that the next message will have. */
  get #nextSeq(): number {
    return this.#node.seq + this.#outbox.length
  }

  #send(peer: string, frame: Buffer): void {
    const to = this.#sendingTo
    const channel = this.#channels.all.get(peer)
    channel?.send(frame, () => {
      channel.handed = to ?? channel.handed
      this.#drained()
    })
  }

  #tick(): void {
    for (const channel of this.#channels.all.values())
      if (channel.tick()) this.#node.summarize(channel.info.id)
    this.#node.tick()
    this.#drained()
    this.#channels.read()
  }

  /** A peer has taken something, is waited for no longer, or has gone. */
  #drained(): void {
    this.#waits.changed()
    if (!this.#channels.isHeldBack) this.#outbox.due()
    this.#channels.release()
  }

  #publish(entries: readonly Entry[]): void {
    this.#sendingTo = this.#node.seq + entries.length
    const frame = this.#node.publish(entries, Date.now())
    if (this.#datagrams?.sends) this.#datagrams.send(frame)
    this.#sendingTo = undefined
    this.#waits.changed()
  }
}
