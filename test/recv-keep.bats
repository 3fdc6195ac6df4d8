#!/usr/bin/env bats
# `recv`: one sender after another.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "recv --no-wait takes the sender that is there" {
  spawn_stdin <(echo hello) two lswarm send t --ready
  await_ready two
  run -0 --separate-stderr lswarm recv t --no-wait
  assert_output hello
  expect two 0
}

@test "recv --keep takes sender after sender, each whole" {
  receiver one --keep
  for ((i = 1; i <= 3; i++)); do
    random 200000 "$WORK/$i"
    run -0 --separate-stderr lswarm send t "$WORK/$i"
  done
  cat "$WORK"/[123] | cmp - "$WORK/one.out"
  kill -TERM "${PIDS[one]}"
  expect one 143
}

@test "recv --keep says that a stream broke off, and takes the next" {
  receiver one --keep
  sender two
  echo half >"$WORK/in"
  feed two "$WORK/in"
  await_line "$WORK/one.out" half
  kill -KILL "${PIDS[two]}"
  await_line "$WORK/one.err" '^lswarm: the stream from two broke off after 5 bytes: '
  run -0 --separate-stderr lswarm send t < <(echo whole)
  assert_equal "$(<"$WORK/one.out")" $'half\nwhole'
}

@test "of two senders to one recv the second waits for another receiver" {
  sender first
  receiver one
  echo first >"$WORK/in"
  feed first "$WORK/in"
  await_line "$WORK/one.out" first
  spawn_stdin <(echo second) second lswarm send t --ready
  await_ready second
  let_pass
  finish first
  expect first 0
  expect one 0
  assert_equal "$(<"$WORK/one.out")" first
  receiver two
  expect second 0
  expect two 0
  assert_equal "$(<"$WORK/two.out")" second
}

@test "eight senders to one recv --keep come one after the other" {
  receiver one --keep
  for ((i = 1; i <= 8; i++)); do
    yes "$i" | head -c 300000 >"$WORK/$i"
    spawn "s$i" lswarm send t "$WORK/$i"
  done
  for ((i = 1; i <= 8; i++)); do expect "s$i" 0; done
  # Each sender's lines stand together, and all of them are there.
  assert_equal "$(uniq "$WORK/one.out" | sort)" "$(seq 8)"
  assert_equal "$(wc -c <"$WORK/one.out")" 2400000
}

@test "a late comer gets nothing, is told so, and a --timeout ends it with 124" {
  receiver one
  sender two
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  await_line "$WORK/one.out" hello
  run -124 --separate-stderr lswarm recv t --timeout 2s
  assert_output ''
  assert_equal "${stderr_lines[0]}" 'lswarm: two: has begun to send without this receiver'
  finish two
  expect two 0
  expect one 0
}
