#!/usr/bin/env bats
# `lswarm join` at a terminal: text that is shown as it is, and text that is made safe.

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

@test "a record with a newline cannot forge a line of another" {
  sit alice
  run -0 --separate-stderr lswarm join room -0 --linger 0 --name mallory < <(printf 'hello\nbob: I owe you\0')
  await_line "$WORK/alice.out" 'I owe you'
  assert_equal "$(screen alice | grep -v '^mallory: ')" ''
}

@test "ten thousand marks on one letter do not cover the screen" {
  shown bob "e$(printf '\u0301%.0s' {1..10000})"
  ((${#lines[0]} < 60))
}

@test "letters of every script, tabs and emoji are shown as they are" {
  shown bob $'caf\u00e9 \tदेवनागरी עברית 日本語 👩‍💻🏳️‍🌈'
  assert_line --index 0 $'bob: caf\u00e9 \tदेवनागरी עברית 日本語 👩‍💻🏳️‍🌈'
  is_safe
}

@test "what a send sends is made safe, too" {
  sit alice
  run -0 --separate-stderr lswarm send room --name bob <<<$'\x1b[2J'
  await_line "$WORK/alice.out" '2J'
  assert_equal "$(screen alice)" 'bob: \x1b[2J'
}

@test "--json at a terminal is safe, and still says the same" {
  sit alice --json
  spawn_stdin <(printf '\x1b[2J\u009b2J\u202eabc\x7f\U000e0041\n') bob lswarm join room --keep --name bob
  await_line "$WORK/alice.out" '"line":'
  is_safe
  screen alice | grep '"line":' >"$WORK/lines"
  run -0 objects "$WORK/lines" 'o.line === "\x1b[2J\x9b2J\u202eabc\x7f\u{e0041}"'
  assert_output true
}

@test "in a pipe the same line is left as it is" {
  sit alice
  spawn pipe bash -c 'set -o pipefail; lswarm join room -d --keep --ready | cat'
  await_ready pipe
  run -0 --separate-stderr lswarm join room -n 2 --linger 0 < <(printf '\x1b[2J\r\u202e\xff\n')
  await_line "$WORK/pipe.out" 2J
  printf '\x1b[2J\r\u202e\xff\n' | cmp - "$WORK/pipe.out"
}
