#!/usr/bin/env bats
# `lswarm join`: every line from everyone to everyone.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# same_lines NAME AUTHOR...: what NAME printed is every line of the files AUTHOR.in, each author's in order.
same_lines() {
  local name=$1 author total=0
  shift
  for author; do
    grep -a "^$author " "$WORK/$name.out" | cmp - "$WORK/$author.in"
    ((total += $(grep -c '' "$WORK/$author.in")))
  done
  assert_equal "$(grep -c '' "$WORK/$name.out")" "$total"
}

@test "every line of stdin reaches every peer, byte for byte" {
  printf 'one\n\n three \r\n\tfour\0\xff\x80\x1b[2J\n' >"$WORK/in"
  listen alice
  listen bob
  run -0 --separate-stderr lswarm join room -n 2 <"$WORK/in"
  assert_output ''
  await_lines "$WORK/alice.out" 4
  await_lines "$WORK/bob.out" 4
  cmp "$WORK/in" "$WORK/alice.out"
  cmp "$WORK/in" "$WORK/bob.out"
}

@test "ten thousand short lines arrive in their order" {
  seq 10000 >"$WORK/in"
  listen alice
  run -0 --separate-stderr lswarm join room <"$WORK/in"
  await_lines "$WORK/alice.out" 10000
  cmp "$WORK/in" "$WORK/alice.out"
}

@test "a line can hold every byte but the newline" {
  node -e 'process.stdout.write(Buffer.from([...Array(256).keys(), 10].filter((b, i) => b !== 10 || i === 256)))' >"$WORK/in"
  listen alice
  run -0 --separate-stderr lswarm join room <"$WORK/in"
  await_lines "$WORK/alice.out" 1
  cmp "$WORK/in" "$WORK/alice.out"
}

@test "lines go both ways" {
  talk alice
  talk bob
  say alice 'from alice'
  say bob 'from bob'
  await_line "$WORK/alice.out" '^from bob$'
  await_line "$WORK/bob.out" '^from alice$'
}

@test "nobody hears their own lines" {
  talk alice
  talk bob
  say alice 'from alice'
  await_line "$WORK/bob.out" '^from alice$'
  say bob 'from bob'
  await_line "$WORK/alice.out" '^from bob$'
  assert_equal "$(<"$WORK/alice.out")" 'from bob'
  assert_equal "$(<"$WORK/bob.out")" 'from alice'
}

@test "a last line without a newline arrives as a whole line" {
  listen alice
  run -0 --separate-stderr bash -c 'printf "one\ntwo" | lswarm join room'
  await_lines "$WORK/alice.out" 2
  printf 'one\ntwo\n' | cmp - "$WORK/alice.out"
}

@test "a line that is written in pieces arrives whole" {
  talk alice
  listen bob
  printf 'be' 1<>"$WORK/alice.in"
  say alice 'ginning'
  await_line "$WORK/bob.out" '^beginning$'
}

@test "a line is said as soon as it is written, while stdin stays open" {
  talk alice
  listen bob
  say alice one
  await_line "$WORK/bob.out" '^one$'
  say alice two
  await_line "$WORK/bob.out" '^two$'
}

@test "a newcomer hears what is said from then on" {
  talk alice
  listen bob
  say alice before
  await_line "$WORK/bob.out" '^before$'
  listen carol
  run -0 lswarm wait room -n 3 --timeout 20s
  spawn watcher lswarm join room -d --keep --json --ready --name watcher
  await_line "$WORK/watcher.out" '"name":"alice"'
  await_line "$WORK/watcher.out" '"name":"carol"'
  say alice after
  await_line "$WORK/carol.out" '^after$'
  assert_equal "$(<"$WORK/carol.out")" after
}

@test "an empty stdin is no line" {
  listen alice
  run -0 --separate-stderr lswarm join room </dev/null
  run -0 --separate-stderr lswarm join room <<<'a line'
  await_lines "$WORK/alice.out" 1
  assert_equal "$(<"$WORK/alice.out")" 'a line'
}

@test "eight joins, four of them writing lines of 20 kB: no line cut, lost or mixed, each author in order" {
  local name author
  for author in w1 w2 w3 w4; do
    lines_of "$author" 200 20000 >"$WORK/$author.in"
    spawn_stdin "$WORK/$author.in" "$author" lswarm join room -n 7 --name "$author"
  done
  for name in r1 r2 r3 r4; do spawn "$name" lswarm join room -d -n 7 --name "$name"; done
  for name in w1 w2 w3 w4 r1 r2 r3 r4; do
    await_exit "$name" 60
    assert_equal "$name $status $(<"$WORK/$name.err")" "$name 0 "
  done
  for name in r1 r2 r3 r4; do same_lines "$name" w1 w2 w3 w4; done
  same_lines w1 w2 w3 w4
  same_lines w2 w1 w3 w4
  same_lines w3 w1 w2 w4
  same_lines w4 w1 w2 w3
}

@test "eight joins that all write at once hear each other whole and in order" {
  local name author
  local -a all=(w1 w2 w3 w4 w5 w6 w7 w8)
  for author in "${all[@]}"; do
    lines_of "$author" 2000 120 >"$WORK/$author.in"
    spawn_stdin "$WORK/$author.in" "$author" lswarm join room -n 7 --name "$author"
  done
  for name in "${all[@]}"; do
    await_exit "$name" 60
    assert_equal "$name $status" "$name 0"
  done
  for name in "${all[@]}"; do
    # shellcheck disable=SC2086
    same_lines "$name" ${all[*]/$name/}
  done
}

@test "two joins that write 50 MB to each other at once both get all of it" {
  local name
  lines_of alice 50000 1000 >"$WORK/alice.in"
  lines_of bob 50000 1000 >"$WORK/bob.in"
  for name in alice bob; do
    spawn "$name" bash -c 'set -o pipefail; lswarm join room --name "$1" <"$2/$1.in" | cat' _ "$name" "$WORK"
  done
  await_exit alice 90
  assert_equal "$status" 0
  await_exit bob 90
  assert_equal "$status" 0
  cmp "$WORK/alice.in" "$WORK/bob.out"
  cmp "$WORK/bob.in" "$WORK/alice.out"
}
