/** Waiting for peers: telling a person at a terminal for whom, and looking for them. */
import type { Discovery } from '../swarm/discovery.ts'
import type { Swarm } from '../swarm/swarm.ts'
import type { Condition, Context } from './context.ts'

/** Who comes at once is not waited for. */
const WAIT_MS = 1_000
/** How often the directory is read. */
const LOOK_MS = 100

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

/** Waits until `holds`, and reads the directory meanwhile: whoever is not announced has to find those who come. */
export async function lookUntil(
  signal: AbortSignal,
  discovery: Discovery,
  changed: Condition,
  holds: () => boolean,
): Promise<void> {
  const timer = setInterval(() => void discovery.refresh().catch(() => {}), LOOK_MS)
  await changed.when(signal, holds).finally(() => clearInterval(timer))
}
