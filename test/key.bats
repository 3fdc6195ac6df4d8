#!/usr/bin/env bats
# `lswarm key`: keys that are made, and how they may not be given.

load helpers/common

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "key new prints a key and nothing else" {
  run -0 --separate-stderr lswarm key new
  assert_regex "$output" '^lskey1[ybndrfg8ejkmcpqxot1uwisza345h769]{58}$'
  assert_equal "$stderr" ''
  first=$output
  run -0 lswarm key new
  refute_output "$first"
}

@test "key word prints ten words and nothing else" {
  run -0 --separate-stderr lswarm key word
  assert_regex "$output" '^([a-z]+ ){9}[a-z]+$'
  assert_equal "$stderr" ''
}

@test "key with another word is refused" {
  run -2 --separate-stderr lswarm key old
  assert_equal "$stderr" 'lswarm: key takes new, word or id, not "old"'
  run -2 lswarm key
}

@test "a key among the arguments is refused, and not shown" {
  key=$(lswarm key new)
  for arguments in "peers $key" "wait t --name $key" "peers t --key=$key" "$key"; do
    run -2 --separate-stderr lswarm $arguments
    assert_regex "$stderr" 'can be read by everyone .* --key-file'
    refute_regex "$stderr" "${key:6:10}"
  done
}

# asked KEYS [OPTION...]: recv at a terminal that asks for a key, until it ends.
asked() {
  run --separate-stderr python3 "$BATS_TEST_DIRNAME/fixtures/on_terminal.py" 'topic key: ' "$1" -- lswarm recv t --dht "${@:2}"
}

@test "who is asked for a key can go: by signal, by Ctrl-C, by time, with the terminal" {
  for signal in INT TERM HUP; do
    asked "-SIG$signal"
    assert_equal "$status" "$((128 + $(kill -l "$signal")))"
  done
  asked $'\003'
  assert_equal "$status" 130
  asked ''
  assert_equal "$status" 129
  asked 'x' --timeout 1s
  assert_equal "$status" 124
}
