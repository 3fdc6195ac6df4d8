#!/usr/bin/env bats
# `lswarm join` at a terminal, which script(1) gives it.

load helpers/common
load helpers/rooms
load helpers/seats

setup() {
  [[ $(script --version 2>&1) == *util-linux* ]] || skip 'no script(1) of util-linux'
  lswarm_setup
}

teardown() {
  [[ ! -v WORK ]] || lswarm_teardown
}

@test "at a terminal a name stands before each line" {
  sit alice
  talk bob
  say bob 'hello' 'how are you'
  await_line "$WORK/alice.out" '^bob: how are you'
  run screen alice
  assert_output $'bob: hello\nbob: how are you'
}

@test "at a terminal --prefix says what stands before each line" {
  sit alice --prefix '<%n> '
  talk bob
  say bob hello
  await_line "$WORK/alice.out" '^<bob> hello'
}

@test "at a terminal what is typed is said" {
  sit alice
  listen bob
  type_keys alice $'hello\n'
  await_line "$WORK/bob.out" '^hello$'
}

@test "two people talk" {
  sit alice
  sit bob
  type_keys alice $'hi bob\n'
  await_line "$WORK/bob.out" '^alice: hi bob'
  type_keys bob $'hi alice\n'
  await_line "$WORK/alice.out" '^bob: hi alice'
}

@test "at a terminal arrivals and departures are told on stderr" {
  sit alice
  listen bob
  await_line "$WORK/alice.talk" '^lswarm: bob joined$'
  kill -TERM "${PIDS[bob]}"
  await_line "$WORK/alice.talk" '^lswarm: bob left( |$)'
  assert_equal "$(screen alice)" ''
}

@test "at a terminal a peer that was killed is told of as lost" {
  sit alice
  listen bob
  await_line "$WORK/alice.talk" '^lswarm: bob joined$'
  kill -KILL "${PIDS[bob]}"
  await_line "$WORK/alice.talk" '^lswarm: bob left \(the connection was lost\)$'
}

@test "at a terminal it says that it waits, and for how many" {
  sit alice -n 2
  await_line "$WORK/alice.talk" '^lswarm: waiting for 2 peers on room$'
}

@test "--quiet tells of no arrival" {
  sit alice --quiet
  listen bob
  # Not before alice is there too: bob alone would do to be spoken to.
  talk carol -n 2
  say carol hello
  await_line "$WORK/alice.out" '^carol: hello'
  assert_equal "$(grep -v 'lswarm: ready' "$WORK/alice.talk")" ''
}

@test "Ctrl-D leaves with 0 while others are still there" {
  sit alice
  talk bob
  await_line "$WORK/alice.talk" 'bob joined'
  type_keys alice $'bye\n\x04'
  await_exit alice
  assert_equal "$status" 0
  await_line "$WORK/bob.out" '^bye$'
  run -0 lswarm wait room --gone alice --timeout 20s
}

@test "a Ctrl-D that was typed before anybody came counts when somebody comes" {
  sit alice
  type_keys alice $'\x04'
  run -124 lswarm wait room -n 9 --timeout 1s
  talk bob
  await_exit alice
  assert_equal "$status" 0
}

@test "a line that Ctrl-D sends off arrives whole" {
  sit alice
  listen bob
  await_line "$WORK/alice.talk" 'bob joined'
  type_keys alice $'no newline\x04\x04'
  await_exit alice
  await_line "$WORK/bob.out" '^no newline$'
}

@test "Ctrl-C leaves with 130, and leaves no trace" {
  sit alice
  type_keys alice $'\x03'
  await_exit alice
  assert_equal "$status" 130
  run -0 ls -A "$LSWARM_DIR"
  assert_output ''
}

@test "Ctrl-C in the middle of a line does not send it" {
  sit alice
  talk bob
  await_line "$WORK/alice.talk" 'bob joined'
  type_keys alice 'half a li'
  await_line "$WORK/alice.out" 'half a li'
  type_keys alice $'\x03'
  await_exit alice
  hush bob
  await_exit bob
  assert_equal "$(<"$WORK/bob.out")" ''
}

@test "a terminal that is closed ends it, and it leaves no trace" {
  sit alice
  listen bob
  await_line "$WORK/alice.talk" 'bob joined'
  kill -KILL "${PIDS[alice]}"
  run -0 lswarm wait room --gone alice --timeout 20s
  assert_equal "$(find "$LSWARM_DIR" -type s | wc -l)" 1
}
