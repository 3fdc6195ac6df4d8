/** The batches that came last: for those who missed something, or come later. Bounded, the oldest go first. */
import { limits } from '../limits.ts'
import { type Batch, partOf } from './envelope.ts'

export class Store {
  /** In the order in which they came. */
  readonly #kept = new Set<Batch>()
  /** By session, then by first number: the whole batch, or its parts. */
  readonly #bySession = new Map<string, Map<number, Batch[]>>()
  messages = 0
  bytes = 0

  add(batch: Batch): void {
    const session = this.#bySession.get(batch.key) ?? new Map<number, Batch[]>()
    this.#bySession.set(batch.key, session)
    session.set(batch.first, [...(session.get(batch.first) ?? []), batch])
    this.#kept.add(batch)
    this.messages += batch.items.length
    this.bytes += batch.frame.length
    for (const oldest of this.#kept) {
      if (this.messages <= limits.gossipHistoryMessages && this.bytes <= limits.gossipHistoryBytes) return
      this.#remove(oldest)
    }
  }

  #remove(batch: Batch): void {
    this.#kept.delete(batch)
    this.messages -= batch.items.length
    this.bytes -= batch.frame.length
    const session = this.#bySession.get(batch.key)
    const rest = session?.get(batch.first)?.filter((one) => one !== batch) ?? []
    if (rest.length > 0) session?.set(batch.first, rest)
    else session?.delete(batch.first)
    if (session?.size === 0) this.#bySession.delete(batch.key)
  }

  /** The batches that have some of these numbers, in the order in which they came. */
  #overlapping(key: string, from: number, to: number): Batch[] {
    const found: Batch[] = []
    for (const batches of this.#bySession.get(key)?.values() ?? [])
      found.push(...batches.filter(({ first, count }) => first < to && first + count > from))
    return found
  }

  /** Whether anything with these numbers is held. */
  overlaps({ key, first, count }: Pick<Batch, 'key' | 'first' | 'count'>): boolean {
    return this.#overlapping(key, first, first + count).length > 0
  }

  /** Whether exactly these signed bytes are held: what comes again costs no check. */
  has({ key, first, signature }: Pick<Batch, 'key' | 'first' | 'signature'>): boolean {
    const list = this.#bySession.get(key)?.get(first)
    return list?.some((batch) => batch.signature.equals(signature)) ?? false
  }

  /** The batch that has this number, whatever its signature. */
  holding(key: string, seq: number): Batch | undefined {
    return this.#overlapping(key, seq, seq + 1).find(({ items }) => items.some((item) => item.seq === seq))
  }

  /** Frames with the messages of a range that are held, and the numbers of those that are. */
  range(key: string, from: number, to: number): { frames: Buffer[]; found: Set<number> } {
    const found = new Set<number>()
    const frames: Buffer[] = []
    for (const batch of this.#overlapping(key, from, to)) {
      const fresh = new Set<number>()
      for (const { seq } of batch.items) if (seq >= from && seq < to && !found.has(seq)) fresh.add(seq)
      if (fresh.size === 0) continue
      for (const seq of fresh) found.add(seq)
      frames.push(partOf(batch, (seq) => fresh.has(seq)))
    }
    return { frames, found }
  }

  /** The last `count` messages, of whatever author, in at most so many bytes: in the order in which they came. */
  last(count: number, bytes: number): { readonly batch: Batch; readonly from: number }[] {
    const found: { batch: Batch; from: number }[] = []
    let left = count
    for (const batch of [...this.#kept].reverse()) {
      bytes -= batch.frame.length
      if (left === 0 || bytes < 0) break
      const { length } = batch.items
      found.unshift({ batch, from: batch.items[Math.max(0, length - left)]?.seq ?? batch.first })
      left -= Math.min(left, length)
    }
    return found
  }
}
