/** What completions know of the option table, for all shells. */
import { ACTIONS } from '../verbs/id.ts'
import { type Command, commands } from './commands.ts'
import type { Option } from './option.ts'

/** What may stand where a value or an operand is wanted. */
export type Wanted = 'nothing' | 'files' | 'directories' | 'topics' | 'peers' | readonly string[]

/** What an option takes after it; `undefined` for a switch. */
export function wantedBy({ value, choices }: Option<unknown>): Wanted | undefined {
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
  if (word === 'VERB') return commands.map(({ verb }) => verb)
  return word.includes('|') ? word.split('|') : 'nothing'
}

/** All spellings of an option. */
export function spellings({ flag, short }: Option<unknown>): string[] {
  const long = flag.length === 1 ? `-${flag}` : `--${flag}`
  return short === undefined ? [long] : [`-${short}`, long]
}

/** Options of any verb, each once. */
export function allOptions(): Option<unknown>[] {
  return [...new Map(commands.flatMap((command) => command.options).map((one) => [one.flag, one])).values()]
}

/** In single quotes, as all three shells read them. */
export function quoted(words: string): string {
  return `'${words.replaceAll("'", "'\\''")}'`
}
