/** The links of one topic: one for each peer, and where that peer can be dialled now. */
import type { Duplex } from 'node:stream'
import { ownWay, type PeerInfo } from './peer.ts'

interface Linked {
  readonly info: PeerInfo
  readonly stream: Duplex
}

/** A peer that dials us is linked within this, or it is stopped. */
const SOON_MS = 500

export class Links {
  readonly #byPeer = new Map<string, Linked>()
  /** Where each was seen, by transport and peer. It takes a new address when its own was removed. */
  readonly #addresses = new Map<string, Map<string, string>>()
  /** Who waits for a link, and with whom. */
  readonly #waiting = new Set<{ readonly id: string; readonly done: () => void }>()

  /** Keeps a link until it closes. */
  add(stream: Duplex, info: PeerInfo): void {
    const link = { info, stream }
    this.#byPeer.set(info.id, link)
    if (info.address !== undefined) this.seenAt(info.id, ownWay(info), info.address)
    stream.on('close', () => {
      if (this.#byPeer.get(info.id) !== link) return
      this.#byPeer.delete(info.id)
      for (const seen of this.#addresses.values()) seen.delete(info.id)
    })
    for (const { id, done } of this.#waiting) if (id === info.id) done()
  }

  /** Resolves when there is a link with this peer, or, after a moment, all the same. */
  soon(id: string): Promise<void> {
    if (this.isOpen(id)) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(waiting)
        resolve()
      }
      const timer = setTimeout(done, SOON_MS)
      const waiting = { id, done }
      this.#waiting.add(waiting)
    })
  }

  /** Lets nobody wait any longer. */
  close(): void {
    for (const { done } of this.#waiting) done()
  }

  infoOf(id: string): PeerInfo | undefined {
    return this.#byPeer.get(id)?.info
  }

  /** True while there is a link on which the peer may still speak. */
  isOpen(id: string): boolean {
    return this.#byPeer.get(id)?.stream.readableEnded === false
  }

  /** Where this peer can be dialled now, on the transport of its link. */
  addressOf(info: PeerInfo): string | undefined {
    return this.#addresses.get(ownWay(info))?.get(info.id)
  }

  /** The addresses on a transport at which nobody new is to be met. */
  addresses(transport: string): ReadonlySet<string> {
    return new Set(this.#addresses.get(transport)?.values())
  }

  /** A peer was seen at this address; of one that is not linked nothing is kept. */
  seenAt(id: string, transport: string, address: string): void {
    if (!this.#byPeer.has(id)) return
    const seen = this.#addresses.get(transport)
    if (seen === undefined) this.#addresses.set(transport, new Map([[id, address]]))
    else seen.set(id, address)
  }

  /**
   * A peer that was killed after it had ended its side leaves a half-open connection that nobody
   * would hear of: an empty write reaches a living reader as nothing, and a dead one as EPIPE.
   */
  sound(): void {
    for (const { stream } of this.#byPeer.values()) {
      if (stream.readableEnded && !stream.writableEnded) stream.write(Buffer.alloc(0))
    }
  }
}
