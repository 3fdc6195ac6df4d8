/** Checks options that a program gave, where its types have not: unknown names and wrong kinds are refused. */
import { SwarmError } from './errors.ts'

/** @returns what the value has to be, in words, if it is not */
export type Check = (value: unknown) => string | undefined

/**
 * @param of whose options they are, for the message
 * @param checks each known option
 * @throws SwarmError OPTION_INVALID naming the option
 */
export function checkOptions(of: string, given: unknown, checks: Readonly<Record<string, Check>>): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new SwarmError('OPTION_INVALID', `the options of ${of} are an object, not ${shown(given)}`)
  for (const [name, value] of Object.entries(given)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (check === undefined) {
      const known = Object.keys(checks).join(', ')
      throw new SwarmError('OPTION_INVALID', `${of} has no option ${shown(name)}; it has ${known}`)
    }
    const wanted = value === undefined ? undefined : check(value)
    if (wanted !== undefined)
      throw new SwarmError('OPTION_INVALID', `${name} is ${wanted}, not ${shown(value)}`)
  }
}

export const isBoolean: Check = (value) => (typeof value === 'boolean' ? undefined : 'true or false')
export const isText: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'a text')
export const isFunction: Check = (value) => (typeof value === 'function' ? undefined : 'a function')
export const isObject: Check = (value) =>
  typeof value === 'object' && value !== null ? undefined : 'an object'

/** Exactly `count` bytes. */
export function isBytes(count: number): Check {
  return (value) => (value instanceof Uint8Array && value.length === count ? undefined : `${count} bytes`)
}

export const isTexts: Check = (value) =>
  Array.isArray(value) && value.every((one) => typeof one === 'string') ? undefined : 'a list of texts'

/** A whole number from `least` on, up to `most` where there is a most. */
export function isCount(least: number, most = Number.MAX_SAFE_INTEGER): Check {
  const wanted = `a whole number from ${least}${most < Number.MAX_SAFE_INTEGER ? ` to ${most}` : ''}`
  return (value) =>
    typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most
      ? undefined
      : wanted
}

/** A list of kinds of content: each a lower-case letter and up to 31 letters, digits and hyphens. */
export const isWords: Check = (value) =>
  Array.isArray(value) &&
  value.length <= 16 &&
  value.every((word) => typeof word === 'string' && /^[a-z][a-z0-9-]{0,31}$/.test(word))
    ? undefined
    : 'a list of up to 16 words (a lower-case letter, then letters, digits and hyphens)'

/** A value as it is told, cut short. */
function shown(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'number') return String(value)
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    // A circle, or a bigint: its kind has to do.
  }
  text ??= String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}
