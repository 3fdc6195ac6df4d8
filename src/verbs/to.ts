/** Addressing peers by what people call them. */
import type { PeerInfo } from '../swarm/peer.ts'

/** At least so many digits of an id, so that a name is not taken for one by chance. */
const ID_DIGITS_MIN = 6

/** True when `info` is one of `wanted`: its name, its id, or the beginning of its id. None wanted: everyone is. */
export function isMeant(wanted: readonly string[], info: Pick<PeerInfo, 'id' | 'name'>): boolean {
  if (wanted.length === 0) return true
  return wanted.some(
    (one) => one === info.name || (one.length >= ID_DIGITS_MIN && info.id.startsWith(one.toLowerCase())),
  )
}
