/**
 * Every limit of lswarm in one place. `lswarm limits` prints this object; a test stands at each
 * limit and one past it. Units are the last word of each name.
 */
export const limits = Object.freeze({
  /** Longest path that `sockaddr_un` holds without its final NUL: 107 on Linux, 103 on macOS and the BSDs. */
  socketPathBytes: 107,
  /** Connections that may wait for accept: above the 3000 of a measured burst, below the kernel's own cap. */
  backlogConnections: 4096,
  /** A handshake frame. Nothing larger is allocated for a peer that has not said hello. */
  helloBytes: 4096,
  /** From the first byte to the go, absolute: an idle timer is evaded by one byte now and then. */
  helloMs: 10_000,
  /** Connections that have not finished their hello; more are closed at once. */
  helloPendingConnections: 64,
  /** Encrypted connections, one for each peer, unless `maxPeers` says otherwise. */
  networkConnections: 64,
  /** Encrypted connections that have not proved the topic key; more are closed at once. */
  unprovenConnections: 32,
  /** What such a connection may have sent, encryption included. */
  unprovenBytes: 16_384,
  /** Links and streams that a peer may open in one encrypted connection. */
  pairConnections: 256,
  /** On its way in one of them, and not yet read at the other end. */
  windowBytes: 1_048_576,
  /** Hellos that we wait for ourselves at a time; more addresses wait for their turn. */
  dialsPending: 256,
  /** Peers of a swarm, unless `maxPeers` says otherwise. */
  peers: 1000,
  /** Observers (`peers`, `wait`, `topics`) attached to one swarm; more are told busy. */
  observers: 64,
  /** A peer's name, in UTF-8. */
  nameBytes: 64,
  /** A topic name that is told to others, in UTF-8; a longer one is only hashed. */
  topicNameBytes: 512,
  /** A line or record of `join`, its end included. A longer one is refused; `send` carries any size. */
  lineBytes: 1_048_576,
  /** Body of one frame of lines: as long as the longest line. */
  frameBytes: 1_048_576,
  /** Body of a control frame on a link. */
  controlBytes: 16_384,
  /** Queued for one peer before the slow-peer policy acts. */
  queueBytes: 4_194_304,
  /** Taken from peers and not yet written to our own output; past it the links are paused. */
  outputBytes: 4_194_304,
  /** Under `--slow drop` and `cut`, a peer that is this long behind a faster source is slow. */
  behindMs: 500,
  /** A peer without progress is named after this. */
  slowMs: 5_000,
  /** A peer without progress is cut off by `join --slow wait` after this. */
  cutMs: 30_000,
  /** How long a closing connection is drained before it is destroyed. */
  lingerMs: 3_000,
  /** Senders that wait for a busy receiver; more are refused. */
  offersPending: 64,
  /** Calls that wait for a busy `exec`; more are told busy. */
  callsPending: 4_096,
  /** The re-scan that heals what was missed: at least, and at most. */
  rescanMsMin: 1_500,
  rescanMsMax: 3_500,
  /** A socket file is reaped when older than this, … */
  reapAgeMs: 60_000,
  /** … and when connect was refused twice, this far apart. */
  reapRefusalsMs: 2_000,
})
