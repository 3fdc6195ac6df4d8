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

# --- Who takes part

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
