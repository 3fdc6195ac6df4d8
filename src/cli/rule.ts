/** A rule about options that go together, or do not: its parts, whether a command line keeps it, and its words. */
import { SwarmError } from '../errors.ts'
import type { Args, Command } from './command.ts'
import { dashed } from './option.ts'

/** An option by its long name with its dashes, or something else that may stand on a command line. */
export type Part = `-${string}` | Other

export interface Other {
  /** What messages and manual pages call it. */
  readonly name: string
  /** Its option, if it is one that has a certain value. */
  readonly flag?: string
  isGiven(args: Args): boolean
}

export interface Rule {
  readonly part: Part
  /** `part` needs one of the others; it excludes each of them; or it excludes all options but them. */
  readonly kind: 'needs' | 'excludes' | 'allows'
  readonly others: readonly Part[]
  readonly why?: string | undefined
}

const rule =
  (kind: Rule['kind']) =>
  (part: Part, others: readonly Part[], why?: string): Rule => ({
    part,
    kind,
    others,
    why,
  })
export const needs = rule('needs')
export const excludes = rule('excludes')
export const allows = rule('allows')

export const COMMAND: Other = { name: 'a command', isGiven: ({ command }) => command !== undefined }

export function operand(name: string, at: number): Other {
  return { name, isGiven: ({ operands }) => operands[at] !== undefined }
}

/** Rules in words: under what condition (`not with --queue`), and what. */
export function describeRules(
  rules: readonly Rule[],
): readonly (readonly [condition: string, what: string])[] {
  const found = new Map<string, string[]>()
  for (const { part, kind, others } of rules) {
    const names = others.map(nameOf)
    const condition = {
      needs: `only with ${names.join(' or ')}`,
      excludes: `not with ${nameOf(part)}`,
      allows: `with ${nameOf(part)} only`,
    }[kind]
    const what = kind === 'needs' ? [nameOf(part)] : names
    found.set(condition, [...(found.get(condition) ?? []), ...what])
  }
  return [...found].map(([condition, names]) => [condition, [...new Set(names)].join(', ')])
}

/** What a rule calls a part, whether or not it was typed. */
function nameOf(part: Part): string {
  return typeof part === 'string' ? part : part.name
}

/**
 * @throws SwarmError OPTION_INVALID, naming two parts of the command line that exclude each other, or one that needs
 * another, as they were typed
 */
export function checkRules(rules: readonly Rule[], command: Command, args: Args): void {
  for (const { part, kind, others, why } of rules) {
    if (!isGiven(part, args)) continue
    const one = typedName(part, args)
    if (kind === 'needs') {
      if (others.some((other) => isGiven(other, args))) continue
      const needed = others.map(nameOf).join(' or ')
      const reason = why === undefined ? '' : `: ${why}`
      throw new SwarmError('OPTION_INVALID', `${one} goes with ${needed}${reason}`)
    }
    const isRefused = (other: Part) => others.includes(other) === (kind === 'excludes')
    const parts: readonly Part[] =
      kind === 'excludes' ? others : [...command.options.map(({ flag }) => dashed(flag)), COMMAND]
    const other = parts.find((each) => each !== part && isRefused(each) && isGiven(each, args))
    if (other === undefined) continue
    const another = typedName(other, args)
    throw why === undefined
      ? new SwarmError('OPTION_INVALID', `${another} and ${one} exclude each other`)
      : new SwarmError('OPTION_INVALID', `${another} and ${one} exclude each other: ${why}`)
  }
}

function isGiven(part: Part, args: Args): boolean {
  return typeof part === 'string' ? args.typed.has(part.replace(/^-+/, '')) : part.isGiven(args)
}

function typedName(part: Part, args: Args): string {
  const flag = typeof part === 'string' ? part.replace(/^-+/, '') : part.flag
  return (flag === undefined ? undefined : args.typed.get(flag)?.dashed) ?? nameOf(part)
}
