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
