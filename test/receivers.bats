#!/usr/bin/env bats
# `send` and `recv`: who takes part, and who is waited for.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "a receiver and a sender that start at once meet, every time" {
  for ((i = 1; i <= 10; i++)); do
    spawn one lswarm recv t
    spawn_stdin <(echo "$i") two lswarm send t
    expect one 0
    expect two 0
    assert_equal "$(<"$WORK/one.out")" "$i"
  done
}

@test "send -n 2 with three there takes all three" {
  for name in one two three; do receiver "$name"; done
  random 100000 "$WORK/in"
  run -0 --separate-stderr lswarm send t -n 2 "$WORK/in"
  for name in one two three; do same "$name" "$WORK/in"; done
}

@test "send -n 2 goes on waiting when one of two leaves before the second comes" {
  spawn_stdin <(echo hello) two lswarm send t -n 2 --ready
  await_ready two
  receiver leaver
  run -0 lswarm wait t -n 2 --timeout 20s
  kill -TERM "${PIDS[leaver]}"
  expect leaver 143
  receiver one
  let_pass
  assert_equal "$(<"$WORK/one.out")" ''
  receiver last
  expect two 0
  assert_equal "$(<"$WORK/one.out") $(<"$WORK/last.out")" 'hello hello'
}

@test "a sender that gives up before it starts is forgotten, and the receiver takes the next" {
  receiver one --verbose
  spawn_stdin <(echo wrong) two lswarm send t -n 2 --name two
  await_line "$WORK/one.err" '^lswarm: linked with two '
  # Until it has made its offer: nobody says that.
  let_pass
  kill -TERM "${PIDS[two]}"
  expect two 143
  await_line "$WORK/one.err" '^lswarm: two: has given up before it began: interrupted by SIGTERM$'
  run -0 --separate-stderr lswarm send t < <(echo right)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" right
}

@test "when a receiver is lost before the start, send waits for another" {
  # The start waits a little for the one that never answers.
  spawn liar node "$ROOT/test/fixtures/false-receiver.mjs" mute
  run -0 lswarm wait t --timeout 20s
  receiver leaver
  spawn_stdin <(echo hello) two lswarm send t --ready
  await_line "$WORK/liar.out" '^asked$'
  kill -KILL "${PIDS[leaver]}"
  expect leaver 137
  receiver one
  expect two 0
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "who never takes the stream holds nobody up for ever" {
  spawn liar node "$ROOT/test/fixtures/false-receiver.mjs" mute
  run -0 lswarm wait t --timeout 20s
  receiver one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "a stopped receiver that was never met holds nobody up" {
  receiver stopped
  kill -STOP "${PIDS[stopped]}"
  receiver one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "peers of one name are different receivers" {
  spawn one lswarm recv t --name same --ready
  spawn two lswarm recv t --name same --ready
  await_ready one
  await_ready two
  run -0 --separate-stderr lswarm send t -n 2 < <(echo hello)
  expect one 0
  expect two 0
  assert_equal "$(cat "$WORK/one.out" "$WORK/two.out")" $'hello\nhello'
}

@test "a wait, a peers and a join on the topic take no part" {
  spawn watcher lswarm wait t -n 9 --ready --timeout 60s
  await_ready watcher
  receiver one
  run -0 lswarm peers t
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "two topics do not mix" {
  spawn one lswarm recv t1 --ready
  spawn two lswarm recv t2 --ready
  await_ready one
  await_ready two
  run -0 --separate-stderr lswarm send t2 < <(echo second)
  run -0 --separate-stderr lswarm send t1 < <(echo first)
  expect one 0
  expect two 0
  assert_equal "$(cat "$WORK/one.out" "$WORK/two.out")" $'first\nsecond'
}
