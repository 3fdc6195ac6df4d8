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
  /** Adverts of peers nearby that one source may make in a second, … */
  advertMessages: 32,
  /** … peers nearby that are remembered for a topic, … */
  hintedPeers: 64,
  /** … and how many are dialled at a time. */
  hintDialsPending: 8,
  /** Links and streams that a peer may open in one encrypted connection. */
  pairConnections: 256,
  /** Peers for whom one program may stand on a topic. */
  rosterPeers: 1_000,
  /** On its way in one of them, and not yet read at the other end. */
  windowBytes: 1_048_576,
  /** Hellos that we wait for ourselves at a time; more addresses wait for their turn. */
  dialsPending: 256,
  /** Peers of a swarm, unless `maxPeers` says otherwise. */
  peers: 1000,
  /** Observers (`peers`, `wait`, `topics`, `top`) attached to one swarm; more are told busy. */
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
  /** A record of a queue, or its reply, that goes over the link; a longer one has a stream of its own. */
  handedBytes: 65_536,
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
  /** The body of one signed message. */
  gossipMessageBytes: 65_536,
  /** Messages under one signature, … */
  gossipBatchMessages: 256,
  /** … and their bodies; one message may always be a batch of its own. */
  gossipBatchBytes: 131_072,
  /** Body of one frame of gossip. */
  gossipFrameBytes: 262_144,
  /** Published and not yet handed to anybody; past it `publish` refuses. */
  gossipOutboxBytes: 4_194_304,
  /** Names that `sub` remembers with their keys; more are shown, and not remembered. */
  knownNames: 4_096,
  /** Warnings of one `sub` about names with other keys; more are counted. */
  keyWarnings: 64,
  /** Queued for one peer before what is published waits for it. */
  gossipAheadBytes: 524_288,
  /** Kept for those who missed something or come later: so many messages, … */
  gossipHistoryMessages: 65_536,
  /** … in so many bytes. */
  gossipHistoryBytes: 16_777_216,
  /** A datagram, all included: what UDP can carry by IPv4. */
  datagramBytes: 65_507,
  /** The body of a message in one. */
  datagramMessageBytes: 65_000,
  /** Datagrams whose signatures are checked in a tick; those past it are counted and lost. */
  gossipDatagramFrames: 1_000,
  /** How far ahead of the last one in order a message of the same author is held, … */
  gossipWindowMessages: 65_536,
  /** … and the bytes of all that are held. */
  gossipHeldBytes: 8_388_608,
  /** A number further ahead than this is not believed, though it is signed. */
  gossipJumpMessages: 1_048_576,
  /** Sessions of authors that are remembered; the least recent of whoever brought most makes room. */
  gossipSessions: 16_384,
  /** Sessions that one link may bring at once; 4 more come free each tick. */
  gossipNewSessions: 1_024,
  /** Forged or malformed frames that end a link. */
  gossipInvalidFrames: 3,
  /** Signatures checked for one link in a tick; past it the link is paused until the next. */
  gossipVerifiedFrames: 500,
  /** Peers that are not linked again, for what they sent. */
  gossipBannedPeers: 1_024,
  /** Links over which messages are pushed: at least and at most, where there are so many. */
  gossipMeshLinksMin: 6,
  gossipMeshLinksMax: 12,
  /** Links beyond the mesh to which what is there is announced in a tick. */
  gossipLazyLinks: 6,
  /** The heartbeat: announcements, repair, the mesh. */
  gossipTickMs: 250,
  /** A gap that stays so long is given up, and reported. */
  gossipGapMs: 2_000,
  /** Given again to one link in a tick, of what it asked for. */
  gossipServedBytes: 2_097_152,
  /** Messages that `for await` has not taken; past it the links are paused. */
  gossipUnreadMessages: 4_096,
})
