#!/usr/bin/env bats
# `lswarm join`: when it ends, and with which status.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "it ends with 0 once its own input and that of all others has ended" {
  talk alice
  spawn_stdin <(echo hello) bob lswarm join room --ready
  await_line "$WORK/alice.out" '^hello$'
  hush alice
  await_exit bob
  assert_equal "$status" 0
  await_exit alice
  assert_equal "$status" 0
}

@test "it stays while another's input is open, and prints what comes" {
  talk alice
  spawn_stdin <(echo hello) bob lswarm join room --ready
  await_line "$WORK/alice.out" '^hello$'
  # bob has had its own end for longer than the second after which it would leave alone.
  run -124 lswarm wait room -n 9 --timeout 2s
  say alice late
  await_line "$WORK/bob.out" '^late$'
  hush alice
  await_exit bob
  assert_equal "$status" 0
}

@test "--linger leaves that long after its own end, whatever the others do" {
  talk alice
  run -0 --separate-stderr lswarm join room --linger 100ms <<<hello
  await_line "$WORK/alice.out" '^hello$'
}

@test "--linger prints what comes before it leaves" {
  talk alice
  spawn_stdin <(echo hello) bob lswarm join room --linger 20s
  await_line "$WORK/alice.out" '^hello$'
  say alice answer
  await_line "$WORK/bob.out" '^answer$'
}

@test "--linger 0 leaves when all is handed over, and all arrives" {
  seq 50000 >"$WORK/in"
  talk alice
  run -0 --separate-stderr lswarm join room --linger 0 <"$WORK/in"
  await_lines "$WORK/alice.out" 50000
  cmp "$WORK/in" "$WORK/alice.out"
}

@test "--keep stays when all others have ended or left" {
  spawn_stdin <(echo first) alice lswarm join room --keep --ready
  await_ready alice
  run -0 --separate-stderr lswarm join room <<<one
  run -124 lswarm wait room -n 9 --timeout 2s
  run -0 --separate-stderr lswarm join room <<<two
  await_lines "$WORK/alice.out" 2
  assert_equal "$(<"$WORK/alice.out")" $'one\ntwo'
}

@test "SIGINT ends it with 130 and leaves no trace" {
  listen alice
  kill -INT "${PIDS[alice]}"
  await_exit alice
  assert_equal "$status" 130
  run -0 ls -A "$LSWARM_DIR"
  assert_output ''
}

@test "SIGTERM ends it with 143 and leaves no trace" {
  listen alice
  kill -TERM "${PIDS[alice]}"
  await_exit alice
  assert_equal "$status" 143
  run -0 ls -A "$LSWARM_DIR"
  assert_output ''
}

@test "SIGHUP ends it with 129 and leaves no trace" {
  listen alice
  kill -HUP "${PIDS[alice]}"
  await_exit alice
  assert_equal "$status" 129
  run -0 ls -A "$LSWARM_DIR"
  assert_output ''
}

@test "SIGINT while it waits for a peer ends it with 130, and stdin is not read" {
  spawn alice bash -c 'echo one | { trap : INT; lswarm join room --ready; echo "status $?"; cat; }'
  await_ready alice
  kill -INT -- "-${PIDS[alice]}"
  await_exit alice
  assert_equal "$(<"$WORK/alice.out")" $'status 130\none'
}

@test "SIGINT ends it beside a peer that is stopped" {
  listen alice
  talk bob
  run -0 lswarm wait room -n 2 --timeout 20s
  kill -STOP "${PIDS[alice]}"
  say bob hello
  kill -INT "${PIDS[bob]}"
  await_exit bob
  assert_equal "$status" 130
}

@test "--timeout is status 124 while it waits for peers" {
  run -124 --separate-stderr lswarm join room --timeout 300ms </dev/null
  assert_equal "$stderr" 'lswarm: gave up after 0.3 s (--timeout)'
  run -0 ls -A "$LSWARM_DIR"
  assert_output ''
}

@test "--timeout is status 124 in the middle of a talk" {
  talk alice
  run -124 --separate-stderr lswarm join room --timeout 2s <<<hello
  await_line "$WORK/alice.out" '^hello$'
}

@test "a lonely join -d with --timeout is status 124" {
  run -124 --separate-stderr lswarm join room -d --timeout 300ms
}
