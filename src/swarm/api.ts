/** What programs give to a swarm, and hear from it. */
import type { Duplex } from 'node:stream'
import type { Transport } from '../transport/transport.ts'
import type { IncomingStream, PeerInfo } from './peer.ts'

export interface SwarmOptions {
  /** The runtime directory. Default: `$LSWARM_DIR`, `$XDG_RUNTIME_DIR/lswarm` or `<tmp>/lswarm-<uid>`. */
  readonly basedir?: string | undefined
  /** Swarms of one process meet in memory, without a socket. Default true. */
  readonly shortcircuit?: boolean | undefined
  /** How others see this peer: 1 to 64 bytes, printable. Default: the first 8 digits of its id. */
  readonly name?: string | undefined
  /** Links at most; who comes then is told busy. Default 1000. */
  readonly maxPeers?: number | undefined
  /** Asked about each peer, dialled or dialling: **true rejects it**, as in Hyperswarm; to throw rejects it, with a `warning`. */
  readonly firewall?: ((info: PeerInfo) => boolean) | undefined
  /** What this program does, in one word, for others to see. Default `swarm`. */
  readonly verb?: string | undefined
  /** Kinds of content this peer takes, … Peers with nothing to say to each other do not connect. Default `raw`. */
  readonly reads?: readonly string[] | undefined
  /** … and gives. Default `raw`. */
  readonly writes?: readonly string[] | undefined
  /** Only looks: is nobody's peer, and is not announced. Default false. */
  readonly observer?: boolean | undefined
  /** Process id to show to others. Default: not shown. */
  readonly pid?: number | undefined
  /** The ways to meet. Default: the local transport, with `basedir` and `shortcircuit`. */
  readonly transports?: readonly Transport[] | undefined
}

export interface SwarmEvents {
  /** A peer is there: `stream` is a binary Duplex, half-open allowed, its errors handled. Once for each pair and topic. */
  connection: [stream: Duplex, info: PeerInfo]
  /** A linked peer wants a raw stream of its own (see `openStream`). Unheard, it is refused. */
  stream: [incoming: IncomingStream]
  /** An observer looks at us. Unheard, what it says is not kept. */
  observer: [stream: Duplex, info: PeerInfo]
  /** Something a person should know; one line. */
  warning: [message: string]
}
