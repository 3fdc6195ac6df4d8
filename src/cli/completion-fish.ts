/** For fish. */
import { commands } from './commands.ts'
import { allOptions, operandsOf, quoted, spellings, type Wanted, wantedBy } from './completion-table.ts'

export function fishCompletion(): string {
  const lines = commands.map(
    ({ verb, summary }) => `complete -c lswarm -n '__lswarm_at 0' -a ${verb} -d ${quoted(summary)}`,
  )
  return `# fish completion for lswarm. Generated from the option table by "npm run generate".
${helpers()}
complete -c lswarm -f
complete -c lswarm -n '__lswarm_at 0' -l help -s h -d 'show this help'
complete -c lswarm -n '__lswarm_at 0' -l version -s V -d 'show the version'
${[...lines, ...optionLines(), ...operandLines()].join('\n')}
complete -c lswarm -n __lswarm_runs -x -a '(__lswarm_subcommand)'
`
}

/** A line for each option, with the verbs that have it: many have the same. */
function optionLines(): string[] {
  const verbs = new Map<string, string[]>()
  for (const { verb, options } of commands) {
    for (const option of options) {
      const { flag, short, summary } = option
      const names = `${flag.length === 1 ? '-s' : '-l'} ${flag}${short === undefined ? '' : ` -s ${short}`}`
      const line = `${names}${taken(wantedBy(option))} -d ${quoted(summary)}`
      verbs.set(line, [...(verbs.get(line) ?? []), verb])
    }
  }
  return [...verbs].map(([line, those]) => `complete -c lswarm -n '__lswarm_verb ${those.join(' ')}' ${line}`)
}

function operandLines(): string[] {
  const verbs = new Map<string, string[]>()
  for (const command of commands) {
    for (const [index, wanted] of operandsOf(command).entries()) {
      if (wanted === 'nothing') continue
      const key = `${index + 1}|${wanted === 'files' ? ' -F' : taken(wanted)}`
      verbs.set(key, [...(verbs.get(key) ?? []), command.verb])
    }
  }
  return [...verbs].map(([key, those]) => {
    const cut = key.indexOf('|')
    return `complete -c lswarm -n '__lswarm_at ${key.slice(0, cut)} ${those.join(' ')}'${key.slice(cut + 1)}`
  })
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

function helpers(): string {
  const valued = allOptions().flatMap((option) => (wantedBy(option) === undefined ? [] : spellings(option)))
  const running = commands.flatMap(({ verb, command }) => (command === undefined ? [] : [verb]))
  return `
set -g __lswarm_valued ${valued.join(' ')}
set -g __lswarm_running ${running.join(' ')}

# __lswarm_operands: the verb and the operands before the cursor; fails where a command has begun.
function __lswarm_operands
    set -l is_value 0
    set -l found
    for token in (commandline -opc)[2..]
        if test $is_value = 1
            set is_value 0
        else if test "$token" = --
            contains -- "$found[1]" $__lswarm_running; and return 1
        else if string match -q -- '-*' "$token"
            contains -- "$token" $__lswarm_valued; and set is_value 1
        else
            set -a found "$token"
        end
    end
    string join \\n -- $found
    return 0
end

# __lswarm_verb VERB...: whether it is one of these.
function __lswarm_verb
    set -l there (__lswarm_operands); or return 1
    contains -- "$there[1]" $argv
end

# __lswarm_at N VERB...: whether operand N of one of these verbs is wanted; 0 is the verb itself.
function __lswarm_at
    set -l there (__lswarm_operands); or return 1
    contains -- (commandline -opc)[-1] $__lswarm_valued; and return 1
    test (count $there) -eq $argv[1]; or return 1
    test $argv[1] -eq 0; or contains -- "$there[1]" $argv[2..]
end

# __lswarm_runs: whether a command has begun; __lswarm_subcommand: what may go on there, as if it stood alone.
function __lswarm_runs
    not __lswarm_operands >/dev/null
end
function __lswarm_subcommand
    set -l tokens (commandline -opc)
    set -l at (contains -i -- -- $tokens)
    set -e tokens[1..$at]
    set -l line (string escape -- $tokens) (commandline -ct)
    complete -C "$line"
end

# __lswarm_there topics|peers: what the peers' labels say. What they say is a stranger's: it is never
# evaluated, and left out where it could not stand on a line.
function __lswarm_there --argument-names what
    set -l base "$LSWARM_DIR"
    set -l is_base 0
    for token in (commandline -opc)
        if test $is_base = 1
            set base "$token"
            set is_base 0
        else if test "$token" = --dir
            set is_base 1
        else if string match -q -- '--dir=*' "$token"
            set base (string replace -- --dir= '' "$token")
        end
    end
    if test -z "$base"
        set base /tmp/lswarm-(id -u)
        for directory in "$TMPDIR" "$TMP" "$TEMP"
            if test -n "$directory"
                set base "$directory"/lswarm-(id -u)
                break
            end
        end
        test -n "$XDG_RUNTIME_DIR" -a -O "$XDG_RUNTIME_DIR" -a ! -L "$XDG_RUNTIME_DIR"; and set base "$XDG_RUNTIME_DIR"/lswarm
    end
    test -d "$base" -a -O "$base" -a ! -L "$base"; or return
    # Whose process was killed is not in this list.
    set -l sockets
    test -r /proc/net/unix; and read -z sockets </proc/net/unix
    set -l topic (__lswarm_operands)[2]
    for file in $base/.names/*
        set -l socket (string replace -r '.*/' '' -- $file)
        test -z "$sockets"; or string match -q -- "*/.p-$socket*" "$sockets"; or continue
        # Two whole lines, or it is being written.
        set -l text
        read -z text <$file 2>/dev/null
        set -l lines (string split \\n -- $text)
        test (count $lines) -gt 2; or continue
        if test $what = topics
            set lines[1] "$lines[2]"
        else if test -n "$topic" -a "$lines[2]" != "$topic"
            continue
        end
        string match -qr '^$|^-|[[:cntrl:]]' -- "$lines[1]"; or echo -- "$lines[1]"
    end
end
`
}
