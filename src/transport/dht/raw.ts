/** Joining a topic of Hyperswarm's as it is; its node is loaded then. */
import { type NodeOptions, withPackages } from '../noise/keyed.ts'
import { parsePlace } from '../noise/place.ts'
import type { RawJoining, RawTopic } from './raw-topic.ts'

/** Joins a topic, given its 32 bytes. */
export type JoinRaw = (topic: Buffer, joining: RawJoining) => Promise<RawTopic>

/** @throws SwarmError OPTION_INVALID */
export function rawDht(
  options: NodeOptions & { readonly bootstrap: readonly string[] | undefined },
): JoinRaw {
  for (const node of options.bootstrap ?? []) parsePlace(node, 'a bootstrap node')
  return async (topic, joining) => {
    const { openRaw } = await withPackages(() => import('./hyperswarm.lazy.ts'))
    return openRaw(topic, joining, options)
  }
}
