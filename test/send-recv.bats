#!/usr/bin/env bats
# `send` and `recv`: bytes of every kind, and who takes part.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# --- Bytes

@test "every byte value passes from a pipe" {
  every_byte "$WORK/in"
  receiver one
  run -0 --separate-stderr bash -o pipefail -c 'cat "$1" | lswarm send t' _ "$WORK/in"
  same one "$WORK/in"
}

@test "NULs, CRLF, a lone CR and a last line without its end stay as they are" {
  printf 'one\r\ntwo\rthree\0\0\n\n\xff\xfe\xc3no end' >"$WORK/in"
  receiver one
  run -0 --separate-stderr bash -o pipefail -c 'cat "$1" | lswarm send t' _ "$WORK/in"
  same one "$WORK/in"
}

@test "lengths around the sizes of buffers pass from a pipe" {
  for bytes in 1 65535 65536 65537 131072 524287 524288 524289 1048575 1048576 1048577; do
    random "$bytes" "$WORK/in"
    spawn one lswarm recv t
    run -0 --separate-stderr bash -o pipefail -c 'cat "$1" | lswarm send t' _ "$WORK/in"
    same one "$WORK/in"
  done
}

@test "what many small writes gave is one stream" {
  seq 20000 >"$WORK/in"
  receiver one
  run -0 --separate-stderr bash -c 'for ((i = 1; i <= 20000; i++)); do echo $i; done | lswarm send t'
  same one "$WORK/in"
}

@test "bytes arrive while the input is still open" {
  receiver one
  sender two
  for word in one two three; do
    echo "$word" >"$WORK/word"
    feed two "$WORK/word"
    await_line "$WORK/one.out" "^$word\$"
  done
  finish two
  expect two 0
  expect one 0
}

@test "a FILE of - is stdin, and an -o of - is stdout" {
  every_byte "$WORK/in"
  receiver one -o -
  run -0 --separate-stderr lswarm send t - <"$WORK/in"
  same one "$WORK/in"
}

@test "stdin is sent from where it stands" {
  receiver one
  run -0 --separate-stderr bash -c 'read -r; lswarm send t' < <(printf 'first\nsecond\n')
  expect one 0
  printf 'first\nsecond\n' >"$WORK/in"
  receiver two
  run -0 --separate-stderr bash -c 'read -r; lswarm send t' <"$WORK/in"
  expect two 0
  assert_equal "$(cat "$WORK/one.out" "$WORK/two.out")" $'second\nsecond'
}

@test "recv writes to its stdout from where that stands" {
  spawn one bash -c 'echo before; lswarm recv t; echo after'
  run -0 --separate-stderr lswarm send t < <(echo between)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" $'before\nbetween\nafter'
}

@test "a FILE that does not tell its length is sent to its end" {
  [[ -r /proc/version ]] || skip 'no /proc/version'
  receiver one
  run -0 --separate-stderr lswarm send t /proc/version
  same one /proc/version
}

@test "a FILE whose name is odd is found, and made" {
  every_byte "$WORK/in"
  odd=$'  \n"$(x)" é -'
  cp "$WORK/in" "$WORK/$odd"
  receiver one -o "$WORK/out$odd"
  run -0 --separate-stderr lswarm send t "$WORK/$odd"
  expect one 0
  cmp "$WORK/in" "$WORK/out$odd"
}

@test "a FILE that begins with a dash is taken after --" {
  [[ ! -e $WORK/-file ]]
  echo hello >"$WORK/-file"
  receiver one
  cd "$WORK"
  run -0 --separate-stderr lswarm send t ./-file
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "sockets as stdin and stdout carry every byte" {
  random 3000000 "$WORK/in"
  # What node gives a child as a pipe is a socket.
  run -0 --separate-stderr node -e '
    const { spawn } = require("child_process")
    const { createReadStream, createWriteStream } = require("fs")
    const recv = spawn("lswarm", ["recv", "t"], { stdio: ["ignore", "pipe", "inherit"] })
    const send = spawn("lswarm", ["send", "t"], { stdio: ["pipe", "ignore", "inherit"] })
    createReadStream(process.argv[1]).pipe(send.stdin)
    recv.stdout.pipe(createWriteStream(process.argv[2]))
    for (const child of [recv, send]) child.on("exit", (code) => console.log(code))' "$WORK/in" "$WORK/out"
  assert_output $'0\n0'
  cmp "$WORK/in" "$WORK/out"
}

@test "a FILE that is a fifo is read once somebody writes to it" {
  mkfifo "$WORK/fifo"
  random 1000000 "$WORK/in"
  receiver one
  spawn two lswarm send t "$WORK/fifo" --ready
  await_ready two
  cat "$WORK/in" >"$WORK/fifo"
  expect two 0
  same one "$WORK/in"
}

@test "send ends by SIGTERM while it waits for the writer of a fifo" {
  mkfifo "$WORK/fifo"
  receiver one
  spawn two lswarm send t "$WORK/fifo" --ready
  await_ready two
  kill -TERM "${PIDS[two]}"
  expect two 143
}

@test "the digest is told only when it was asked for" {
  receiver one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  assert_equal "$stderr" ''
  expect one 0
  run -1 grep -v ready "$WORK/one.err"
}

@test "--digest blake2b of an empty stream, with two receivers, is what b2sum prints" {
  command -v b2sum >/dev/null || skip 'no b2sum'
  read -r sum _ < <(b2sum </dev/null)
  receiver one
  receiver two
  run -0 --separate-stderr lswarm send t -n 2 --digest blake2b </dev/null
  assert_equal "$stderr" "lswarm: blake2b:$sum"
  for name in one two; do
    expect "$name" 0
    assert_equal "$(tail -n 1 "$WORK/$name.err")" "lswarm: blake2b:$sum"
  done
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
