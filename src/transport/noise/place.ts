/** `HOST:PORT`, as people write it. */
import { SwarmError } from '../../errors.ts'

export interface Place {
  /** A name, an IPv4 address, or an IPv6 address without its brackets. */
  readonly host: string
  readonly port: number
}

/**
 * @param what it is the place of, for the message
 * @throws SwarmError OPTION_INVALID
 */
export function parsePlace(text: string, what: string): Place {
  const [, six, name, digits] = /^(?:\[([0-9a-f:.%\w]+)\]|([^\s:[\]/]+)):(\d{1,5})$/i.exec(text) ?? []
  const host = six ?? name
  const port = Number(digits)
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port }
  throw new SwarmError('OPTION_INVALID', `${what} is HOST:PORT, not ${JSON.stringify(text.slice(0, 80))}`)
}
