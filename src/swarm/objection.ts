/** Why two peers have no link, and whether an address is worth another dial after that. */
import { SwarmError } from '../errors.ts'
import { type Hello, isUseful, type Refusal } from '../protocol/hello.ts'
import type { Outcome } from './transport-session.ts'

/** What speaks against a link by the two hellos alone. */
export function objectionTo(theirs: Hello, mine: Hello): Refusal | undefined {
  if (theirs.peer === mine.peer) return { code: 'self', reason: 'this is myself' }
  const isAsked = theirs.topic === undefined || mine.topic === undefined
  if (theirs.topic !== mine.topic && !(isAsked && (mine.observer || theirs.observer)))
    return { code: 'topic', reason: 'another topic' }
  if (!isUseful(mine, theirs))
    return { code: 'useless', reason: `${mine.verb} has nothing to say to ${theirs.verb}` }
  return undefined
}

/** What becomes of an address whose peer has refused us. */
export function afterRefusal({ code }: Refusal, mine: Hello): Outcome {
  // Observers come and go by the second; peers do not.
  if (code === 'busy') return mine.observer ? 'retry' : 'later'
  return code === 'duplicate' ? 'later' : 'rejected'
}

/** What becomes of an address whose peer we turn away. */
export function afterObjection({ code }: Refusal): Outcome {
  return code === 'duplicate' || code === 'busy' ? 'later' : 'rejected'
}

/** What becomes of an address that could not be dialled, or whose peer does not speak as we do. */
export function afterError(error: unknown): Outcome {
  const code = error instanceof SwarmError ? error.code : undefined
  if (code === 'BUSY') return 'retry'
  return code === 'PROTOCOL' || code === 'VERSION' ? 'rejected' : 'later'
}
