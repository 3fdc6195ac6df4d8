#!/usr/bin/env bats
# `send` and `recv`: `--timeout`, and signals at every stage.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "--timeout ends send and recv while they wait, with 124, and leaves no trace" {
  run -124 --separate-stderr lswarm send t --timeout 300ms < <(echo hello)
  assert_equal "$stderr" 'lswarm: gave up after 0.3 s (--timeout)'
  run -124 --separate-stderr lswarm recv t --timeout 300ms
  assert_equal "$stderr" 'lswarm: gave up after 0.3 s (--timeout)'
  assert_output ''
  no_trace
}

@test "--timeout of a sender in the middle is 124 there, and 4 at the receiver" {
  receiver one
  sender two --timeout 8s
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  expect two 124
  expect one 4
  assert_equal "$(<"$WORK/one.out")" hello
  assert_equal "$(tail -n 1 "$WORK/one.err")" \
    'lswarm: the stream from two broke off after 6 bytes: gave up after 8 s (--timeout)'
}

@test "--timeout of a receiver in the middle is 124 there, and 4 at the sender" {
  sender two
  receiver one --timeout 8s
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  expect one 124
  assert_equal "$(<"$WORK/one.out")" hello
  expect two 4
  assert_equal "$(tail -n 1 "$WORK/two.err")" 'lswarm: not confirmed by one (gave up after 8 s (--timeout))'
}

@test "--timeout ends a send whose receiver is stopped" {
  receiver one
  sender two --timeout 8s
  overwhelm one two
  expect two 124
  kill -CONT "${PIDS[one]}"
  expect one 4
}

@test "send that is interrupted before anybody came has read nothing" {
  spawn two bash -c 'echo one | { trap : INT; lswarm send t --ready; echo "status $?"; cat; }'
  await_ready two
  kill -INT -- "-${PIDS[two]}"
  await_exit two
  assert_equal "$(<"$WORK/two.out")" $'status 130\none'
  no_trace
}

@test "a send that times out before anybody came has read nothing" {
  run -0 --separate-stderr bash -c 'seq 3 | { lswarm send t --timeout 300ms; cat; }'
  assert_output "$(seq 3)"
}

@test "a second SIGINT ends a send at once that is still saying goodbye to a stopped receiver" {
  receiver one
  # The first ends it by the signal itself, when all is done; the second by a status.
  mkfifo "$WORK/two.in"
  spawn mouth bash -c 'exec tail -f /dev/null >"$1"' _ "$WORK/two.in"
  spawn_stdin "$WORK/two.in" two node -e '
    const { spawn } = require("child_process")
    const child = spawn("lswarm", ["send", "t", "--ready"], { stdio: "inherit" })
    process.on("SIGINT", () => child.kill("SIGINT"))
    child.on("exit", (code, signal) => console.log(code, signal))'
  await_ready two
  echo hello >"$WORK/two.in"
  await_line "$WORK/one.out" hello
  kill -STOP "${PIDS[one]}"
  kill -INT "${PIDS[two]}"
  await_sockets 1
  kill -INT "${PIDS[two]}"
  await_exit two
  assert_equal "$(<"$WORK/two.out")" '130 null'
}
