#!/usr/bin/env bats
# The command that a worker, `send`, `recv` or `connect` starts is the program of that name, word for word.

load helpers/common
load helpers/streams
load helpers/very-command

@test "exec --queue" {
  said_by_all worked
}

@test "send, recv and connect" {
  NAMES=(echo -x)
  said_by_all sent
  said_by_all received
  said_by_all connected
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
