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
  /** Ends what all presences share; called when they have ended. */
  destroy?(): Promise<void>
}

export interface JoinOptions {
  /** Be findable; otherwise only look, and leave no trace. */
  readonly announce: boolean
  /** Stand for somebody else, who has this peer id (32 hex digits) and is beyond us: who dials us means them. */
  readonly as?: string | undefined
  /** Somebody connected to us. */
  readonly onconnection: (connection: Connection) => void
  /** Something a person should know, and can do something about. */
  readonly onwarning: (message: string) => void
  /** Somebody new may be found: worth a look-up now. */
  readonly onfound?: () => void
}

/** Our part in one topic on one transport. */
export interface Presence {
  /** Where others dial us; `undefined` when we are not announced. It may change. */
  readonly address: string | undefined
  /** The addresses that are there now, ours left out. Heals what needs it (our own announcement, stale ones). */
  lookup(): Promise<string[]>
  /** Resolves when the first look-up has found who was there, or has taken too long. Absent where the first look sees all. */
  settled?(): Promise<void>
  /**
   * Connects. `exact` makes a connection that reads no byte too far, and fast, for streams;
   * without it the connection's stream is an ordinary Duplex.
   * @throws SwarmError BUSY (try again), UNREACHABLE (nobody is there)
   */
  dial(address: string, options: { readonly exact: boolean }): Promise<Connection>
  /** Stops being findable. Connections stay. */
  destroy(): Promise<void>
}
