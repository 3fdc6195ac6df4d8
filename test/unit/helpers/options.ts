/** Wrong options, given as a program in JavaScript can. */
import { swarmError } from './errors.ts'

/** OPTION_INVALID, with a message that has the option's name. */
export function refuses(name: string): (error: unknown) => true {
  return swarmError('OPTION_INVALID', new RegExp(`\\b${name}\\b`))
}

/** Calls it as a program in JavaScript can, with anything. */
export function loosely<T>(call: (...args: never[]) => T): (...args: unknown[]) => T {
  return (...args) => Reflect.apply(call, undefined, args)
}
