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
}

export interface JoinOptions {
  /** Be findable; otherwise only look, and leave no trace. */
  readonly announce: boolean
  /** Somebody connected to us. */
  readonly onconnection: (connection: Connection) => void
  /** Something a person should know, and can do something about. */
  readonly onwarning: (message: string) => void
}

/** Our part in one topic on one transport. */
export interface Presence {
  /** Where others dial us; `undefined` when we are not announced. It may change. */
  readonly address: string | undefined
  /** The addresses that are there now, ours left out. Heals what needs it (our own announcement, stale ones). */
  lookup(): Promise<string[]>
  /**
   * Connects. `exact` makes a connection that reads no byte too far, and fast, for streams;
   * without it the connection's stream is an ordinary Duplex.
   * @throws SwarmError BUSY (try again), UNREACHABLE (nobody is there)
   */
  dial(address: string, options: { readonly exact: boolean }): Promise<Connection>
  /** Stops being findable. Connections stay. */
  destroy(): Promise<void>
}
