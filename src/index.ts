/** The library's public face. */
export { type ErrorCode, SwarmError } from './errors.ts'
export {
  Gossip,
  type GossipEvents,
  type GossipGap,
  type GossipOptions,
  type Published,
} from './gossip/gossip.ts'
export { KeyPair, type Signer } from './gossip/key-pair.ts'
export type { GossipMessage } from './gossip/message.ts'
export type { GossipStats } from './gossip/node.ts'
export type { Tags } from './gossip/tags.ts'
export { parseKey, TopicKey } from './key.ts'
export { limits } from './limits.ts'
export type { Connection } from './protocol/connection.ts'
export { Link, type Separator } from './protocol/link.ts'
export type { Message } from './protocol/message.ts'
export { Bridge, type BridgeOptions } from './swarm/bridge.ts'
export type { Discovery } from './swarm/discovery.ts'
export type { IncomingStream, PeerInfo } from './swarm/peer.ts'
export { Swarm, type SwarmEvents, type SwarmOptions } from './swarm/swarm.ts'
export { type DhtOptions, dht } from './transport/dht/dht.ts'
export { type EndpointOptions, endpoints } from './transport/endpoint/endpoint.ts'
export type { TlsFiles } from './transport/endpoint/url.ts'
export { type LanOptions, lan } from './transport/lan/lan.ts'
export { type LocalOptions, local } from './transport/local/local.ts'
export { Hub, memory } from './transport/memory/memory.ts'
export type { Transport } from './transport/transport.ts'
