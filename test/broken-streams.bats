#!/usr/bin/env bats
# `send` and `recv`: a side that is lost, that is stopped, or that lies.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# --- A side that is lost

# reader_that_waits NAME: a recv whose output goes to "NAME's reader", which reads one line, and the rest after `go_on NAME`.
reader_that_waits() {
  mkfifo "$WORK/$1.pipe" "$WORK/$1.go"
  spawn "$1" bash -c 'exec lswarm recv t --ready --name "$2" >"$1"' _ "$WORK/$1.pipe" "$1"
  spawn_stdin "$WORK/$1.pipe" "$1's reader" bash -c 'read -r line; echo "$line"; read -r go <"$1"; cat' _ "$WORK/$1.go"
  await_ready "$1"
}

# go_on NAME: lets it read the rest.
go_on() {
  echo >"$WORK/$1.go"
}

@test "kill -9 of the sender in a flood: recv ends with 4, and its reader has as many bytes as it says" {
  # More than all buffers on the way hold: the sender is in the middle of it.
  { echo begin && head -c 30000000 /dev/urandom; } >"$WORK/in"
  reader_that_waits one
  sender two
  feed two "$WORK/in"
  await_line "$WORK/one's reader.out" '^begin$'
  kill -KILL "${PIDS[two]}"
  go_on one
  expect one 4
  await_exit "one's reader"
  bytes=$(stat -c %s "$WORK/one's reader.out")
  assert_regex "$(tail -n 1 "$WORK/one.err")" "^lswarm: the stream from two broke off after $bytes bytes: the connection was lost\$"
  cmp -n "$bytes" "$WORK/in" "$WORK/one's reader.out"
}

@test "kill -9 of the sender between two lines: recv has all that was sent" {
  receiver one
  sender two
  random 3000000 "$WORK/in"
  feed two "$WORK/in"
  await_bytes "$WORK/one.out" 3000000
  kill -KILL "${PIDS[two]}"
  expect one 4
  assert_regex "$(tail -n 1 "$WORK/one.err")" 'broke off after 3000000 bytes: the connection was lost$'
  cmp "$WORK/in" "$WORK/one.out"
}

@test "kill -9 of the only receiver ends a send whose input is idle" {
  receiver one
  sender two
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  await_line "$WORK/one.out" hello
  kill -KILL "${PIDS[one]}"
  expect two 4
  assert_equal "$(tail -n 1 "$WORK/two.err")" 'lswarm: not confirmed by one (the connection was lost)'
}

@test "kill -9 of one of three receivers in a flood: it is named, and the others get all" {
  for name in one two doomed; do receiver "$name"; done
  sender three -n 3
  overwhelm doomed three
  kill -KILL "${PIDS[doomed]}"
  await_line "$WORK/three.err" '^lswarm: doomed: the connection was lost$'
  finish three
  expect three 4
  assert_equal "$(tail -n 1 "$WORK/three.err")" 'lswarm: not confirmed by doomed (the connection was lost)'
  cat "$WORK/begin" "$WORK/much" >"$WORK/all"
  for name in one two; do same "$name" "$WORK/all"; done
}

@test "kill -9 of all receivers: send names them all" {
  receiver one
  receiver two
  sender three -n 2
  echo hello >"$WORK/in"
  feed three "$WORK/in"
  await_line "$WORK/one.out" hello
  await_line "$WORK/two.out" hello
  kill -KILL "${PIDS[one]}" "${PIDS[two]}"
  expect three 4
  last=$(tail -n 1 "$WORK/three.err")
  assert_regex "$last" '^lswarm: not confirmed by '
  assert_regex "$last" 'one \('
  assert_regex "$last" 'two \('
}

@test "a receiver that is interrupted is named, with what it said, and leaves no trace" {
  for signal in INT TERM HUP; do
    receiver one
    sender two
    echo hello >"$WORK/in"
    feed two "$WORK/in"
    await_line "$WORK/one.out" hello
    kill -"$signal" "${PIDS[one]}"
    expect one $((128 + $(kill -l "$signal")))
    expect two 4
    assert_equal "$(tail -n 1 "$WORK/two.err")" "lswarm: not confirmed by one (interrupted by SIG$signal)"
    no_trace
    rm "$WORK/two.in"
  done
}

@test "what a sender said when it was interrupted, recv says too" {
  receiver one
  sender two
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  await_line "$WORK/one.out" hello
  kill -TERM "${PIDS[two]}"
  expect two 143
  expect one 4
  assert_equal "$(tail -n 1 "$WORK/one.err")" \
    'lswarm: the stream from two broke off after 6 bytes: interrupted by SIGTERM'
  no_trace
}

@test "a stopped sender that goes on is still exact" {
  random 3000000 "$WORK/in"
  receiver one
  sender two
  feed two "$WORK/in"
  await_bytes "$WORK/one.out" 3000000
  kill -STOP "${PIDS[two]}"
  feed two "$WORK/in"
  let_pass
  kill -CONT "${PIDS[two]}"
  finish two
  expect two 0
  cat "$WORK/in" "$WORK/in" >"$WORK/all"
  same one "$WORK/all"
}

