/** Completions for the shells, from the option table. */
import { type Command, commands } from './commands.ts'
import type { Option } from './option.ts'

const verbs = commands.map((command) => command.verb)

/** All spellings of an option. */
function spellings({ flag, short }: Option<unknown>): string[] {
  const long = flag.length === 1 ? `-${flag}` : `--${flag}`
  return short === undefined ? [long] : [`-${short}`, long]
}

/** Options of any verb, each once. */
function allOptions(): Option<unknown>[] {
  return [...new Map(commands.flatMap((command) => command.options).map((one) => [one.flag, one])).values()]
}

/** For bash, in the syntax of 3.2. */
export function bashCompletion(): string {
  const values = allOptions().filter((one) => one.value !== undefined)
  const words = values.filter((one) => one.choices !== undefined)
  const files = values.filter((one) => one.value === 'FILE' || one.value === 'DIR')
  const rest = values.filter((one) => !words.includes(one) && !files.includes(one))
  const pattern = (options: Option<unknown>[]) => options.flatMap(spellings).join('|')
  return `# bash completion for lswarm. Generated from the option table by "npm run generate".
_lswarm() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} i
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${verbs.join(' ')} --help --version' -- "$cur"))
    return
  fi
  for ((i = 2; i < COMP_CWORD; i++)); do
    [ "\${COMP_WORDS[i]}" = -- ] || continue
    COMPREPLY=($(compgen -c -f -- "$cur"))
    return
  done
  case $prev in
${words.map((one) => `    ${pattern([one])}) COMPREPLY=($(compgen -W '${one.choices?.join(' ')}' -- "$cur")); return ;;`).join('\n')}
    ${pattern(files)}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    ${pattern(rest)}) return ;;
  esac
  case $cur in
    -*)
      case \${COMP_WORDS[1]} in
${commands.map(({ verb, options }) => `        ${verb}) COMPREPLY=($(compgen -W '${options.flatMap(spellings).join(' ')}' -- "$cur")) ;;`).join('\n')}
      esac
      ;;
    *) [ "\${COMP_WORDS[1]}" != send ] || COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}
complete -F _lswarm lswarm
`
}

/** For zsh. */
export function zshCompletion(): string {
  return `#compdef lswarm
# zsh completion for lswarm. Generated from the option table by "npm run generate".
_lswarm() {
  local -a verbs
  verbs=(
${commands.map(({ verb, summary }) => `    ${quoted(`${verb}:${summary}`)}`).join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  ((CURRENT--))
  case $verb in
${commands.map(zshCase).join('\n')}
  esac
}
_lswarm "$@"
`
}

function zshCase({ verb, operands, command, options }: Command): string {
  const lines = options.flatMap(zshOptions).map((one) => `      ${quoted(one)}`)
  operands.forEach((operand, index) => {
    const file = operand.includes('FILE') ? '_files' : ''
    lines.push(`      ${quoted(`${index + 1}:${operand.replace(/[[\]]/g, '').toLowerCase()}:${file}`)}`)
  })
  if (command !== undefined) lines.push("      '*:::command:_normal'")
  return `    ${verb}) _arguments -s -S \\\n${lines.join(' \\\n')}\n      ;;`
}

/** A specification for each spelling; one excludes the other. */
function zshOptions(option: Option<unknown>): string[] {
  const names = spellings(option)
  const about = `[${option.summary.replaceAll('[', '').replaceAll(']', '').replaceAll(':', '\\:')}]`
  const takes = option.value === undefined ? '' : `:${option.value.toLowerCase()}:${zshValue(option)}`
  const before = option.repeat ? '*' : names.length > 1 ? `(${names.join(' ')})` : ''
  return names.map((name) => `${before}${name}${about}${takes}`)
}

function zshValue({ value, choices }: Option<unknown>): string {
  if (choices) return `(${choices.join(' ')})`
  if (value === 'FILE') return '_files'
  return value === 'DIR' ? '_directories' : ''
}

/** For fish. */
export function fishCompletion(): string {
  const lines = commands.map(
    ({ verb, summary }) => `complete -c lswarm -n __fish_use_subcommand -f -a ${verb} -d ${quoted(summary)}`,
  )
  for (const { verb, options } of commands) {
    for (const { flag, short, value, choices, summary } of options) {
      const name = flag.length === 1 ? `-s ${flag}` : `-l ${flag}`
      const takes =
        value === undefined
          ? '-f'
          : choices
            ? `-x -a ${quoted(choices.join(' '))}`
            : value === 'FILE' || value === 'DIR'
              ? '-r -F'
              : '-x'
      const alias = short === undefined ? '' : ` -s ${short}`
      lines.push(
        `complete -c lswarm -n '__fish_seen_subcommand_from ${verb}' ${name}${alias} ${takes} -d ${quoted(summary)}`,
      )
    }
  }
  return `# fish completion for lswarm. Generated from the option table by "npm run generate".\n${lines.join('\n')}\n`
}

/** In single quotes, as all three shells read them. */
function quoted(words: string): string {
  return `'${words.replaceAll("'", "'\\''")}'`
}
