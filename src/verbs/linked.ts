/** The links of a verb: one for each peer that its swarm meets. */
import { Link } from '../protocol/link.ts'
import type { PeerInfo } from '../swarm/peer.ts'
import type { Swarm } from '../swarm/swarm.ts'

/** Makes a link of each connection of `swarm`, hands it to `meet`, and keeps those that are open. */
export function linked(swarm: Swarm, meet: (link: Link, info: PeerInfo) => void): Set<Link> {
  const links = new Set<Link>()
  swarm.on('connection', (stream, info) => {
    const link = new Link(stream)
    links.add(link)
    link.on('close', () => links.delete(link))
    meet(link, info)
  })
  return links
}
