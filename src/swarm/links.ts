/** The links of one topic: one for each peer, and where that peer can be dialled now. */
import type { Duplex } from 'node:stream'
import { within } from '../abort.ts'
import type { PeerInfo } from './peer.ts'

export interface LinkedPeer {
  readonly info: PeerInfo
  readonly stream: Duplex
  /** The key of the transport session that it was made on. */
  readonly transport: string
}

/** A peer that dials us is linked within this, or it is stopped. */
const SOON_MS = 500

export class Links {
  readonly #byPeer = new Map<string, LinkedPeer>()
  /** Peers that we accepted, and that have not confirmed the link yet. */
  readonly #accepted = new Map<string, number>()
  readonly #transports = new Set<string>()
  /** The address at which each linked peer was seen last, by transport and peer id, … */
  readonly #addresses = new Map<string, string>()
  /** … and the peer at each of these, by transport and address. */
  readonly #peers = new Map<string, string>()
  /** Waits for a link, by peer id. */
  readonly #waiting = new Map<string, Set<() => void>>()
  /** Our 'close' listener on each stream. */
  readonly #listeners = new Map<Duplex, () => void>()

  /** Keeps a link until its stream closes. */
  add(link: LinkedPeer): void {
    const { info, stream, transport } = link
    this.#byPeer.set(info.id, link)
    if (info.address !== undefined) this.seenAt(info.id, transport, info.address)
    const onClosed = () => {
      this.#listeners.delete(stream)
      if (this.#byPeer.get(info.id) !== link) return
      this.#byPeer.delete(info.id)
      for (const name of this.#transports) this.#forget(`${name}\0${info.id}`)
    }
    this.#listeners.set(stream, onClosed)
    stream.once('close', onClosed)
    this.#wake(info.id)
  }

  /** The topic was left: its links stay open, and no longer refer to it. */
  destroy(): void {
    for (const [stream, onClosed] of this.#listeners) stream.off('close', onClosed)
    this.#listeners.clear()
  }

  /** A peer is accepted, and its link not confirmed: until `done` is called it counts as linked. */
  accept(id: string): { done(): void } {
    this.#accepted.set(id, (this.#accepted.get(id) ?? 0) + 1)
    return {
      done: () => {
        const others = (this.#accepted.get(id) ?? 1) - 1
        if (others > 0) this.#accepted.set(id, others)
        else this.#accepted.delete(id)
      },
    }
  }

  /** Resolves when there is a link with this peer, when `signal` aborts, or after a moment all the same. */
  soon(id: string, signal: AbortSignal): Promise<void> {
    if (this.#isLinked(id)) return Promise.resolve()
    const waiting = this.#waiting.get(id) ?? new Set()
    this.#waiting.set(id, waiting)
    let done = () => {}
    const linked = new Promise<void>((resolve) => {
      done = resolve
      waiting.add(done)
    })
    return within(signal, SOON_MS, linked).finally(() => {
      waiting.delete(done)
      if (waiting.size === 0) this.#waiting.delete(id)
    })
  }

  /** Resolves when a peer that was accepted has confirmed its link, or as `soon` does. */
  confirmed(id: string, signal: AbortSignal): Promise<void> {
    return this.#accepted.has(id) ? this.soon(id, signal) : Promise.resolve()
  }

  get(id: string): LinkedPeer | undefined {
    return this.#byPeer.get(id)
  }

  /** True while there is a link on which the peer may still speak, or one that awaits its confirmation. */
  isOpen(id: string): boolean {
    return this.#accepted.has(id) || this.#isLinked(id)
  }

  /** Where a linked peer can be dialled now on a transport. */
  addressOf(id: string, transport: string): string | undefined {
    return this.#addresses.get(`${transport}\0${id}`)
  }

  /** True for an address on a transport whose peer is linked. */
  isAt(transport: string, address: string): boolean {
    return this.#peers.has(`${transport}\0${address}`)
  }

  /**
   * A linked peer was seen at this address; of others nothing is kept. A peer takes a new address
   * when its socket was removed.
   */
  seenAt(id: string, transport: string, address: string): void {
    const at = `${transport}\0${id}`
    if (!this.#byPeer.has(id) || this.#addresses.get(at) === address) return
    this.#forget(at)
    this.#transports.add(transport)
    this.#addresses.set(at, address)
    this.#peers.set(`${transport}\0${address}`, id)
  }

  #forget(at: string): void {
    const [transport, id] = at.split('\0')
    const address = this.#addresses.get(at)
    this.#addresses.delete(at)
    const place = `${transport}\0${address}`
    // Another peer may be there by now.
    if (this.#peers.get(place) === id) this.#peers.delete(place)
  }

  #isLinked(id: string): boolean {
    return this.#byPeer.get(id)?.stream.readableEnded === false
  }

  #wake(id: string): void {
    for (const done of this.#waiting.get(id) ?? []) done()
  }
}
