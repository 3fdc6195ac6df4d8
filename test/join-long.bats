#!/usr/bin/env bats
# `lswarm join`: lines as long as the limit and longer, and much data in little memory.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "a line of exactly the limit passes" {
  lines_of long 1 1048576 >"$WORK/in"
  listen alice
  run -0 --separate-stderr lswarm join room <"$WORK/in"
  await_lines "$WORK/alice.out" 1
  cmp "$WORK/in" "$WORK/alice.out"
}

@test "a last line of exactly the limit passes without its newline" {
  lines_of long 1 1048576 >"$WORK/in"
  listen alice
  run -0 --separate-stderr lswarm join room < <(head -c 1048575 "$WORK/in")
  await_lines "$WORK/alice.out" 1
  cmp "$WORK/in" "$WORK/alice.out"
}

@test "a line one byte past the limit is refused with a word and status 1, its neighbours arrive" {
  { echo before && lines_of long 1 1048577 && echo after; } >"$WORK/in"
  listen alice
  run -1 --separate-stderr lswarm join room <"$WORK/in"
  assert_equal "$stderr" "\
lswarm: a line longer than 1048576 bytes is not sent; use lswarm send
lswarm: 1 line longer than 1048576 bytes not sent"
  await_line "$WORK/alice.out" '^after$'
  assert_equal "$(<"$WORK/alice.out")" $'before\nafter'
}

@test "a last line past the limit is refused without its newline too" {
  { echo before && lines_of long 1 1048577; } | head -c -1 >"$WORK/in"
  listen alice
  run -1 --separate-stderr lswarm join room <"$WORK/in"
  await_line "$WORK/alice.out" '^before$'
  assert_equal "$(<"$WORK/alice.out")" before
}

@test "a line of 100 MB is refused in little memory" {
  listen bob
  talk alice
  { echo before && head -c 100000000 /dev/zero | tr '\0' x && echo && echo after; } 1<>"$WORK/alice.in"
  await_line "$WORK/bob.out" '^after$'
  assert_equal "$(<"$WORK/bob.out")" $'before\nafter'
  (($(peak_kb alice) < 130000))
  (($(peak_kb bob) < 130000))
}

@test "500 MB of lines go through in little memory" {
  listen bob
  talk alice
  lines_of flood 100000 5000 1<>"$WORK/alice.in"
  say alice after
  await_line "$WORK/bob.out" '^after$' 60
  (($(peak_kb alice) < 180000))
  (($(peak_kb bob) < 180000))
}
