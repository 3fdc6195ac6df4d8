/** What the completion for bash says of verbs, options and operands. */
import { commands } from './commands.ts'
import {
  grouped,
  operandsOf,
  quoted,
  runningVerbs,
  spellings,
  valuedOptions,
  type Wanted,
  wantedBy,
} from './completion-table.ts'

export function bashParts() {
  const values = valuedOptions().flatMap((option) =>
    spellings(option).map((spelling) => [inBash(wantedBy(option)), spelling] as const),
  )
  const operands = commands.flatMap((command) =>
    operandsOf(command).map((wanted, index) => [inBash(wanted), `${command.verb}.${index}`] as const),
  )
  return {
    values: cases(values),
    operands: cases(operands.filter(([wanted]) => wanted !== 'nothing')),
    options: commands.map(
      ({ verb, options }) => `    ${verb}) what=${quoted(options.flatMap(spellings).join(' '))} ;;`,
    ),
    verbs: [
      `_lswarm_verbs='${commands.map(({ verb }) => verb).join(' ')}'`,
      `_lswarm_runs='${runningVerbs()}'`,
    ],
  }
}

/** Those for which the same is wanted, in one line. */
function cases(pairs: readonly (readonly [wanted: string, pattern: string])[]): string[] {
  return grouped(pairs).map(([wanted, patterns]) => `    ${patterns.join(' | ')}) what=${wanted} ;;`)
}

/** Words are told from a kind by the space before them. */
function inBash(wanted: Wanted = 'nothing'): string {
  return typeof wanted === 'string' ? wanted : quoted(` ${wanted.join(' ')}`)
}
