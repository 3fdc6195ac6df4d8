/** A channel: the link with one peer, its queue bounded, its share of our time too. */
import { limits } from '../limits.ts'
import type { Link } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'

/** Ticks without progress after which nobody waits for a peer. */
const STALLED_TICKS = 2

export class Channel {
  readonly link: Link
  readonly info: PeerInfo
  /** One past the last number of our own messages that the kernel has taken for it. */
  handed = 0
  /** Frames that were read and are yet to be looked at. */
  readonly #unread: Buffer[] = []
  readonly #receive: (frame: Buffer) => void
  readonly #mayReceive: () => boolean
  #isReading = false
  #written = 0
  #writtenAtTick = 0
  #stuckTicks = 0
  #isLagging = false

  /**
   * @param receive takes each frame, …
   * @param mayReceive … while this holds; otherwise it waits, and the link with it, for `read`
   */
  constructor(link: Link, info: PeerInfo, receive: (frame: Buffer) => void, mayReceive: () => boolean) {
    this.link = link
    this.info = info
    this.#receive = receive
    this.#mayReceive = mayReceive
    link.on('gossip', (frame) => {
      this.#unread.push(frame)
      this.read()
    })
  }

  /** Takes what was read, as far as it may; goes on reading when all is taken. */
  read(): void {
    if (this.#isReading) return
    this.#isReading = true
    while (this.#unread.length > 0 && this.#mayReceive()) {
      const frame = this.#unread.shift()
      if (frame !== undefined) this.#receive(frame)
    }
    this.#isReading = false
    if (this.link.ending) return
    if (this.#unread.length > 0 || !this.#mayReceive()) this.link.pause()
    else this.link.resume()
  }

  /** Queued for the peer. */
  get queuedBytes(): number {
    return this.link.stream.writableLength
  }

  /** It is behind, and worth waiting for with what we publish. */
  get isSlow(): boolean {
    return this.#isBehind(limits.gossipAheadBytes)
  }

  /**
   * It is so far behind that others are to be read no further. Far more than slow: two that pass on the
   * same to each other would otherwise both stop, before either has heard that it need not.
   */
  get isFull(): boolean {
    return this.#isBehind(limits.queueBytes / 2)
  }

  /** More than that is queued for it, and it goes on: others do not wait for one that has taken nothing for some time. */
  #isBehind(bytes: number): boolean {
    return this.queuedBytes > bytes && this.#stuckTicks < STALLED_TICKS && !this.link.ending
  }

  /**
   * Sends a frame, unless the queue is full.
   * @param done when the kernel has it
   */
  send(frame: Buffer, done: () => void): void {
    if (this.queuedBytes + frame.length > limits.queueBytes) {
      this.#isLagging = true
      return
    }
    this.link.writeGossip(frame, (error) => {
      this.#written += 1
      if (!error) done()
    })
  }

  /** @returns true when a peer that missed something can take more again: it is to be told what there is */
  tick(): boolean {
    const isStuck = this.queuedBytes > 0 && this.#written === this.#writtenAtTick
    this.#stuckTicks = isStuck ? this.#stuckTicks + 1 : 0
    this.#writtenAtTick = this.#written
    const isBack = this.#isLagging && this.queuedBytes < limits.gossipAheadBytes
    if (isBack) this.#isLagging = false
    return isBack
  }
}
