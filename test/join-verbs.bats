#!/usr/bin/env bats
# `lswarm join` beside other verbs, and what it tells of the peers in the room.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "a send into a room of joins is printed as lines of its name, and confirmed" {
  listen alice --prefix '%n: '
  listen bob --prefix '%n: '
  run -0 --separate-stderr lswarm send room -n 2 --name sender <<<$'one\ntwo'
  await_lines "$WORK/alice.out" 2
  await_lines "$WORK/bob.out" 2
  assert_equal "$(<"$WORK/alice.out")" $'sender: one\nsender: two'
  assert_equal "$(<"$WORK/bob.out")" $'sender: one\nsender: two'
}

@test "a send whose last line has no newline is printed as whole lines" {
  listen alice
  run -0 --separate-stderr lswarm send room < <(printf 'one\ntwo')
  await_lines "$WORK/alice.out" 2
  printf 'one\ntwo\n' | cmp - "$WORK/alice.out"
}

@test "a send is confirmed only when its lines are printed" {
  mkfifo "$WORK/out"
  # Opened for both, it does not wait for its reader, who never comes.
  spawn alice bash -c 'lswarm join room -d --keep --ready 1<>"$1"' _ "$WORK/out"
  await_ready alice
  spawn sender bash -c 'seq 2000000 | lswarm send room --name sender --ready'
  await_ready sender
  run -0 lswarm wait room -n 2 --timeout 20s
  run -124 lswarm wait room --gone sender --timeout 2s
}

@test "a send to a join whose output is full is not confirmed" {
  [[ -c /dev/full ]] || skip 'no /dev/full'
  spawn full bash -c 'lswarm join room -d --ready --name full >/dev/full'
  await_ready full
  run -4 --separate-stderr lswarm send room <<<hello
  assert_equal "$stderr" 'lswarm: not confirmed by full (cannot write the output: no space left on device)'
  await_exit full
  assert_equal "$status" 1
  assert_equal "$(grep -v ready "$WORK/full.err")" 'lswarm: cannot write the output: no space left on device'
}

@test "lines of a send and of joins are not mixed" {
  lines_of sender 1000 5000 >"$WORK/sender.in"
  lines_of bob 1000 5000 >"$WORK/bob.in"
  listen alice
  spawn_stdin "$WORK/bob.in" bob lswarm join room --to alice --name bob
  run -0 --separate-stderr lswarm send room --to alice <"$WORK/sender.in"
  await_lines "$WORK/alice.out" 2000
  grep '^bob ' "$WORK/alice.out" | cmp - "$WORK/bob.in"
  grep '^sender ' "$WORK/alice.out" | cmp - "$WORK/sender.in"
}

@test "recv and join have nothing to say to each other" {
  spawn receiver lswarm recv room --ready
  await_ready receiver
  run -3 --separate-stderr lswarm join room --no-wait <<<hello
}

@test "--verbose tells on stderr who comes and goes, --quiet says nothing" {
  listen alice --verbose
  listen bob --quiet
  run -0 --separate-stderr lswarm join room -n 2 --name carol <<<hello
  await_line "$WORK/alice.err" '^lswarm: carol joined$'
  await_line "$WORK/alice.err" '^lswarm: carol left$'
  await_line "$WORK/bob.out" '^hello$'
  assert_equal "$(grep -v 'lswarm: ready' "$WORK/bob.err")" ''
}
