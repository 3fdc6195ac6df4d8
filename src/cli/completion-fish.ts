/** What the completion for fish says of verbs, options and operands. */
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

export function fishParts() {
  const verbs = commands.map(({ verb, summary }) => `${when('at 0')} -a ${verb} -d ${quoted(summary)}`)
  const options = commands.flatMap(({ verb, options }) =>
    options.map(({ flag, short, summary, ...option }) => {
      const names = `${flag.length === 1 ? '-s' : '-l'} ${flag}${short === undefined ? '' : ` -s ${short}`}`
      return [`${when('verb VERBS')} ${names}${taken(wantedBy(option))} -d ${quoted(summary)}`, verb] as const
    }),
  )
  const operands = commands.flatMap((command) =>
    operandsOf(command).flatMap((wanted, index) => {
      if (wanted === 'nothing') return []
      const what = wanted === 'files' ? ' -F' : taken(wanted)
      return [[`${when(`at ${index + 1} VERBS`)}${what}`, command.verb] as const]
    }),
  )
  return {
    names: [
      `set -g __lswarm_valued ${valuedOptions().flatMap(spellings).join(' ')}`,
      `set -g __lswarm_running ${runningVerbs()}`,
    ],
    // Many verbs have the same: one line names them all.
    options: [
      ...verbs,
      ...[options, operands].flatMap((pairs) =>
        grouped(pairs).map(([line, those]) => line.replace('VERBS', those.join(' '))),
      ),
    ],
  }
}

function when(condition: string): string {
  return `complete -c lswarm -n '__lswarm_${condition}'`
}

function taken(wanted: Wanted | undefined): string {
  if (wanted === undefined) return ''
  if (typeof wanted !== 'string') return ` -x -a ${quoted(wanted.join(' '))}`
  return {
    nothing: ' -x',
    files: ' -r -F',
    directories: " -x -a '(__fish_complete_directories)'",
    topics: " -x -a '(__lswarm_there topics)'",
    peers: " -x -a '(__lswarm_there peers)'",
  }[wanted]
}
