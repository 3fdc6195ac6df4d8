# bash completion for lswarm, in the syntax of 3.2, which macOS has; with or without the package bash-completion.
# Between the lines "generated: NAME" and "end of NAME" stands what "npm run generate" writes there.
# shellcheck shell=bash disable=SC2086,SC2207 # Lists of words are cut into words.

# _lswarm_split: cuts the line before the cursor into words, as the shell reads them. Sets words to those that are
# complete, word to the last one and quote to its open quote; redirected, where that is a file's name; kept to how
# much of it stays as it is typed, where readline puts in only what follows a colon or a quote.
_lswarm_split() {
  local line=${COMP_LINE:0:COMP_POINT} i char before=0 begun=''
  words=() word='' quote='' redirected='' kept=0
  for ((i = 0; i < ${#line}; i++)); do
    char=${line:i:1}
    case $quote$char in
      \' | \") quote=$char before=$kept kept=${#word} begun=1 ;;
      \'\' | \"\") quote='' kept=$before ;;
      \'*) word+=$char ;;
      \"\\)
        case ${line:i+1:1} in
          [\"\\\$\`]) i=$((i + 1)) && word+=${line:i:1} ;;
          *) word+=$char ;;
        esac
        ;;
      \"*) word+=$char ;;
      \\) i=$((i + 1)) && word+=${line:i:1} begun=1 ;;
      [\<\>]) redirected=1 word='' kept=0 begun='' ;;
      [[:space:]])
        # After a redirection stands a file's name, maybe after spaces; neither is the command's.
        if [ -n "$redirected" ]; then
          [ -z "$begun" ] || redirected=''
        elif [ -n "$begun" ]; then
          words[${#words[@]}]=$word
        fi
        word='' kept=0 begun=''
        ;;
      *)
        word+=$char begun=1
        case $COMP_WORDBREAKS in *"$char"*) kept=${#word} ;; esac
        ;;
    esac
  done
}

# _lswarm_quote TEXT: sets quoted to TEXT as it has to be typed in the open quote, or outside of any.
_lswarm_quote() {
  local i char
  if [ -z "$quote" ] && [ -n "$1" ]; then
    printf -v quoted %q "$1"
    return
  fi
  quoted=''
  for ((i = 0; i < ${#1}; i++)); do
    char=${1:i:1}
    case $quote$char in
      \'\') quoted+="'\\''" ;;
      \"[\"\\\$\`]) quoted+=\\$char ;;
      # Which the shell would take for its history, whatever stands before it.
      \"!) return 1 ;;
      *) quoted+=$char ;;
    esac
  done
}

# _lswarm_offer PREFIX WORD...: those that go on what is typed.
_lswarm_offer() {
  local prefix=$1 one quoted
  shift
  for one; do
    one=$prefix$one
    if [ "${one:0:${#word}}" = "$word" ] && _lswarm_quote "${one:kept}"; then
      COMPREPLY[${#COMPREPLY[@]}]=$quoted
    fi
  done
}

# _lswarm_there topics|peers DIRECTORY [TOPIC]: sets there to what the peers' labels say. What they say is
# a stranger's: it is never evaluated, and left out where it could not stand on a line.
_lswarm_there() {
  local base=$2 file sockets='' name topic
  there=()
  if [ -z "$base" ]; then
    base=${TMPDIR:-${TMP:-${TEMP:-/tmp}}}/lswarm-$UID
    if [ -n "${XDG_RUNTIME_DIR-}" ] && [ -O "$XDG_RUNTIME_DIR" ] && [ ! -L "$XDG_RUNTIME_DIR" ]; then base=$XDG_RUNTIME_DIR/lswarm; fi
  fi
  if [ ! -d "$base" ] || [ ! -O "$base" ] || [ -L "$base" ]; then return; fi
  # Whose process was killed is not in this list. (Read with $(<...), bash 5.2 forgets the line that is being typed.)
  if [ -r /proc/net/unix ]; then IFS= read -r -d '' sockets </proc/net/unix; fi
  for file in "$base"/.names/*; do
    case $sockets in '' | *"/.p-${file##*/}"*) ;; *) continue ;; esac
    name='' topic=''
    { IFS= read -r name && IFS= read -r topic; } 2>/dev/null <"$file" || continue
    if [ "$1" = topics ]; then
      name=$topic
    elif [ -n "${3-}" ] && [ "$topic" != "$3" ]; then
      continue
    fi
    case $name in '' | -* | *[[:cntrl:]]*) ;; *) there[${#there[@]}]=$name ;; esac
  done
}

# _lswarm_value OPTION: sets what to what the option takes; fails for a switch.
_lswarm_value() {
  case $1 in
    # generated: values
    -n | --count | --linger | --prefix | --name | --listen | --connect | --bootstrap | --peer | --port | --retry | --max-retries | --key-fd | --allow | --deny | --max-peers | --timeout | --ready-fd | --size | --drop-slow | --retries | --max | --max-per-peer | --kill-after | --id | --type | --from | --history | --interval | --host) what=nothing ;;
    --to | --gone) what=peers ;;
    --slow) what=' wait drop cut' ;;
    --tls-key | --tls-cert | --tls-ca | --key-file | --seed-file | -o | --output) what=files ;;
    --dir) what=directories ;;
    --digest) what=' sample crc32 blake2b' ;;
    --progress) what=' auto bar json none' ;;
    --busy) what=' wait refuse' ;;
    # end of values
    *) return 1 ;;
  esac
}

