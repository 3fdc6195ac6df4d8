#!/usr/bin/env bats
# `send --to` and `--no-wait`: the receivers that a sender chooses.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "--to sends to that peer only, and another takes the next sender" {
  receiver one
  receiver other
  run -0 --separate-stderr lswarm send t --to one < <(echo first)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" first
  run -0 --separate-stderr lswarm send t < <(echo second)
  expect other 0
  assert_equal "$(<"$WORK/other.out")" second
}

@test "--to given twice sends to both" {
  for name in one two three; do receiver "$name"; done
  run -0 --separate-stderr lswarm send t --to one --to two -n 2 < <(echo hello)
  expect one 0
  expect two 0
  assert_equal "$(cat "$WORK/one.out" "$WORK/two.out" "$WORK/three.out")" $'hello\nhello'
}

@test "--to takes the beginning of an id" {
  receiver one
  receiver other
  id=$(sed -n 's/.*(\([0-9a-f]*\))$/\1/p' "$WORK/one.err")
  run -0 --separate-stderr lswarm send t --to "$id" < <(echo hello)
  expect one 0
  assert_equal "$(cat "$WORK/one.out" "$WORK/other.out")" hello
}

@test "--to waits for that peer, whoever else is there" {
  receiver other
  spawn_stdin <(echo hello) two lswarm send t --to one --ready
  await_ready two
  receiver one
  expect two 0
  expect one 0
  assert_equal "$(cat "$WORK/one.out" "$WORK/other.out")" hello
}

@test "--to somebody else with --no-wait is status 3" {
  receiver other
  run -3 --separate-stderr lswarm send t --to one --no-wait < <(echo hello)
  assert_equal "$stderr" 'lswarm: 0 receivers of 1 there'
}

@test "--no-wait with too few is status 3, and they stay" {
  receiver one
  run -3 --separate-stderr lswarm send t -n 2 --no-wait < <(echo wrong)
  assert_equal "$stderr" 'lswarm: 1 receiver of 2 there'
  run -0 --separate-stderr lswarm send t -n 1 --no-wait < <(echo right)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" right
}
