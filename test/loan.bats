#!/usr/bin/env bats
# `send` and `recv` on one machine: a file or a pipe that the receivers read themselves.

load helpers/common
load helpers/streams

setup() {
  [[ -e /proc/self/fdinfo/0 ]] || skip 'no /proc to lend through'
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "a file on stdin is exact, from where the shell left it" {
  random 3000000 "$WORK/rest"
  { echo first line && cat "$WORK/rest"; } >"$WORK/in"
  receiver one
  run -0 --separate-stderr bash -c '{ read -r line; lswarm send t; } <"$1"' - "$WORK/in"
  expect one 0
  cmp "$WORK/rest" "$WORK/one.out"
}

@test "a file on stdin is at its end afterwards: what is sent next from it is the rest, nothing" {
  random 3000000 "$WORK/in"
  receiver one
  receiver other --keep
  run -0 --separate-stderr bash -c '{ lswarm send t -n 2; wc -c; lswarm send t; } <"$1"' - "$WORK/in"
  assert_output 0
  same one "$WORK/in"
  await_bytes "$WORK/other.out" 3000000
  kill -TERM "${PIDS[other]}"
  await_exit other
  cmp "$WORK/in" "$WORK/other.out"
}

@test "a file is exact at one, four and nine receivers, whatever its length" {
  for bytes in 1048575 1048576 1048577 5000000; do
    random "$bytes" "$WORK/in"
    for count in 1 4 9; do
      for ((i = 0; i < count; i++)); do receiver "r$i"; done
      run -0 --separate-stderr lswarm send t "$WORK/in" -n "$count"
      for ((i = 0; i < count; i++)); do same "r$i" "$WORK/in"; done
    done
  done
}

@test "a pipe is exact at one receiver and at two" {
  random 5000000 "$WORK/in"
  for count in 1 2; do
    for ((i = 0; i < count; i++)); do receiver "r$i"; done
    run -0 --separate-stderr bash -c 'cat "$1" | lswarm send t -n "$2"' - "$WORK/in" "$count"
    for ((i = 0; i < count; i++)); do same "r$i" "$WORK/in"; done
  done
}

@test "a pipe whose writer takes his time is exact" {
  receiver one
  run -0 --separate-stderr bash -c '{ echo one; lswarm wait nobody-at-all --timeout 300ms 2>&-; echo two; } | lswarm send t'
  expect one 0
  assert_equal "$(<"$WORK/one.out")" $'one\ntwo'
}

@test "a fifo whose writer has gone already is sent, and ends" {
  mkfifo "$WORK/fifo"
  # It has gone when send starts: this shell holds both ends until then.
  exec {BOTH}<>"$WORK/fifo" {END}<"$WORK/fifo"
  echo hello >&"$BOTH"
  exec {BOTH}>&-
  receiver one
  run -0 --separate-stderr lswarm send t --timeout 20s <&"$END"
  exec {END}<&-
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "--verbose tells the same length and sample at both ends" {
  random 3000000 "$WORK/in"
  receiver one --verbose
  run -0 --separate-stderr lswarm send t "$WORK/in" --verbose
  expect one 0
  told=$(grep -o 'sample:[0-9a-f]*' <<<"$stderr")
  assert_regex "$told" '^sample:[0-9a-f]{8}$'
  assert_regex "$stderr" '3000000 bytes'
  grep -q "3000000 bytes from .*, $told" "$WORK/one.err"
}

@test "--digest crc32 is that of every byte, told at both ends" {
  random 3000000 "$WORK/in"
  receiver one
  run -0 --separate-stderr lswarm send t "$WORK/in" --digest crc32
  expect one 0
  expected=$(gzip -1 <"$WORK/in" | tail -c 8 | head -c 4 | od -An -tx4 --endian=little | tr -d ' ')
  assert_equal "$stderr" "lswarm: crc32:$expected"
  grep -qx "lswarm: crc32:$expected" "$WORK/one.err"
}

@test "a file reaches a joined room line by line" {
  seq 300000 >"$WORK/in"
  spawn one lswarm join t -d --ready
  await_ready one
  run -0 --separate-stderr lswarm send t "$WORK/in"
  await_bytes "$WORK/one.out" "$(stat -c %s "$WORK/in")"
  cmp "$WORK/in" "$WORK/one.out"
}
