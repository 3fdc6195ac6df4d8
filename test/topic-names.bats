#!/usr/bin/env bats
# Topics as they are typed: any bytes of UTF-8, `hex:` and `key:`.

load helpers/common
load helpers/refusals
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# --- Topics

@test "an empty topic is status 2" {
  local verb
  for verb in join send recv listen connect wait peers; do
    refused "$verb" ''
    assert_equal "$line" 'lswarm: a topic is not empty'
  done
}

# meets TOPIC...: two joins on that topic meet; nothing is made but one directory with a name of ours, and one for the shells.
meets() {
  mkdir "$WORK/here"
  cd "$WORK/here"
  find "$WORK" -not -path "$LSWARM_DIR/*" -not -name 'alice.*' | sort >"$BATS_TEST_TMPDIR/before"
  spawn alice lswarm join -d --keep --ready --name alice "$@"
  await_ready alice
  lswarm peers --json "$@" >"$BATS_TEST_TMPDIR/peers"
  run -0 objects "$BATS_TEST_TMPDIR/peers" 'o.name'
  assert_output alice
  run -0 ls -A "$LSWARM_DIR"
  assert_regex "$output" $'^\\.names\n[0-9a-f]{16}$'
  find "$WORK" -not -path "$LSWARM_DIR/*" -not -name 'alice.*' | sort | diff "$BATS_TEST_TMPDIR/before" -
  kill -TERM "${PIDS[alice]}"
  await_exit alice
  run -0 ls -A "$LSWARM_DIR"
  assert_output ''
}

@test "the topic . is a word like any other" {
  meets .
}

@test "the topic .. is a word like any other" {
  meets ..
}

@test "the topic / is a word like any other" {
  meets /
}

@test "the topic a/../b is a word like any other" {
  meets a/../b
}

@test "the topic ../../x is a word like any other" {
  meets ../../x
}

@test "a topic that looks like an option follows --" {
  meets -- -x
}

@test "the topic -- follows --" {
  meets -- --
}

@test "a topic of ten thousand characters works" {
  meets "$(printf 'x%.0s' {1..10000})"
}

@test "a topic of emoji works" {
  meets '🐟👩‍💻'
}

@test "a topic with a newline works" {
  meets $'two\nlines'
}

@test "a topic with control characters works" {
  meets $'\x1b[31m\x01\x7f'
}

@test "a topic of a space works" {
  meets ' '
}

@test "a topic of digits works" {
  meets 007
}

@test "a topic is the bytes that were typed: NFC and NFD are two" {
  spawn one lswarm join $'caf\u00e9' -d --keep --name composed --ready
  spawn two lswarm join $'cafe\u0301' -d --keep --name decomposed --ready
  await_ready one
  await_ready two
  lswarm peers $'caf\u00e9' --json >"$WORK/peers"
  run -0 objects "$WORK/peers" 'o.name'
  assert_output composed
}

@test "hex: is the topic itself: the BLAKE2b-256 of a word is that word's topic" {
  spawn alice lswarm join 'a word' -d --keep --name alice --ready
  await_ready alice
  local digits
  digits=$(printf 'a word' | b2sum --length=256 | cut -d' ' -f1) || skip 'no b2sum'
  lswarm peers "hex:$digits" --json >"$WORK/peers"
  run -0 objects "$WORK/peers" 'o.name'
  assert_output alice
  lswarm peers "hex:${digits^^}" --json >"$WORK/peers"
  run -0 objects "$WORK/peers" 'o.name'
  assert_output alice
}

@test "key: is the same in z-base-32" {
  spawn alice lswarm join "hex:$(printf 'f%.0s' {1..64})" -d --keep --name alice --ready
  await_ready alice
  # 256 bits of one, then four of zero: 51 times 31, and 16 at last.
  lswarm peers "key:$(printf '9%.0s' {1..51})o" --json >"$WORK/peers"
  run -0 objects "$WORK/peers" 'o.name'
  assert_output alice
}

@test "a topic that is not UTF-8 is status 2: its bytes would be lost" {
  refused join $'caf\xe9'
  assert_equal "$line" 'lswarm: "caf�" is not UTF-8'
}

@test "a malformed hex: or key: is status 2, not a word" {
  local digits
  for digits in '' 0 "$(printf '0%.0s' {1..63})" "$(printf '0%.0s' {1..65})" "$(printf '0%.0s' {1..63})g" "$(printf '0%.0s' {1..64}) "; do
    refused join "hex:$digits"
    assert_regex "$line" '^lswarm: hex: takes 64 hex digits, not '
  done
  for digits in '' y "$(printf 'y%.0s' {1..51})" "$(printf 'y%.0s' {1..53})" "$(printf 'y%.0s' {1..51})l" "$(printf 'y%.0s' {1..51})b" "$(printf 'Y%.0s' {1..52})"; do
    refused join "key:$digits"
    assert_regex "$line" '^lswarm: key: takes 52 z-base-32 digits, not '
  done
}
