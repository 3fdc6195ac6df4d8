#!/usr/bin/env bats
# `lswarm join --slow cut` and `--slow wait`: what happens beside a peer that takes nothing.

load helpers/common
load helpers/rooms
load helpers/stopped

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "--slow cut: the stopped peer is cut off and named, the others get every line" {
  beside_stopped --slow cut
  pour 20000
  await_line "$WORK/writer.err" 'carol was too slow: cut off'
  await_lines "$WORK/alice.out" 20000
  cmp "$WORK/in" "$WORK/alice.out"
  await_line "$WORK/writer.out" '"event":"leave".*"name":"carol"'
}

@test "--slow cut: who was cut off gets whole lines, and learns that the link was lost" {
  listen carol --json
  talk writer --slow cut
  # All that comes after the stop may be a part of one long frame.
  pour 5
  await_lines "$WORK/carol.out" 6
  kill -STOP "${PIDS[carol]}"
  pour 20000
  await_line "$WORK/writer.err" 'cut off'
  kill -CONT "${PIDS[carol]}"
  await_line "$WORK/carol.out" '"event":"leave".*"reason":"the '
  run -0 objects "$WORK/carol.out" 'o.line?.length'
  assert_equal "$(sort -u <<<"$output")" 999
}

@test "--slow wait holds everything back for a stopped peer, names it, and nobody misses a line when it goes on" {
  beside_stopped --slow wait
  lines_of writer 100000 1000 >"$WORK/in"
  spawn pouring bash -c 'cat "$1/in" 1<>"$1/writer.in"' _ "$WORK"
  await_line "$WORK/writer.err" '"message":"carol takes nothing"'
  ((100000 > $(grep -c '' "$WORK/alice.out")))
  (($(peak_kb writer) < 180000))
  kill -CONT "${PIDS[carol]}"
  await_exit pouring
  await_end
  await_lines "$WORK/alice.out" 100000
  cmp "$WORK/in" "$WORK/alice.out"
  cmp "$WORK/in" "$WORK/carol.out"
}

@test "a peer that was stopped for a while is still in the room" {
  beside_stopped --slow wait
  say writer one
  await_line "$WORK/alice.out" '^one$'
  kill -CONT "${PIDS[carol]}"
  say writer two
  await_line "$WORK/carol.out" '^two$'
  assert_equal "$(<"$WORK/carol.out")" $'one\ntwo'
}

@test "a writer that was stopped goes on where it was" {
  beside_stopped --slow wait
  kill -CONT "${PIDS[carol]}"
  kill -STOP "${PIDS[writer]}"
  # Longer than the re-scan of the others.
  run -124 lswarm wait room -n 9 --timeout 5s
  kill -CONT "${PIDS[writer]}"
  say writer hello
  await_line "$WORK/alice.out" '^hello$'
  await_line "$WORK/carol.out" '^hello$'
  run -0 objects "$WORK/writer.out" 'o.event'
  assert_output $'join\njoin'
}
