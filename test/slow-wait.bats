#!/usr/bin/env bats
# `lswarm join` without --slow: a peer that takes nothing is waited for, then cut off.

load helpers/common
load helpers/rooms
load helpers/stopped

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "--slow wait is what a pipe gets: the stopped peer is cut off loudly, and the others go on" {
  beside_stopped
  lines_of writer 20000 1000 >"$WORK/in"
  spawn pouring bash -c 'cat "$1/in" 1<>"$1/writer.in"' _ "$WORK"
  await_line "$WORK/writer.err" '"message":"carol takes nothing"'
  ((20000 > $(grep -c '' "$WORK/alice.out")))
  await_line "$WORK/writer.err" 'carol took nothing for 30 s: cut off' 90
  await_lines "$WORK/alice.out" 20000
  cmp "$WORK/in" "$WORK/alice.out"
}
