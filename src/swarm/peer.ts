/** Who is at the other end of a connection, and what a swarm says of itself. */
import type { Connection } from '../protocol/connection.ts'
import type { Hello, Refusal } from '../protocol/hello.ts'
import type { Topic } from '../topic.ts'

export interface PeerInfo {
  /** 32 hex digits, random and new for each swarm. */
  readonly id: string
  /** How the peer calls itself. Anyone may take any name: it is decoration. */
  readonly name: string
  /** The topic on which we met, 32 bytes, … */
  readonly topic: Buffer
  /** … and as it was typed; `''` when nobody told. */
  readonly topicName: string
  /** True when we dialled this connection, false when the peer did. */
  readonly client: boolean
  /** How we are connected: `local`, `memory`, `lan`, `dht`, …; through a bridge both ways, as in `local+dht`. */
  readonly transport: string
  /** What the peer does: `join`, `send`, …; `swarm` for a program that uses the library. */
  readonly verb: string
  /** What it takes and gives: `raw`, `lines`, `stream`. */
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  /** Where the peer can be dialled on this transport; `undefined` when it cannot be. */
  readonly address: string | undefined
  /** Its process id, as it says; a hint for people. */
  readonly pid: number | undefined
}

/** A raw connection for one stream, asked for by a peer that we are linked with. Unanswered it is refused after 10 s. */
export interface IncomingStream {
  readonly info: PeerInfo
  /** The number that our offer on the link had. */
  readonly stream: number
  /** Takes it: says go, and gives the connection. Nothing of the stream has been read yet. */
  accept(): Connection
  /** Turns it down. */
  refuse(refusal: Refusal): void
}

/** True for a peer in this process or on this machine: it sees the same files. */
export function isHere({ transport }: PeerInfo): boolean {
  return transport === 'local' || transport === 'memory'
}

/**
 * What a hello told, for those above.
 * @param topic ours, where we know it
 */
export function toPeerInfo(
  hello: Hello,
  topic: Topic | undefined,
  transport: string,
  client: boolean,
): PeerInfo {
  return {
    id: hello.peer,
    name: hello.name,
    topic:
      topic !== undefined && topic.hex === hello.topic ? topic.key : Buffer.from(hello.topic ?? '', 'hex'),
    topicName: hello.topicName ?? '',
    client,
    transport: hello.via ? [transport, ...hello.via].join('+') : transport,
    verb: hello.verb,
    reads: hello.reads,
    writes: hello.writes,
    address: hello.address,
    pid: hello.pid,
  }
}
