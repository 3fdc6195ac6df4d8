#!/usr/bin/env bats
# The command line: the values that options take.

load helpers/common
load helpers/refusals

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "--timeout takes durations above zero" {
  local value
  refused join room --timeout=-1s
  for value in -1 NaN 1e99 1e3 inf Infinity ∞ 0 0s 0ms 0.0 x 1x '1 s' ' 1' 1s2 s . 1. 0x10 +1 99999999999 597h; do
    refused join room --timeout "$value"
    assert_regex "$line" '^lswarm: --timeout: takes a duration'
    refused join room "--timeout=$value"
  done
  for value in 1 1s 500ms 2m 1h 1.5s 0.5 596h; do taken join room --timeout "$value"; done
}

@test "--linger takes durations, zero too" {
  local value
  for value in -1 NaN 1e99 inf x; do
    refused join room --linger "$value"
    assert_regex "$line" '^lswarm: --linger: takes a duration'
  done
  for value in 0 0s 1 1s 500ms; do taken join room --linger "$value"; done
}

@test "-n takes a whole number from 1" {
  local value
  for value in 0 -1 x 1.5 1e3 NaN inf 0x10 '1 ' ' ' 99999999999999999999; do
    refused join room -n "$value"
    assert_regex "$line" '^lswarm: -n: takes a whole number from 1'
  done
  for value in 1 30 1000; do
    taken join room -n "$value"
    assert_regex "$stderr" "0 peers of $value there"
  done
  taken join room -n2
  taken join room --count=2
}

@test "--slow takes wait, drop or cut" {
  local value
  for value in x Wait waitdrop; do
    refused join room --slow "$value"
    assert_regex "$line" '^lswarm: --slow: takes wait, drop, cut, not '
  done
  for value in wait drop cut; do taken join room --slow "$value"; done
}

@test "--name takes 1 to 64 bytes of printable text" {
  local value long
  long=$(printf 'x%.0s' {1..64})
  for value in "${long}x" "$(printf 'é%.0s' {1..33})" $'a\nb' $'a\x1bb' $'a\x7fb' $'a\tb' $'a\u0085b' $'a\u202eb' $'a\u2028b'; do
    refused join room --name "$value"
    assert_regex "$line" '^lswarm: --name: takes 1 to 64 bytes of printable text'
  done
  for value in x "$long" "$(printf 'é%.0s' {1..32})" 'two words' 'x;$(id)' '[alice]' 日本 🐟; do taken join room --name "$value"; done
  taken join room --name=-x
}

@test "a message shows a long or strange value short and safe" {
  refused join room --name "$(printf 'x%.0s' {1..100000})"
  ((${#line} < 200))
  refused join room --slow $'\x1b[31mred'
  refute_regex "$line" $'\x1b'
  refused "$(printf '\x1b[31m%.0s' {1..1000})" room
  refute_regex "$line" $'\x1b'
}
