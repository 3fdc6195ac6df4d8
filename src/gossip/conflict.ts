/** Equivocation: an author that signs two different messages with one number. */
import type { Batch } from './envelope.ts'
import type { Delivery } from './order.ts'
import type { Session } from './sessions.ts'
import type { Store } from './store.ts'

/** Numbers of a session with which that is shown; more say nothing new of the author. */
const SHOWN_MAX = 16

/** Two different messages with one number; the first is kept. */
export interface Conflict {
  readonly kept: Delivery
  readonly other: Delivery
}

/** Compares a genuine batch with what is kept; each number is shown once. */
export function conflictsOf(session: Session, batch: Batch, store: Store, from: string): Conflict[] {
  const { key, equivocations } = session
  const conflicts: Conflict[] = []
  for (const item of batch.items) {
    if (equivocations.size >= SHOWN_MAX || equivocations.has(item.seq)) continue
    const first = store.holding(key, item.seq)
    const kept = first?.items.find(({ seq }) => seq === item.seq)
    if (first === undefined || kept === undefined || kept.record.equals(item.record)) continue
    equivocations.add(item.seq)
    conflicts.push({
      kept: { key, item: kept, time: first.time, from },
      other: { key, item, time: batch.time, from },
    })
  }
  return conflicts
}
