/** What a verb is as a user types it, and what those in `commands/` have in common. */
import { SwarmError } from '../errors.ts'
import type { CommandLine } from '../io/command.ts'
import type { Separator } from '../protocol/link.ts'
import { type CommonOptions, type Context, withArticle } from '../verbs/context.ts'
import type { LineFormat } from '../verbs/line-format.ts'
import { networkOptions } from './network.ts'
import type { Given, Option } from './option.ts'
import * as option from './options.ts'

/** What was typed after the verb, read through the options' own rules. */
export interface Args extends Given {
  readonly operands: readonly string[]
  /** What stood after `--`, for a verb that runs a command. */
  readonly command: CommandLine | undefined
}

export interface Command {
  readonly verb: string
  readonly summary: string
  /** Whether a command follows `--`. */
  readonly command?: 'needed' | 'allowed'
  /** Operands as help shows them; in brackets those that may be left out. */
  readonly operands: readonly string[]
  readonly options: readonly Option<unknown>[]
  /** A line to type, and what it does. */
  readonly examples: readonly (readonly [line: string, does: string])[]
  /** Exit statuses that mean more here than in lswarm(1): a table of its manual page. */
  readonly statuses?: readonly (readonly [status: string, meaning: string])[]
  /** `--timeout` is for something that the verb does, not for all of it. */
  readonly ownTimeout?: boolean
  /** @returns a number is the status to end with; anything else is 0 */
  run(context: Context, args: Args): Promise<unknown>
}

/** What every verb takes. */
export const everywhere: readonly Option<unknown>[] = [
  option.common.timeout,
  option.common.quiet,
  option.common.verbose,
  option.common.help,
  option.common.version,
]

/** What a verb takes that says something beside its result. */
export const talking: readonly Option<unknown>[] = [option.common.json, ...everywhere]

/** What a verb takes that looks at peers, and is met by none of them. */
export const looking: readonly Option<unknown>[] = Object.values(option.common).filter(
  (one) => one !== option.common.ready && one !== option.common.readyFd,
)

/** What every verb that meets others takes. */
export const meeting: readonly Option<unknown>[] = [
  option.name,
  ...networkOptions,
  ...Object.values(option.common),
]

/** The same, of a verb that looks at a topic. */
export const lookingAt: readonly Option<unknown>[] = [...networkOptions, ...looking]

/** The same with an option that means something of the verb's own. */
export function meetingWith(own: Option<unknown>): readonly Option<unknown>[] {
  return meeting.map((one) => (one.flag === own.flag ? own : one))
}

/** What every verb on a topic needs. */
export function commonOf(args: Args): CommonOptions {
  return { topic: args.operands[0] ?? '', dir: args.get(option.common.dir), name: args.get(option.name) }
}

/** How lines are cut and written. */
export function linesOf(args: Args): { separator: Separator; format: LineFormat } {
  return {
    separator: args.get(option.nul) ? 0 : 10,
    format: { json: args.get(option.common.json), prefix: args.get(option.prefix) },
  }
}

/** @throws SwarmError OPTION_INVALID when operands are missing, or too many */
export function checkOperands(command: Command, operands: readonly string[]): void {
  const wanted = command.operands.filter((operand) => !operand.startsWith('['))
  const missing = wanted[operands.length]
  if (missing !== undefined)
    throw new SwarmError('OPTION_INVALID', `${command.verb} takes ${withArticle(missing)}`)
  const extra = command.operands.at(-1)?.endsWith('...]') ? undefined : operands[command.operands.length]
  if (extra !== undefined)
    throw new SwarmError('OPTION_INVALID', `${command.verb} does not take ${JSON.stringify(extra)}`)
}
