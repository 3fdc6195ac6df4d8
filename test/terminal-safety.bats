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
