/** At a terminal: whom a verb waits for, and what brings one, when nobody has come; elsewhere nobody reads it. */
import type { Swarm } from '../swarm/swarm.ts'
import type { Context } from './context.ts'

/** Who comes at once is not waited for. */
const WAIT_MS = 1_000

/**
 * Unless somebody is met within a second, says so.
 * @param whom in the words of the verb: `a sender`
 * @param verb what starts such a one
 */
export function tellWaiting(
  { report, signal }: Context,
  swarm: Swarm,
  { topic }: { readonly topic: string },
  whom: string,
  verb: string,
): void {
  const timer = setTimeout(() => {
    if (!signal.aborted) report.hint(`waiting for ${whom} on ${topic} (lswarm ${verb} ${topic})`)
  }, WAIT_MS)
  timer.unref()
  swarm.once('connection', () => clearTimeout(timer))
}
