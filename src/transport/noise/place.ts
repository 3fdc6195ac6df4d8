/** `HOST:PORT`, as people write it. */
import { SwarmError } from '../../errors.ts'

export interface Place {
  /** A name, an IPv4 address, or an IPv6 address without its brackets. */
  readonly host: string
  readonly port: number
}

/**
 * @param what it is the place of, for the message
 * @param least the lowest port: 1 where somebody is dialled; 0, for any that is free, where we listen
 * @throws SwarmError OPTION_INVALID
 */
export function parsePlace(text: string, what: string, least: 0 | 1 = 1): Place {
  const [, six, name, digits] = /^(?:\[([0-9a-f:.%\w]+)\]|([^\s:[\]/]+)):(\d+)$/i.exec(text) ?? []
  const host = six ?? name
  const port = Number(digits)
  const typed = JSON.stringify(text.slice(0, 80))
  if (host === undefined) throw new SwarmError('OPTION_INVALID', `${what} is HOST:PORT, not ${typed}`)
  if (port < least || port > 65_535)
    throw new SwarmError(
      'OPTION_INVALID',
      `${what} is HOST:PORT with a port from ${least} to 65535, not ${typed}`,
    )
  return { host, port }
}
