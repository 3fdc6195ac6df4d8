/** What a destroyed swarm may still do: nothing. */
import assert from 'node:assert/strict'
import type { Swarm } from '../../../src/index.ts'
import { swarmError } from './errors.ts'
import { turns, within } from './wait.ts'

/** What destroy() promises by default, and again as much for a machine that does other things. */
export const DESTROY_MS = 3_000
/** What is said to happen at once. */
export const AT_ONCE_MS = 1_000

export const destroyed = swarmError('DESTROYED')

/** Everything that a swarm says from now on. */
function saidBy(swarm: Swarm): string[] {
  const said: string[] = []
  const emit = (name: string) => {
    said.push(name)
    return false
  }
  Object.defineProperty(swarm, 'emit', { value: emit })
  return said
}

/** Destroys it, and sees that nothing is said, and that no connection is left. */
export async function assertDestroyed(swarm: Swarm, options?: { lingerMs: number }): Promise<void> {
  const done = swarm.destroy(options)
  await within(done, 'destroy', DESTROY_MS)
  const said = saidBy(swarm)
  await turns(50)
  assert.deepEqual(said, [])
  assert.deepEqual([swarm.connections.size, swarm.peers.size, swarm.topics().length], [0, 0, 0])
}