@test "receivers that stop and go on by turns all get everything" {
  random 3000000 "$WORK/in"
  for name in one two three; do receiver "$name"; done
  sender four -n 3
  for name in one two three one; do
    kill -STOP "${PIDS[$name]}"
    feed four "$WORK/in"
    run -124 lswarm wait nobody-at-all --timeout 200ms
    kill -CONT "${PIDS[$name]}"
    await_exit "four.food"
    cat "$WORK/in" >>"$WORK/all"
  done
  finish four
  expect four 0
  for name in one two three; do same "$name" "$WORK/all"; done
}

@test "a stopped receiver does not keep another from what the queue holds" {
  receiver stopped
  receiver one
  sender two -n 2
  random 100000 "$WORK/in"
  # Both have taken the stream when the first bytes come.
  echo begin >"$WORK/begin"
  feed two "$WORK/begin"
  await_line "$WORK/stopped.out" begin
  kill -STOP "${PIDS[stopped]}"
  feed two "$WORK/in"
  await_bytes "$WORK/one.out" 100006
  kill -CONT "${PIDS[stopped]}"
  finish two
  expect two 0
  cat "$WORK/begin" "$WORK/in" >"$WORK/all"
  same one "$WORK/all"
  same stopped "$WORK/all"
}

@test "who is slow to confirm is named" {
  receiver one
  sender two
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  await_line "$WORK/one.out" hello
  kill -STOP "${PIDS[one]}"
  finish two
  await_line "$WORK/two.err" '^lswarm: waiting for one'
  kill -CONT "${PIDS[one]}"
  expect two 0
  expect one 0
}

@test "--drop-slow does not give up who only has nothing to take" {
  receiver one
  sender two --drop-slow 500ms
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  await_line "$WORK/one.out" hello
  let_pass
  finish two
  expect two 0
  expect one 0
}

@test "--drop-slow of the only receiver is status 4, and names it" {
  receiver one
  sender two --drop-slow 1s
  overwhelm one two
  expect two 4
  kill -CONT "${PIDS[one]}"
  assert_equal "$(tail -n 1 "$WORK/two.err")" 'lswarm: not confirmed by one (took nothing for 1 s)'
  expect one 4
  assert_regex "$(tail -n 1 "$WORK/one.err")" 'given up: took nothing for 1 s'
}

# --- A side that is wrong

@test "a stream that is not what its digest says is status 5" {
  spawn liar node "$ROOT/test/fixtures/false-sender.mjs" digest
  run -5 --separate-stderr lswarm recv t --timeout 60s
  assert_equal "$stderr" 'lswarm: the stream from liar is not what was sent: crc32:363a3020'
}

@test "a stream that is not what its digest says makes no file" {
  spawn liar node "$ROOT/test/fixtures/false-sender.mjs" digest
  run -5 --separate-stderr lswarm recv t -o "$WORK/file" --timeout 60s
  run -0 find "$WORK" -name '*file*'
  assert_output ''
}

@test "a stream that is longer than what came, or shorter, is status 4" {
  for wrong in long short; do
    spawn liar node "$ROOT/test/fixtures/false-sender.mjs" "$wrong"
    run -4 --separate-stderr lswarm recv t --timeout 60s
    assert_regex "$stderr" '^lswarm: the stream from liar broke off after 6 bytes: [57] were sent$'
  done
}

@test "a sender that goes without saying that this was all is status 4" {
  for wrong in bye lost; do
    spawn liar node "$ROOT/test/fixtures/false-sender.mjs" "$wrong"
    run -4 --separate-stderr lswarm recv t --timeout 60s
    assert_regex "$stderr" '^lswarm: the stream from liar broke off after 6 bytes: '
    assert_output hello
  done
}

@test "a sender that refuses its own stream is status 6" {
  spawn liar node "$ROOT/test/fixtures/false-sender.mjs" refuse
  run -6 --separate-stderr lswarm recv t --timeout 60s
  assert_equal "$stderr" 'lswarm: not for you'
}

@test "a receiver that confirms something else, or goes without a word, is status 4 at the sender" {
  for wrong in digest bytes bye; do
    spawn liar node "$ROOT/test/fixtures/false-receiver.mjs" "$wrong"
    run -4 --separate-stderr lswarm send t --timeout 60s < <(echo hello)
    assert_regex "$stderr" '^lswarm: not confirmed by liar '
  done
}

@test "a receiver that confirms what it has not taken is named, and another is waited for" {
  spawn liar node "$ROOT/test/fixtures/false-receiver.mjs" early
  spawn_stdin <(echo hello) two lswarm send t
  await_line "$WORK/two.err" '^lswarm: liar: it confirmed what it had not taken$'
  receiver one
  expect two 0
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "an input that cannot be read on is status 1, and 4 at the receiver" {
  [[ -r /proc/self/mem ]] || skip 'no /proc/self/mem, which cannot be read from its beginning'
  receiver one
  run -1 --separate-stderr lswarm send t /proc/self/mem --timeout 60s
  assert_equal "$stderr" 'lswarm: cannot read the input: i/o error'
  expect one 4
  assert_regex "$(tail -n 1 "$WORK/one.err")" 'broke off after 0 bytes: cannot read the input: i/o error$'
}
