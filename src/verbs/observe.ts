/** Looking without taking part: what `peers`, `topics` and `wait` share. */
import type { Duplex } from 'node:stream'
import type { PeerInfo } from '../swarm/peer.ts'
import { type CommonOptions, type Context, createSwarm } from './context.ts'

/**
 * An observer's swarm, and the peers that it sees, in the order in which they were seen.
 * @param onchange called when a peer was seen, and when one went
 */
export function watch(
  context: Context,
  options: Omit<CommonOptions, 'topic'>,
  verb: string,
  onchange = () => {},
) {
  const swarm = createSwarm(context, options, { verb, reads: [], writes: [], observer: true })
  const peers = new Map<string, PeerInfo>()
  swarm.on('connection', (stream: Duplex, info) => {
    peers.set(info.id, info)
    onchange()
    // Links are said to by nobody here; the end of one is the going of its peer.
    stream.resume()
    stream.once('end', () => stream.destroy())
    stream.once('close', () => {
      peers.delete(info.id)
      onchange()
    })
  })
  return { swarm, peers }
}

export function sorted(peers: Iterable<PeerInfo>): PeerInfo[] {
  return [...peers].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
}

export function sortKey(info: PeerInfo): string {
  return `${info.name}\u0000${info.id}`
}
