#!/usr/bin/env bats
# `send` and `recv`: exact, confirmed, and true about what went wrong.

load helpers/common

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# transfer FILE: sends FILE to one receiver on topic t, and compares.
transfer() {
  spawn receiver lswarm recv t --timeout 60s
  run -0 --separate-stderr lswarm send t "$1" --timeout 60s
  await_exit receiver
  assert_equal "$status" 0
  cmp "$1" "$WORK/receiver.out"
}

# half FILE OPTION...: begins to send FILE on topic t, from a pipe that stays open until `whole`; the
# sender is `sender`. FILE is written once $WORK/go exists.
half() {
  mkfifo "$WORK/half"
  touch "$WORK/go"
  hold "$@"
}

# hold FILE OPTION...: the same, but $WORK/go is for the test to make.
hold() {
  [[ -p $WORK/half ]] || mkfifo "$WORK/half"
  spawn holder bash -c 'exec >"$1/half"; until [[ -e $1/go ]]; do sleep 0.02; done; cat "$2"; touch "$1/given"; exec sleep 300' - "$WORK" "$1"
  spawn_stdin "$WORK/half" sender lswarm send t "${@:2}"
}

# whole: ends what `half` began.
whole() {
  kill "${PIDS[holder]}"
}

# await_bytes FILE BYTES: waits until FILE is that long.
await_bytes() {
  _poll 30 _is_long "$1" "$2" || _complain "$1 is not $2 bytes long" "$WORK"/*.err
}

_is_long() {
  (($(stat -c %s "$1") >= $2))
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
