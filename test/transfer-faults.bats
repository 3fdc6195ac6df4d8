#!/usr/bin/env bats
# `send` and `recv`: what is said when something goes wrong.

load helpers/common
load helpers/transfer

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "kill -9 of the sender: recv ends with 4, says after how many bytes, and what came is a prefix" {
  spawn receiver lswarm recv t --ready
  await_ready receiver
  head -c 1000000 /dev/urandom >"$WORK/in"
  half "$WORK/in"
  await_bytes "$WORK/receiver.out" 1000000
  kill -KILL "${PIDS[sender]}"
  await_exit receiver
  assert_equal "$status" 4
  assert_regex "$(cat "$WORK/receiver.err")" 'broke off after 1000000 bytes'
  cmp "$WORK/in" "$WORK/receiver.out"
}

@test "kill -9 of a receiver: send ends with 4 naming it, and the others complete" {
  for name in good doomed fine; do
    spawn "$name" lswarm recv t --ready --name "$name"
    await_ready "$name"
  done
  head -c 1000000 /dev/urandom >"$WORK/in"
  half "$WORK/in" -n 3
  await_bytes "$WORK/doomed.out" 1000000
  kill -KILL "${PIDS[doomed]}"
  await_line "$WORK/sender.err" '^lswarm: doomed: '
  whole
  await_exit sender
  assert_equal "$status" 4
  assert_regex "$(cat "$WORK/sender.err")" 'not confirmed by doomed'
  for name in good fine; do
    await_exit "$name"
    assert_equal "$status" 0
    cmp "$WORK/in" "$WORK/$name.out"
  done
}

@test "a stopped receiver is waited for, named, and completes when it goes on" {
  spawn slow lswarm recv t --ready --name slow -v
  await_ready slow
  head -c 20000000 /dev/urandom >"$WORK/in"
  hold "$WORK/in" -v --ready
  await_line "$WORK/slow.err" 'linked with'
  # The stream is open once the sender reads; it has nothing to read yet.
  run -124 lswarm wait t -n 9 --timeout 1s
  kill -STOP "${PIDS[slow]}"
  touch "$WORK/go"
  await_line "$WORK/sender.err" 'waiting for slow' 30
  kill -CONT "${PIDS[slow]}"
  _poll 30 test -e "$WORK/given"
  whole
  await_exit sender
  assert_equal "$status" 0
  await_exit slow
  cmp "$WORK/in" "$WORK/slow.out"
}

@test "--drop-slow gives up a stopped receiver, and the others complete" {
  for name in stuck fine; do
    spawn "$name" lswarm recv t --ready --name "$name" -v
    await_ready "$name"
  done
  head -c 20000000 /dev/urandom >"$WORK/in"
  hold "$WORK/in" -n 2 --drop-slow 2s
  await_line "$WORK/stuck.err" 'linked with'
  await_line "$WORK/fine.err" 'linked with'
  run -124 lswarm wait t -n 9 --timeout 1s
  kill -STOP "${PIDS[stuck]}"
  touch "$WORK/go"
  _poll 30 test -e "$WORK/given"
  whole
  await_exit sender
  assert_equal "$status" 4
  assert_regex "$(cat "$WORK/sender.err")" 'not confirmed by stuck'
  await_exit fine
  cmp "$WORK/in" "$WORK/fine.out"
  kill -CONT "${PIDS[stuck]}"
  await_exit stuck
  assert_equal "$status" 4
}

@test "a full disk at the receiver fails both: recv 1, send 4" {
  spawn receiver sh -c 'lswarm recv t >/dev/full'
  run -4 --separate-stderr lswarm send t < <(head -c 1000000 /dev/zero)
  assert_regex "$stderr" 'no space left on device'
  await_exit receiver
  assert_equal "$status" 1
}

@test "a reader that has enough ends recv quietly, and send with 4" {
  spawn pipeline bash -c 'lswarm recv t | head -c 1; echo "${PIPESTATUS[@]}"'
  run -4 --separate-stderr lswarm send t < <(head -c 10000000 /dev/zero | tr '\0' x)
  await_exit pipeline
  assert_equal "$(cat "$WORK/pipeline.out")" 'x0 0'
  assert_equal "$(cat "$WORK/pipeline.err")" ''
}

@test "an idle recv ends when its reader goes away" {
  spawn pipeline bash -c 'lswarm recv t | true; echo "${PIPESTATUS[@]}"'
  await_exit pipeline
  assert_equal "$(cat "$WORK/pipeline.out")" '0 0'
}

@test "a slow reader of recv gets all of it" {
  head -c 10000000 /dev/urandom >"$WORK/in"
  spawn pipeline bash -c 'lswarm recv t | (sleep 1; md5sum)'
  run -0 --separate-stderr lswarm send t "$WORK/in"
  await_exit pipeline
  assert_equal "$(cat "$WORK/pipeline.out")" "$(md5sum <"$WORK/in")"
}

@test "nobody there: --no-wait ends with 3, --timeout with 124" {
  run -3 --separate-stderr lswarm send t --no-wait </dev/null
  run -3 --separate-stderr lswarm recv t --no-wait
  run -124 --separate-stderr lswarm send t --timeout 300ms </dev/null
  run -124 --separate-stderr lswarm recv t --timeout 300ms
}

@test "a file that is missing, or a directory, is refused with 1" {
  run -1 --separate-stderr lswarm send t "$WORK/nothing"
  assert_regex "$stderr" 'no such file or directory'
  run -1 --separate-stderr lswarm send t "$WORK"
  assert_regex "$stderr" 'is a directory'
  run -1 --separate-stderr lswarm send t <"$WORK"
  run -1 --separate-stderr lswarm recv t -o "$WORK/no/file"
}

@test "an interrupted send ends by the signal, and recv with 4" {
  for signal in INT TERM HUP; do
    spawn "receiver-$signal" lswarm recv t --ready
    await_ready "receiver-$signal"
    echo half >"$WORK/in"
    half "$WORK/in"
    await_bytes "$WORK/receiver-$signal.out" 5
    kill -"$signal" "${PIDS[sender]}"
    await_exit sender
    assert_equal "$status" $((128 + $(kill -l "$signal")))
    await_exit "receiver-$signal"
    assert_equal "$status" 4
    whole
    rm "$WORK/half" "$WORK/go"
  done
  run -0 find "$LSWARM_DIR" -type s
  assert_output ''
}