# _lswarm_operand VERB N: sets what to what the verb's operand N is.
_lswarm_operand() {
  case $1.$2 in
    # generated: operands
    join.0 | send.0 | recv.0 | exec.0 | connect.0 | listen.0 | pub.0 | sub.0 | bridge.0 | wait.0 | peers.0 | top.0) what=topics ;;
    send.1) what=files ;;
    id.0) what=' new show list trust forget' ;;
    key.0) what=' new word id' ;;
    completion.0) what=' bash zsh fish' ;;
    # end of operands
    *) what=nothing ;;
  esac
}

# _lswarm_options VERB: sets what to its options.
_lswarm_options() {
  case $1 in
    # generated: options
    join) what='-n --count --to -d --slow --linger --plain --time --bell --prefix -0 --null -k --keep --no-wait --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' ;;
    send) what='-n --count --to --digest --size --drop-slow --progress --queue --ordered --retries -0 --null --no-wait --raw --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' ;;
    recv) what='-o --output --progress -k --keep --no-wait --raw --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' ;;
    exec) what='--queue --max --max-per-peer --busy --pipes --once --kill-after --raw --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' ;;
    connect) what='--to --all --prefix -0 --null --no-wait --raw --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' ;;
    listen) what='-k --keep --raw --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' ;;
    pub) what='-n --count --id --type -0 --null --no-wait --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' ;;
    sub) what='-n --count --from --history --require-known --strict --type --prefix -0 --null --no-wait --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' ;;
    id) what='--json --timeout -q --quiet -v --verbose -h --help -V --version' ;;
    bridge) what='--progress --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' ;;
    wait) what='-n --count --gone --no-wait --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose --ready --ready-fd -h --help -V --version' ;;
    peers) what='--dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose -h --help -V --version' ;;
    topics) what='--dir --timeout --json -q --quiet -v --verbose -h --help -V --version' ;;
    top) what='--interval --once --name --dht --lan --listen --connect --bootstrap --peer --port --tls-key --tls-cert --tls-ca --retry --max-retries --public --key-file --key-fd --allow --deny --seed-file --max-peers --local-only --dir --timeout --json -q --quiet -v --verbose -h --help -V --version' ;;
    key) what='--seed-file --timeout -q --quiet -v --verbose -h --help -V --version' ;;
    bootstrap) what='--host --port --timeout -q --quiet -v --verbose -h --help -V --version' ;;
    completion) what='--install --json --timeout -q --quiet -v --verbose -h --help -V --version' ;;
    limits) what='--json --timeout -q --quiet -v --verbose -h --help -V --version' ;;
    # end of options
    *) what='' ;;
  esac
}

# generated: verbs
_lswarm_verbs='join send recv exec connect listen pub sub id bridge wait peers topics top key bootstrap completion limits'
_lswarm_runs='send recv exec connect'
# end of verbs

# _lswarm_files default|dirnames: lets readline complete the name of a file.
_lswarm_files() {
  if type compopt >/dev/null 2>&1; then compopt -o "$1"; fi
}

# _lswarm_command: what stands after --, as if it stood alone.
_lswarm_command() {
  local i=0
  while [ "${COMP_WORDS[i]}" != -- ]; do i=$((i + 1)); done
  if type _command_offset >/dev/null 2>&1; then
    _command_offset $((i + 1))
  elif [ "$COMP_CWORD" -eq $((i + 1)) ]; then
    IFS=$'\n'
    COMPREPLY=($(compgen -c -- "$word"))
  else
    _lswarm_files default
  fi
}

_lswarm() {
  local words word quote redirected kept what there dir=${LSWARM_DIR-} topic='' verb option='' prefix='' one operands=0 i
  local IFS=$' \t\n'
  COMPREPLY=()
  _lswarm_split
  verb=${words[1]-}
  if [ -n "$redirected" ]; then
    _lswarm_files default
    return
  elif [ ${#words[@]} -eq 1 ]; then
    _lswarm_offer '' $_lswarm_verbs --help --version
    return
  fi
  for ((i = 2; i < ${#words[@]}; i++)); do
    one=${words[i]}
    if [ -n "$option" ]; then
      if [ "$option" = --dir ]; then dir=$one; fi
      option=''
      continue
    fi
    case $one in
      --)
        case " $_lswarm_runs " in *" $verb "*) _lswarm_command && return ;; esac
        ;;
      --dir=*) dir=${one#*=} ;;
      -?*) if _lswarm_value "$one"; then option=$one; fi ;;
      *)
        if [ "$operands" -eq 0 ]; then topic=$one; fi
        operands=$((operands + 1))
        ;;
    esac
  done
  case $option$word in
    --*=*)
      prefix=${word%%=*}=
      if [ -n "$option" ] || ! _lswarm_value "${word%%=*}"; then return; fi
      ;;
    -*)
      if [ -n "$option" ]; then
        _lswarm_value "$option"
      else
        _lswarm_options "$verb"
        _lswarm_offer '' $what
        return
      fi
      ;;
    *) _lswarm_operand "$verb" "$operands" ;;
  esac
  case $what in
    files) _lswarm_files default ;;
    directories) _lswarm_files dirnames ;;
    topics | peers)
      _lswarm_there "$what" "$dir" "$topic"
      if [ ${#there[@]} -gt 0 ]; then _lswarm_offer "$prefix" "${there[@]}"; fi
      ;;
    ' '*) _lswarm_offer "$prefix" $what ;;
  esac
}

# In bash 3.2 nothing can ask for files when they are wanted: there they are offered where nothing else is.
if type compopt >/dev/null 2>&1; then
  complete -F _lswarm lswarm
else
  complete -o default -F _lswarm lswarm
fi
