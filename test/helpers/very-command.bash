# Commands whose names and words a shell would read otherwise: `load helpers/very-command` after helpers/common and
# helpers/streams; it has their setup and teardown.

setup() {
  lswarm_setup
  # Those of bats: with one of them in its environment a worker starts no commands by shells.
  export -nf $(declare -Fx | awk '{ print $3 }')
  mkdir "$WORK/my commands"
  NAMES=(echo printf test kill true '[' read exec a=b PATH= -x -- '-a b' 'with space' $'two\nlines' '$(id)' '*' '!')
  for name in "${NAMES[@]}"; do
    # By its first line, not by its own name, each says the words that it was given.
    printf '#!/bin/bash\nread -r line\nprintf "%%s" "${0##*/}" "$line"; printf "<%%s>" "$@"\n' >"$WORK/my commands/$name"
    chmod +x "$WORK/my commands/$name"
  done
  ARGUMENTS=('a\tb' -n 'x  y' '' $'l1\nl2' '$HOME' '"' '--')
  WORDS=$(printf '<%s>' "${ARGUMENTS[@]}")
  PATH=$WORK/my\ commands:$PATH
}

teardown() {
  lswarm_teardown
}

# said_by_all FUNCTION ARG...: each command is run by FUNCTION and given the line "in": by its name, then some by a path.
said_by_all() {
  local name
  for name in "${NAMES[@]}"; do
    "$@" "$name"
    assert_equal "$SAID" "${name}in$WORDS"
  done
  cd "$WORK"
  "$@" "my commands/-x"
  assert_equal "$SAID" "-xin$WORDS"
  cd "$WORK/my commands"
  "$@" './['
  assert_equal "$SAID" "[in$WORDS"
  cd "$ROOT"
}

# handled OPTION... NAME: what it says as a handler of one call.
handled() {
  spawn server lswarm exec t --once --ready "${@:1:$#-1}" -- "${@: -1}" "${ARGUMENTS[@]}"
  await_ready server
  SAID=$(echo in | lswarm connect t --timeout 30s)
  expect server 0
}

worked() {
  spawn worker lswarm exec t --queue --ready -- "$1" "${ARGUMENTS[@]}"
  await_ready worker
  SAID=$(echo in | lswarm send t --queue --timeout 30s)
  kill -TERM "${PIDS[worker]}"
  await_exit worker
}

sent() {
  spawn one lswarm recv t
  echo in | lswarm send t --timeout 30s -- "$1" "${ARGUMENTS[@]}"
  expect one 0
  SAID=$(<"$WORK/one.out")
}

received() {
  spawn one lswarm recv t -- "$1" "${ARGUMENTS[@]}"
  echo in | lswarm send t --timeout 30s
  expect one 0
  SAID=$(<"$WORK/one.out")
}

connected() {
  spawn server lswarm exec t --once --ready -- sh -c 'echo in; cat >"$0"' "$WORK/said"
  await_ready server
  lswarm connect t --timeout 30s -- "$1" "${ARGUMENTS[@]}"
  expect server 0
  SAID=$(<"$WORK/said")
}
