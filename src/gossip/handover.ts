/** How far our own messages have come to each peer, also to those who have left with them. */
import { limits } from '../limits.ts'

export class Handover {
  /** One past the last number that the kernel has taken for each linked peer. */
  readonly #handed = new Map<string, number>()
  /** How far those had it who have left, the last to leave last. */
  readonly #departed = new Map<string, number>()

  /** @param to one past the last number that was handed to it */
  handed(peer: string, to: number): void {
    this.#handed.set(peer, to)
  }

  /** @param said how far it says that it has them */
  reached(peer: string, said: number): number {
    return Math.max(said, this.#handed.get(peer) ?? 0)
  }

  /** It has left; `said` as in `reached`. */
  left(peer: string, said: number): void {
    this.#departed.delete(peer)
    this.#departed.set(peer, this.reached(peer, said))
    this.#handed.delete(peer)
    for (const oldest of this.#departed.keys()) {
      if (this.#departed.size <= limits.peers) break
      this.#departed.delete(oldest)
    }
  }

  /**
   * How many have all up to `end`.
   * @param linked the peers that are there, and how far each says that it has them
   */
  count(end: number, linked: ReadonlyMap<string, number>): number {
    let count = 0
    for (const [peer, said] of linked) if (this.reached(peer, said) >= end) count += 1
    for (const [peer, reached] of this.#departed) if (reached >= end && !linked.has(peer)) count += 1
    return count
  }
}
