/** The links of one topic: one for each peer, and where that peer can be dialled now. */
import type { Duplex } from 'node:stream'
import { ownWay, type PeerInfo } from './peer.ts'

interface Linked {
  readonly info: PeerInfo
  readonly stream: Duplex
}

/** Peers and their addresses on one transport. A peer takes a new address when its own was removed. */
class Places {
  readonly #addresses = new Map<string, string>()
  readonly #peers = new Map<string, string>()

  addressOf(id: string): string | undefined {
    return this.#addresses.get(id)
  }

  has(address: string): boolean {
    return this.#peers.has(address)
  }

  set(id: string, address: string): void {
    if (this.#addresses.get(id) === address) return
    this.forget(id)
    this.#addresses.set(id, address)
    this.#peers.set(address, id)
  }

  forget(id: string): void {
    const address = this.#addresses.get(id)
    this.#addresses.delete(id)
    // Another peer may be there by now.
    if (address !== undefined && this.#peers.get(address) === id) this.#peers.delete(address)
  }
}

/** A peer that dials us is linked within this, or it is stopped. */
const SOON_MS = 500

export class Links {
  readonly #byPeer = new Map<string, Linked>()
  /** Where each was seen, by transport. */
  readonly #places = new Map<string, Places>()
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
      for (const places of this.#places.values()) places.forget(info.id)
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
    return this.#places.get(ownWay(info))?.addressOf(info.id)
  }

  /** True for an address on a transport at which nobody new is to be met. */
  isAt(transport: string, address: string): boolean {
    return this.#places.get(transport)?.has(address) ?? false
  }

  /** A peer was seen at this address; of one that is not linked nothing is kept. */
  seenAt(id: string, transport: string, address: string): void {
    if (!this.#byPeer.has(id)) return
    let places = this.#places.get(transport)
    if (places === undefined) {
      places = new Places()
      this.#places.set(transport, places)
    }
    places.set(id, address)
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
