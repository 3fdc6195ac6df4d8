/** How many colours to use, as the environment asks: NO_COLOR, FORCE_COLOR, TERM and COLORTERM. */

type Environment = Readonly<Record<string, string | undefined>>

/** A terminal that cannot place its cursor: nothing is drawn on it, lines are written. */
export function isDumb(env: Environment): boolean {
  return env.TERM === 'dumb' || env.TERM === undefined || env.TERM === ''
}

/** @returns 0 none, 1 the 16 of every terminal, 2 of 256, 3 all */
export function colourLevel(env: Environment): 0 | 1 | 2 | 3 {
  const forced = env.FORCE_COLOR
  if (forced !== undefined) {
    if (forced === '0' || forced === 'false') return 0
    return forced === '2' ? 2 : forced === '3' ? 3 : 1
  }
  if (env.NO_COLOR || isDumb(env)) return 0
  if (/^(truecolor|24bit)$/.test(env.COLORTERM ?? '')) return 3
  return /256(color)?$/.test(env.TERM ?? '') ? 2 : 1
}
