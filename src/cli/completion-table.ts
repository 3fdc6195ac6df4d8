/** What completions know of the option table, for all shells. */
import { ACTIONS } from '../verbs/id.ts'
import type { Command } from './command.ts'
import { commands } from './commands.ts'
import { dashed, type Option } from './option.ts'

/** What may stand where a value or an operand is wanted. */
export type Wanted = 'nothing' | 'files' | 'directories' | 'topics' | 'peers' | readonly string[]

/** What an option takes after it; `undefined` for a switch. */
export function wantedBy({ value, choices }: Pick<Option<unknown>, 'value' | 'choices'>): Wanted | undefined {
  return value === undefined ? undefined : (choices ?? wantedAs(value))
}

/** What the operands of a verb are. */
export function operandsOf({ operands }: Command): Wanted[] {
  return operands.map((operand) => wantedAs(operand.replace(/[[\]]/g, '')))
}

/** What is meant by the words that help has for it. */
function wantedAs(word: string): Wanted {
  if (word === 'TOPIC') return 'topics'
  if (word === 'PEER') return 'peers'
  if (word === 'FILE') return 'files'
  if (word === 'DIR') return 'directories'
  if (word === 'ACTION') return Object.keys(ACTIONS)
  return word.includes('|') ? word.split('|') : 'nothing'
}

/** All spellings of an option. */
export function spellings({ flag, short }: Option<unknown>): string[] {
  return short === undefined ? [dashed(flag)] : [dashed(short), dashed(flag)]
}

/** Options of any verb that take a value, each once. */
export function valuedOptions(): Option<unknown>[] {
  const byFlag = new Map(commands.flatMap(({ options }) => options.map((one) => [one.flag, one])))
  return [...byFlag.values()].filter(({ value }) => value !== undefined)
}

/** The verbs that a command may follow. */
export function runningVerbs(): string {
  return commands.flatMap(({ verb, command }) => (command === undefined ? [] : [verb])).join(' ')
}

/** What has the same key, together, in the order in which it came. */
export function grouped(
  pairs: readonly (readonly [key: string, one: string])[],
): [key: string, all: string[]][] {
  const groups = new Map<string, string[]>()
  for (const [key, one] of pairs) groups.set(key, [...(groups.get(key) ?? []), one])
  return [...groups]
}

/** In single quotes, as all three shells read them. */
export function quoted(words: string): string {
  return `'${words.replaceAll("'", "'\\''")}'`
}
