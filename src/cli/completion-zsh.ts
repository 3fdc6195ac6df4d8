/** For zsh. */
import { type Command, commands } from './commands.ts'
import { operandsOf, quoted, spellings, type Wanted, wantedBy } from './completion-table.ts'
import type { Option } from './option.ts'

export function zshCompletion(): string {
  return `#compdef lswarm
# zsh completion for lswarm. Generated from the option table by "npm run generate".
${HELPERS}
_lswarm() {
  local curcontext=$curcontext state state_descr line
  local -A opt_args
  local -a verbs typed=("\${(@)words[1,CURRENT-1]}")
  verbs=(
${commands.map(({ verb, summary }) => `    ${quoted(`${verb}:${summary}`)}`).join('\n')}
  )
  if ((CURRENT == 2)); then
    _describe verb verbs
    compadd -- --help --version
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

const HELPERS = `
# _lswarm_there topics|peers [TOPIC]: sets there to what the peers' labels say. What they say is a
# stranger's: it is never evaluated, and left out where it could not stand on a line.
_lswarm_there() {
  local base=\${(Q)opt_args[--dir]:-$LSWARM_DIR} file sockets name topic
  there=()
  if [[ -z $base ]]; then
    base=\${TMPDIR:-\${TMP:-\${TEMP:-/tmp}}}/lswarm-$UID
    [[ -n $XDG_RUNTIME_DIR && -O $XDG_RUNTIME_DIR && ! -L $XDG_RUNTIME_DIR ]] && base=$XDG_RUNTIME_DIR/lswarm
  fi
  [[ -d $base && -O $base && ! -L $base ]] || return
  # Whose process was killed is not in this list.
  [[ -r /proc/net/unix ]] && sockets=$(</proc/net/unix)
  for file in $base/.names/*(N.); do
    [[ -z $sockets || $sockets == *"/.p-\${file##*/}"* ]] || continue
    name= topic=
    { IFS= read -r name && IFS= read -r topic } 2>/dev/null <$file || continue
    if [[ $1 == topics ]]; then
      name=$topic
    elif [[ -n $2 && $topic != $2 ]]; then
      continue
    fi
    [[ -z $name || $name == -* || $name == *[[:cntrl:]]* ]] || there+=("$name")
  done
}

_lswarm_topics() {
  local -aU there
  local expl
  _lswarm_there topics
  _wanted topics expl topic compadd -a - there
}

_lswarm_peers() {
  local -aU there
  local expl
  _lswarm_there peers "\${(Q)line[1]}"
  _wanted peers expl peer compadd -a - there
}

# What stands after --, as if it stood alone.
_lswarm_command() {
  if ((typed[(Ie)--])); then
    _normal
  else
    compadd -- --
  fi
}
`
