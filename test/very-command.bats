#!/usr/bin/env bats
# The command that is started is the program of that name, word for word, whatever a shell would make of the words.

load helpers/common
load helpers/streams

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

@test "exec" {
  NAMES=(echo '[' a=b -x 'with space' $'two\nlines')
  said_by_all handled
}

@test "exec --pipes" {
  said_by_all handled --pipes
}

@test "exec --queue" {
  said_by_all worked
}

@test "send, recv and connect" {
  NAMES=(echo -x)
  said_by_all sent
  said_by_all received
  said_by_all connected
}

@test "exec --pipes: echo and printf of the system, not of a shell" {
  PATH=${PATH#*:}
  ARGUMENTS=('a\tb' -n)
  handled --pipes echo
  assert_equal "$SAID" 'a\tb -n'
  ARGUMENTS=('%s\n' -- x)
  handled --pipes printf
  assert_equal "$SAID" $'--\nx'
}

@test "exec --pipes and --queue need no program of a PATH of one's own, and take none" {
  mkdir "$WORK/only"
  printf '#!/bin/bash\nread -r line; printf "mine %%s" "$line"\n' >"$WORK/only/mine"
  for name in sh cat mkfifo env; do printf '#!/bin/bash\necho wrong; exit 9\n' >"$WORK/only/$name"; done
  chmod +x "$WORK/only/"*
  node=$(command -v node)
  ARGUMENTS=()
  lswarm() {
    if [[ $1 == exec ]]; then PATH=$WORK/only "$node" "$ROOT/bin/lswarm.cjs" "$@"; else command lswarm "$@"; fi
  }
  handled --pipes mine
  assert_equal "$SAID" 'mine in'
  worked mine
  assert_equal "$SAID" 'mine in'
}

@test "exec --pipes: a command that is gone or cannot be run any more is told to the caller" {
  for how in 'rm' 'chmod -x'; do
    for name in gone -gone; do
      printf '#!/bin/bash\n' >"$WORK/my commands/$name"
      chmod +x "$WORK/my commands/$name"
      spawn server lswarm exec t --once --ready --pipes -- "$name"
      await_ready server
      $how -- "$WORK/my commands/$name"
      [[ $how == rm ]] && expected=127 || expected=126
      run -$expected --separate-stderr lswarm connect t --timeout 30s </dev/null
      await_exit server
    done
  done
}
