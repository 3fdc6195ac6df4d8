/**
 * A transport is a way to meet: it makes us findable under a topic, finds others, and connects.
 *
 * What a connection then says (hello, links, streams) is the same on all of them, and is not the
 * transport's business.
 */
import type { Connection } from '../protocol/connection.ts'
import type { Topic } from '../topic.ts'

export interface Transport {
  /** How people call it: `local`, `memory`, … */
  readonly name: string
  /** How far it goes: 0 this machine, 1 this network, 2 a named host, 3 anywhere. Of two ways the shorter is taken. */
  readonly distance: 0 | 1 | 2 | 3
  /**
   * Takes part in a topic.
   * @throws SwarmError RUNTIME_DIRECTORY, PATH_TOO_LONG and others: it cannot be done here
   */
  join(topic: Topic, options: JoinOptions): Promise<Presence>
  /**
   * The topics that exist here, whatever they are, but for those that are known: a way to join each. Absent where
   * nobody could tell.
   */
  survey?(known: readonly Topic[]): ((options: JoinOptions) => Promise<Presence>)[]
  /**
   * Ends what all presences share, connections too; called after their `destroy`.
   * @param graceMs what was written last has so long to arrive
   */
  destroy?(graceMs: number): Promise<void>
}

export interface JoinOptions {
  /** Be findable; otherwise only look, and leave no trace. */
  readonly announce: boolean
  /** Stand for somebody else, who has this peer id (32 hex digits) and is beyond us: who dials us means them. */
  readonly as?: string | undefined
  /** A peer connected to us. */
  readonly onconnection: (connection: Connection) => void
  /** Something a person should know, and can do something about. */
  readonly onwarning: (message: string) => void
  /** Aborts when the topic is left: the joining, too. */
  readonly signal: AbortSignal
  /** A new peer may be found: worth a look-up now. */
  readonly onfound?: () => void
}

export interface DialOptions {
  /** For a stream: the handshake leaves what follows it in the kernel where it can, and reading is fast. */
  readonly exact: boolean
  /** Ends the dial. */
  readonly signal: AbortSignal
}

/** Our part in one topic on one transport. */
export interface Presence {
  /** Where others dial us; `undefined` when we are not announced. It may change. */
  readonly address: string | undefined
  /** The addresses that are there now, ours left out. Heals what needs it (our own announcement, stale ones). */
  lookup(): Promise<string[]>
  /**
   * True for an address that was announced after ours: its peer has seen us there, and dials us. Absent where nobody can
   * tell.
   */
  isLater?(address: string): boolean
  /** Resolves when the first look-up has found who was there, or has taken too long. Absent where the first look sees all. */
  settled?(): Promise<void>
  /**
   * Connects.
   * @throws SwarmError BUSY (try again), UNREACHABLE (nobody is there), DESTROYED
   */
  dial(address: string, options: DialOptions): Promise<Connection>
  /** Stops being findable. Connections stay. */
  destroy(): Promise<void>
}
