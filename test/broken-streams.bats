#!/usr/bin/env bats
# `send` and `recv`: a side that is lost, that is stopped, that is interrupted, or that lies.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# overwhelm RECEIVER SENDER: stops a receiver that has begun to take a stream, with more to come than there is room for.
overwhelm() {
  echo begin >"$WORK/begin"
  feed "$2" "$WORK/begin"
  await_line "$WORK/$1.out" begin
  kill -STOP "${PIDS[$1]}"
  random 30000000 "$WORK/much"
  feed "$2" "$WORK/much"
}

# --- A side that is lost

@test "kill -9 of the sender in a flood: recv ends with 4, after as many bytes as it says" {
  receiver one
  spawn two bash -c 'exec lswarm send t </dev/zero'
  await_bytes "$WORK/one.out" 5000000
  kill -KILL "${PIDS[two]}"
  expect one 4
  bytes=$(stat -c %s "$WORK/one.out")
  assert_regex "$(tail -n 1 "$WORK/one.err")" "^lswarm: the stream from .* broke off after $bytes bytes: the connection was lost\$"
  cmp -n "$bytes" /dev/zero "$WORK/one.out"
}

@test "kill -9 of the sender: a reader that stood still gets all that recv says" {
  mkfifo "$WORK/pipe"
  spawn one bash -c 'lswarm recv t --ready >"$1"' _ "$WORK/pipe"
  spawn_stdin "$WORK/pipe" reader bash -c 'read -r line; echo "$line"; kill -STOP $$; cat'
  await_ready one
  { echo go && yes line | head -c 3000000; } >"$WORK/in"
  sender two
  feed two "$WORK/in"
  await_line "$WORK/reader.out" '^go$'
  kill -KILL "${PIDS[two]}"
  kill -CONT "${PIDS[reader]}"
  expect one 4
  await_exit reader
  bytes=$(stat -c %s "$WORK/reader.out")
  assert_regex "$(tail -n 1 "$WORK/one.err")" "broke off after $bytes bytes"
  cmp -n "$bytes" "$WORK/in" "$WORK/reader.out"
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
  for name in one two; do
    spawn "$name" bash -o pipefail -c 'lswarm recv t --ready | md5sum'
    await_ready "$name"
  done
  receiver doomed
  sender three -n 3
  feed three /dev/zero
  await_bytes "$WORK/doomed.out" 1
  kill -KILL "${PIDS[doomed]}"
  await_line "$WORK/three.err" '^lswarm: doomed: the connection was lost$'
  kill -TERM "${PIDS["three's food"]}"
  finish three
  expect three 4
  assert_equal "$(tail -n 1 "$WORK/three.err")" 'lswarm: not confirmed by doomed (the connection was lost)'
  expect one 0
  expect two 0
  assert_equal "$(<"$WORK/one.out")" "$(<"$WORK/two.out")"
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
    await_exit "four's food"
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

# --- Time and signals

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
  sender two --timeout 5s
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  expect two 124
  expect one 4
  assert_equal "$(<"$WORK/one.out")" hello
  assert_equal "$(tail -n 1 "$WORK/one.err")" \
    'lswarm: the stream from two broke off after 6 bytes: gave up after 5 s (--timeout)'
}

@test "--timeout of a receiver in the middle is 124 there, and 4 at the sender" {
  sender two
  receiver one --timeout 5s
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  expect one 124
  assert_equal "$(<"$WORK/one.out")" hello
  expect two 4
  assert_equal "$(tail -n 1 "$WORK/two.err")" 'lswarm: not confirmed by one (gave up after 5 s (--timeout))'
}

@test "--timeout ends a send whose receiver is stopped" {
  receiver one
  sender two --timeout 5s
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

# --- A side that is wrong

@test "a stream that is not what its digest says is status 5" {
  spawn liar node "$ROOT/test/fixtures/false-sender.mjs" digest
  run -5 --separate-stderr lswarm recv t
  assert_equal "$stderr" 'lswarm: the stream from liar is not what was sent: crc32:363a3020'
}

@test "a stream that is not what its digest says makes no file" {
  spawn liar node "$ROOT/test/fixtures/false-sender.mjs" digest
  run -5 --separate-stderr lswarm recv t -o "$WORK/file"
  run -0 find "$WORK" -name '*file*'
  assert_output ''
}

@test "a stream that is longer than what came, or shorter, is status 4" {
  for wrong in long short; do
    spawn liar node "$ROOT/test/fixtures/false-sender.mjs" "$wrong"
    run -4 --separate-stderr lswarm recv t
    assert_regex "$stderr" '^lswarm: the stream from liar broke off after 6 bytes: [57] were sent$'
  done
}

@test "a sender that goes without saying that this was all is status 4" {
  for wrong in bye lost; do
    spawn liar node "$ROOT/test/fixtures/false-sender.mjs" "$wrong"
    run -4 --separate-stderr lswarm recv t
    assert_regex "$stderr" '^lswarm: the stream from liar broke off after 6 bytes: '
    assert_output hello
  done
}

@test "a sender that refuses its own stream is status 6" {
  spawn liar node "$ROOT/test/fixtures/false-sender.mjs" refuse
  run -6 --separate-stderr lswarm recv t
  assert_equal "$stderr" 'lswarm: not for you'
}

@test "a receiver that confirms something else, too early, or not at all is status 4 at the sender" {
  for wrong in digest bytes early bye; do
    spawn liar node "$ROOT/test/fixtures/false-receiver.mjs" "$wrong"
    run -4 --separate-stderr lswarm send t < <(echo hello)
    assert_regex "$stderr" '^lswarm: not confirmed by liar '
  done
}

@test "an input that cannot be read on is status 1, and 4 at the receiver" {
  [[ -r /proc/self/mem ]] || skip 'no /proc/self/mem, which cannot be read from its beginning'
  receiver one
  run -1 --separate-stderr lswarm send t /proc/self/mem
  assert_equal "$stderr" 'lswarm: cannot read the input: EIO'
  expect one 4
  assert_regex "$(tail -n 1 "$WORK/one.err")" 'broke off after 0 bytes: cannot read the input: EIO$'
}
