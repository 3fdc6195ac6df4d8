/** What the options of a swarm, of a join, of an end and of a bridge have to be. */
import { isBoolean, isCount, isFunction, isText, isWords } from '../check-options.ts'
import { limits } from '../limits.ts'
import { isName } from '../protocol/hello.ts'

export const SWARM_OPTIONS = {
  basedir: isText,
  shortcircuit: isBoolean,
  name: isPeerName,
  maxPeers: isCount(1),
  firewall: isFunction,
  verb: (verb: unknown) => (isWords([verb]) === undefined ? undefined : 'a word in lower case'),
  reads: isWords,
  writes: isWords,
  observer: isBoolean,
  pid: isCount(0),
  transports: (list: unknown) =>
    Array.isArray(list) && list.length > 0 && list.every(isTransport) ? undefined : 'a list of transports',
}
export const JOIN_OPTIONS = { server: isBoolean, client: isBoolean, reads: isWords, writes: isWords }
export const DESTROY_OPTIONS = { lingerMs: isCount(0) }
export const BRIDGE_OPTIONS = {
  name: isPeerName,
  pid: isCount(0),
  onwarning: isFunction,
  onbytes: isFunction,
}

function isPeerName(name: unknown): string | undefined {
  return typeof name === 'string' && isName(name)
    ? undefined
    : `1 to ${limits.nameBytes} bytes of printable text`
}

export function isTransport(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'join' in value && typeof value.join === 'function'
}
