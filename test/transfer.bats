#!/usr/bin/env bats
# `send` and `recv`: exact and confirmed, and who takes part.

load helpers/common
load helpers/transfer

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "every byte value arrives as it is" {
  for ((i = 0; i < 256; i++)); do printf "\\x$(printf %x "$i")"; done >"$WORK/bytes"
  run -0 stat -c %s "$WORK/bytes"
  assert_output 256
  transfer "$WORK/bytes"
}

@test "an empty stream is confirmed, too" {
  transfer /dev/null
}

@test "lengths around the sizes of buffers arrive exactly" {
  for bytes in 1 65535 65536 65537 524288 1048577 8388609; do
    head -c "$bytes" /dev/urandom >"$WORK/in"
    transfer "$WORK/in"
  done
}

@test "the receiver may come first" {
  spawn receiver lswarm recv t --ready
  await_ready receiver
  run -0 --separate-stderr lswarm send t < <(echo hello)
  await_exit receiver
  assert_equal "$(cat "$WORK/receiver.out")" hello
}

@test "the sender may come first" {
  spawn_stdin <(echo hello) sender lswarm send t --ready
  await_ready sender
  run -0 --separate-stderr lswarm recv t
  assert_output hello
  await_exit sender
  assert_equal "$status" 0
}

@test "send -n waits for so many, and reads nothing before" {
  # More than a pipe holds: it can be given only when somebody reads.
  head -c 1000000 /dev/urandom >"$WORK/in"
  half "$WORK/in" -n 2 --ready
  await_ready sender
  spawn one lswarm recv t --ready
  await_ready one
  run -124 lswarm wait t -n 9 --timeout 1s
  [[ ! -e $WORK/given ]]
  spawn two lswarm recv t
  _poll 20 test -e "$WORK/given"
  whole
  await_exit sender
  assert_equal "$status" 0
  for name in one two; do
    await_exit "$name"
    cmp "$WORK/in" "$WORK/$name.out"
  done
}

@test "everyone who is there takes part" {
  for name in a b c; do
    spawn "$name" lswarm recv t --ready
    await_ready "$name"
  done
  head -c 3000000 /dev/urandom >"$WORK/in"
  run -0 --separate-stderr lswarm send t "$WORK/in"
  for name in a b c; do
    await_exit "$name"
    assert_equal "$status" 0
    cmp "$WORK/in" "$WORK/$name.out"
  done
}

@test "who comes late is told so, and takes the next sender" {
  spawn early lswarm recv t --ready
  await_ready early
  echo first >"$WORK/first"
  half "$WORK/first" --name early-sender
  await_bytes "$WORK/early.out" 6
  spawn late lswarm recv t
  await_line "$WORK/late.err" 'early-sender: has begun to send without this receiver'
  whole
  await_exit sender
  assert_equal "$status" 0
  run -0 --separate-stderr lswarm send t < <(echo second)
  await_exit late
  assert_equal "$(cat "$WORK/late.out")" second
}

@test "two senders to one receiver come one after the other" {
  spawn receiver lswarm recv t --keep --ready
  await_ready receiver
  head -c 5000000 /dev/zero | tr '\0' a >"$WORK/a"
  head -c 5000000 /dev/zero | tr '\0' b >"$WORK/b"
  spawn one lswarm send t "$WORK/a"
  spawn two lswarm send t "$WORK/b"
  await_exit one
  assert_equal "$status" 0
  await_exit two
  assert_equal "$status" 0
  kill -INT "${PIDS[receiver]}"
  await_exit receiver
  assert_equal "$status" 130
  # Two runs of one letter each.
  run -0 tr -s ab <"$WORK/receiver.out"
  assert_regex "$output" '^(ab|ba)$'
}

@test "-o FILE is there when it is complete, and not before" {
  spawn receiver lswarm recv t -o "$WORK/file" --ready
  await_ready receiver
  echo half >"$WORK/in"
  half "$WORK/in"
  _poll 20 compgen -G "$WORK/.file.*" >/dev/null
  [[ ! -e $WORK/file ]]
  whole
  await_exit receiver
  assert_equal "$status" 0
  assert_equal "$(cat "$WORK/file")" half
}

@test "-o FILE leaves the old file, and nothing else, when the stream breaks off" {
  echo old >"$WORK/file"
  spawn receiver lswarm recv t -o "$WORK/file" --ready
  await_ready receiver
  echo half >"$WORK/in"
  half "$WORK/in"
  _poll 20 compgen -G "$WORK/.file.*" >/dev/null
  kill -KILL "${PIDS[sender]}"
  await_exit receiver
  assert_equal "$status" 4
  assert_equal "$(cat "$WORK/file")" old
  run -1 compgen -G "$WORK/.file.*"
}

@test "-o writes to a device as it is" {
  spawn receiver lswarm recv t -o /dev/null
  run -0 --separate-stderr lswarm send t < <(echo x)
  await_exit receiver
  assert_equal "$status" 0
  [[ -c /dev/null ]]
}

@test "--digest blake2b is what b2sum prints, at both ends" {
  head -c 1000000 /dev/urandom >"$WORK/in"
  sum=$(b2sum <"$WORK/in")
  spawn receiver lswarm recv t
  run -0 --separate-stderr lswarm send t "$WORK/in" --digest blake2b
  assert_equal "$stderr" "lswarm: blake2b:${sum%% *}"
  await_exit receiver
  assert_equal "$(cat "$WORK/receiver.err")" "lswarm: blake2b:${sum%% *}"
}
