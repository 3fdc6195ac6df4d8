#!/usr/bin/env bats
# `lswarm join`: what happens before the first line is read from stdin.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "nothing is read from stdin before a peer is there" {
  printf '%s\n' one two >"$WORK/in"
  run -0 --separate-stderr bash -c 'cat "$1" | { lswarm join room --timeout 500ms; echo "status $?"; cat; }' _ "$WORK/in"
  assert_output $'status 124\none\ntwo'
}

@test "nothing is read from stdin before -n N peers are there" {
  listen alice
  printf '%s\n' one two >"$WORK/in"
  run -0 --separate-stderr bash -c 'cat "$1" | { lswarm join room -n 2 --timeout 1s; echo "status $?"; cat; }' _ "$WORK/in"
  assert_output $'status 124\none\ntwo'
  run -0 --separate-stderr lswarm join room <<<three
  await_lines "$WORK/alice.out" 1
  assert_equal "$(<"$WORK/alice.out")" three
}

@test "a file on stdin is not read before a peer is there either" {
  printf '%s\n' one two >"$WORK/in"
  run -0 --separate-stderr bash -c '{ lswarm join room --timeout 500ms; cat; } <"$1"' _ "$WORK/in"
  assert_output $'one\ntwo'
}

@test "with -n 2 the first line reaches the second peer too" {
  spawn_stdin <(echo hello) alice lswarm join room -n 2 --ready
  await_ready alice
  listen bob
  listen carol
  await_line "$WORK/bob.out" '^hello$'
  await_line "$WORK/carol.out" '^hello$'
}

@test "peers that only look are not spoken to" {
  spawn looking lswarm wait room -n 5 --ready --timeout 60s
  await_ready looking
  run -0 --separate-stderr bash -c 'echo one | { lswarm join room --timeout 1s; echo "status $?"; cat; }'
  assert_output $'status 124\none'
}

@test "-d leaves stdin to the next command" {
  spawn_stdin <(echo hello) alice lswarm join room --ready
  await_ready alice
  run -0 --separate-stderr bash -c 'printf "one\ntwo" | { lswarm join room -d; cat; }'
  assert_output $'hello\none\ntwo'
}

@test "--no-wait is status 3 when nobody is there, and stdin is not read" {
  run -0 --separate-stderr bash -c 'echo one | { lswarm join room --no-wait; echo "status $?"; cat; }'
  assert_output $'status 3\none'
  assert_equal "$stderr" 'lswarm: 0 peers of 1 there'
}

@test "--no-wait -n 2 is status 3 beside one peer" {
  listen alice
  run -3 --separate-stderr lswarm join room --no-wait -n 2 <<<hello
  assert_equal "$stderr" 'lswarm: 1 peer of 2 there'
  assert_equal "$(<"$WORK/alice.out")" ''
}

@test "--no-wait speaks when somebody is there" {
  listen alice
  run -0 --separate-stderr lswarm join room --no-wait <<<hello
  await_line "$WORK/alice.out" '^hello$'
}

@test "--no-wait --to NAME is status 3 when others are there, but not that peer" {
  listen alice
  run -3 --separate-stderr lswarm join room --no-wait --to bob <<<hello
  assert_equal "$(<"$WORK/alice.out")" ''
}
