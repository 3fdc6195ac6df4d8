#!/usr/bin/env bats
# `lswarm join` at a terminal: what peers say cannot take it over.

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

@test "escape sequences are shown, not obeyed" {
  shown bob $'\x1b[2J\x1b[31mred\x1b[0m'
  assert_output $'bob: \\x1b[2J\\x1b[31mred\\x1b[0m\nbob: end of it'
  is_safe
}

@test "OSC 52, titles and links are shown, not obeyed" {
  shown bob $'\x1b]52;c;cm0gLXJm\x07\x1b]0;title\x1b\\\x1b]8;;http://x\x1b\\'
  assert_line --index 0 'bob: \x1b]52;c;cm0gLXJm\x07\x1b]0;title\x1b\\x1b]8;;http://x\x1b\'
  is_safe
}

@test "DCS, APC and PM are shown, not obeyed" {
  shown bob $'\x1bP+q544e\x1b\\\x1b_x\x1b\\\x1b^x\x1b\\'
  is_safe
}

@test "the controls of C1 are shown, not obeyed" {
  shown bob $'\u009b2J\u0090x\u009c\u0085next'
  assert_line --index 0 'bob: \x9b2J\x90x\x9c\x85next'
  is_safe
}

@test "bytes of C1 that are not UTF-8 are replaced" {
  shown bob $'\x9b2J \xff\xfe'
  assert_line --index 0 'bob: �2J ��'
  is_safe
}

@test "carriage returns and backspaces cannot write over a line" {
  shown bob $'harmless\rmalicious\b\b\b\x7f\x0b\x0c'
  assert_line --index 0 'bob: harmless\x0dmalicious\x08\x08\x08\x7f\x0b\x0c'
  is_safe
}

@test "a bell does not ring" {
  shown bob $'\a'
  assert_line --index 0 'bob: \x07'
  is_safe
}

@test "controls of direction cannot turn a line around" {
  shown bob $'\u202egnirts\u202c \u2066x\u2069 \u200f\u061c'
  assert_line --index 0 'bob: \u{202e}gnirts\u{202c} \u{2066}x\u{2069} \u{200f}\u{61c}'
  is_safe
}

@test "separators of lines cannot make a second line" {
  shown bob $'one\u2028two\u2029three'
  assert_line --index 0 'bob: one\u{2028}two\u{2029}three'
  is_safe
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
