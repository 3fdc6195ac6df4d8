/** How far a stream is: read when somebody looks, counted only by what is counted anyway. */

export interface Progress {
  /** `undefined` where a command has the stream, and nobody counts. */
  readonly bytes: number | undefined
  /** All of it, where that is known. */
  readonly size: number | undefined
  /** Names of those it goes to, or comes from. */
  readonly peers: readonly string[]
  /** The name of the one that the others wait for. */
  readonly laggard: string | undefined
}

export interface Follow {
  /** What to call the peers: `receiver`, `sender`. */
  readonly peer: string
  /** The stream itself is on the terminal, or a command's output is: a bar would stand in the middle of it. */
  readonly isScreenTaken: boolean
  read(): Progress
}

/** One receiver, as far as it can hold up others. */
export interface Runner {
  readonly name: string
  /** How far it is behind the source. */
  readonly behindBytes: number
  /** Whole seconds without progress. */
  readonly stuckTicks: number
}

/** Less than this behind is what queues and ticks make of equals. */
const BEHIND_BYTES = 524_288
const STUCK_TICKS = 2

/** The one that holds up the others; among equals nobody. A single one only when it takes nothing at all. */
export function laggardOf(runners: readonly Runner[]): string | undefined {
  const [last, ...others] = [...runners].sort((a, b) => b.behindBytes - a.behindBytes)
  if (last === undefined) return undefined
  if (last.stuckTicks >= STUCK_TICKS) return last.name
  const first = others.at(-1)
  if (first === undefined || last.behindBytes < BEHIND_BYTES) return undefined
  return first.behindBytes < last.behindBytes / 2 ? last.name : undefined
}
