#!/usr/bin/env bats
# `lswarm join`: when its input or output fails, or a peer is lost.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "a stdin that is closed is an end" {
  listen alice
  run -0 --separate-stderr bash -c 'lswarm join room <&-'
}

@test "a directory as stdin is refused with 1" {
  listen alice
  run -1 --separate-stderr bash -c 'lswarm join room <"$1"' _ "$WORK"
  assert_equal "$stderr" 'lswarm: the standard input is a directory'
}

@test "the reader of its output that goes away ends it with 0" {
  talk alice
  spawn bob bash -c 'lswarm join room -d --ready | head -n 1; echo "status ${PIPESTATUS[0]}"'
  await_ready bob
  say alice one
  await_line "$WORK/bob.out" '^one$'
  await_exit bob
  assert_equal "$(<"$WORK/bob.out")" $'one\nstatus 0'
}

@test "the reader of its output that goes away ends it while it still has an open stdin" {
  talk alice
  mkfifo "$WORK/open"
  spawn holder bash -c 'exec tail -f /dev/null >"$1"' _ "$WORK/open"
  spawn_stdin "$WORK/open" bob bash -c 'lswarm join room --ready | head -n 1; echo "status ${PIPESTATUS[0]}"'
  await_ready bob
  say alice one
  await_line "$WORK/bob.out" '^status 0$'
  await_exit bob
}

@test "the reader of its output that goes away in the middle of a line: the others do not get half of it" {
  talk alice
  mkfifo "$WORK/open"
  spawn holder bash -c 'exec tail -f /dev/null >"$1"' _ "$WORK/open"
  spawn_stdin "$WORK/open" bob bash -c 'lswarm join room --ready | head -n 1'
  await_ready bob
  printf 'a line\nhalf a li' 1<>"$WORK/open"
  await_line "$WORK/alice.out" '^a line$'
  say alice one
  await_exit bob
  hush alice
  await_exit alice
  assert_equal "$(<"$WORK/alice.out")" 'a line'
}

@test "the reader of its output that goes away ends it in the middle of a flood" {
  spawn alice bash -c 'seq 100000000 | lswarm join room --ready --name alice'
  await_ready alice
  run -0 --separate-stderr bash -c 'lswarm join room -d | head -n 3; echo "status ${PIPESTATUS[0]}"'
  assert_output $'1\n2\n3\nstatus 0'
}

@test "a full device as output is status 1" {
  [[ -c /dev/full ]] || skip 'no /dev/full'
  spawn_stdin <(echo hello) alice lswarm join room --ready
  await_ready alice
  run -1 --separate-stderr bash -c 'lswarm join room -d >/dev/full'
  assert_equal "$stderr" 'lswarm: cannot write the output: no space left on device'
}

@test "a full device as output does not hurt the others" {
  [[ -c /dev/full ]] || skip 'no /dev/full'
  seq 20000 >"$WORK/in"
  spawn full bash -c 'lswarm join room -d -n 2 >/dev/full'
  spawn alice lswarm join room -d -n 2
  run -0 --separate-stderr lswarm join room -n 2 <"$WORK/in"
  await_exit alice
  cmp "$WORK/in" "$WORK/alice.out"
}

@test "kill -9 of a peer: the others go on, and are told that it left" {
  talk alice
  listen bob --json
  listen carol
  await_line "$WORK/bob.out" '"event":"join".*"name":"alice"'
  await_line "$WORK/bob.out" '"event":"join".*"name":"carol"'
  kill -KILL "${PIDS[carol]}"
  await_line "$WORK/bob.out" '"event":"leave".*"name":"carol".*"reason":"the connection was lost"'
  say alice hello
  await_line "$WORK/bob.out" '"line":"hello"'
}

@test "kill -9 of a peer in the middle of a flood: the others get every line" {
  seq 300000 >"$WORK/in"
  listen carol
  spawn alice lswarm join room -d -n 2 --name alice
  spawn_stdin "$WORK/in" bob lswarm join room -n 2 --name bob
  await_line "$WORK/carol.out" '^100$'
  kill -KILL "${PIDS[carol]}"
  await_exit bob
  assert_equal "$status" 0
  await_exit alice
  assert_equal "$status" 0
  cmp "$WORK/in" "$WORK/alice.out"
}

@test "lines that nobody was there to hear are told of" {
  listen bob
  talk alice -v
  say alice hello
  await_line "$WORK/bob.out" '^hello$'
  kill -TERM "${PIDS[bob]}"
  await_line "$WORK/alice.err" '^lswarm: bob left'
  say alice 'is anybody there'
  hush alice
  await_exit alice
  await_line "$WORK/alice.err" '^lswarm: 1 line said to nobody$'
}

@test "SIGINT ends it while nobody reads its output" {
  mkfifo "$WORK/out"
  spawn alice bash -c 'exec lswarm join room -d --keep --ready 1<>"$1"' _ "$WORK/out"
  await_ready alice
  spawn flood bash -c 'seq 10000000 | lswarm join room --slow wait --name flood --ready'
  # flood is held up by alice, and alice by her reader, who never comes.
  await_line "$WORK/flood.err" 'takes nothing'
  kill -INT "${PIDS[alice]}"
  await_exit alice
  assert_equal "$status" 130
}

@test "--timeout ends it while nobody reads its output" {
  mkfifo "$WORK/out"
  spawn flood bash -c 'seq 10000000 | lswarm join room --ready'
  await_ready flood
  spawn alice bash -c 'exec lswarm join room -d --timeout 3s 1<>"$1"' _ "$WORK/out"
  await_exit alice
  assert_equal "$status" 124
}

@test "the reader of its output that goes away ends it beside a peer that is stopped" {
  listen carol
  talk alice
  spawn bob bash -c 'seq 10000000 | { lswarm join room -n 2 --ready | head -n 1; echo "status ${PIPESTATUS[0]}"; }'
  await_ready bob
  await_line "$WORK/carol.out" '^100$'
  kill -STOP "${PIDS[carol]}"
  say alice hello
  await_line "$WORK/bob.out" '^status 0$'
}
