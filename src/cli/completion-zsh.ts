/** What the completion for zsh says of verbs, options and operands. */
import type { Command } from './command.ts'
import { commands } from './commands.ts'
import { operandsOf, quoted, spellings, type Wanted, wantedBy } from './completion-table.ts'
import type { Option } from './option.ts'

export function zshParts() {
  return {
    verbs: commands.map(({ verb, summary }) => `    ${quoted(`${verb}:${summary}`)}`),
    options: commands.map(zshCase),
  }
}

function zshCase(command: Command): string {
  const lines = command.options.flatMap(specifications).map(quoted)
  for (const [index, wanted] of operandsOf(command).entries()) {
    const operand = command.operands[index] ?? ''
    const many = operand.endsWith('...]')
    const label = operand.includes('|') ? 'what' : operand.replace(/[[\].]/g, '').toLowerCase()
    lines.push(quoted(`${many ? '*' : index + 1}:${label}:${action(wanted)}`))
  }
  if (command.command !== undefined) lines.push("'*:::command:_lswarm_command'")
  return `    ${command.verb}) _arguments -s -S \\\n${lines.map((one) => `      ${one}`).join(' \\\n')}\n      ;;`
}

/** One for each spelling; one excludes the other. */
function specifications(option: Option<unknown>): string[] {
  const names = spellings(option)
  const about = `[${option.summary.replace(/[[\]]/g, '').replaceAll(':', '\\:')}]`
  const wanted = wantedBy(option)
  const before = option.repeat ? '*' : names.length > 1 ? `(${names.join(' ')})` : ''
  return names.map((name) => {
    if (wanted === undefined) return `${before}${name}${about}`
    const joined = name.startsWith('--') ? '=' : '+'
    return `${before}${name}${joined}${about}:${option.value?.toLowerCase().replaceAll(':', ' ')}:${action(wanted)}`
  })
}

function action(wanted: Wanted): string {
  if (typeof wanted !== 'string') return `(${wanted.join(' ')})`
  return {
    nothing: '',
    files: '_files',
    directories: '_directories',
    topics: '_lswarm_topics',
    peers: '_lswarm_peers',
  }[wanted]
}
