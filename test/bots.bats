#!/usr/bin/env bats
# Handlers in company: `join` beside `exec`, and `connect --all`.

load helpers/common

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# handler TOPIC NAME COMMAND...: starts an exec and waits until it can be met.
handler() {
  local topic=$1 name=$2
  shift 2
  spawn "$name" lswarm exec "$topic" --ready --name "$name" -- "$@"
  await_ready "$name"
}

@test "a joiner's lines go into its handler, and the handler's lines come out under its name" {
  handler room bot sed -u 's/^/heard /'
  run -0 --separate-stderr lswarm join room --prefix '%n: ' --timeout 30s < <(printf 'one\ntwo\n')
  assert_output "$(printf 'bot: heard one\nbot: heard two')"
}

@test "each joiner has a handler of its own" {
  handler room bot sh -c 'n=0; while read -r line; do n=$((n + 1)); echo "$n $line"; done'
  spawn_stdin <(printf 'a\nb\n') alice lswarm join room -n 2 --name alice --to bot --to bob --timeout 30s
  spawn_stdin <(printf 'c\nd\n') bob lswarm join room -n 2 --name bob --to bot --to alice --timeout 30s
  await_exit alice
  await_exit bob
  assert_equal "$(grep '^[0-9]' "$WORK/alice.out")" "$(printf '1 a\n2 b')"
  assert_equal "$(grep '^[0-9]' "$WORK/bob.out")" "$(printf '1 c\n2 d')"
}

@test "a bot's lines are whole, however it writes them" {
  handler room bot sh -c 'printf "first ha"; sleep 0.2; printf "lf\nsecond"'
  run -0 --separate-stderr lswarm join room --timeout 30s </dev/null
  assert_output "$(printf 'first half\nsecond')"
}

@test "a bot that fails is named, and the others go on" {
  handler room bot sh -c 'read -r x; exit 3'
  run -0 --separate-stderr lswarm join room --timeout 30s < <(echo hello)
  assert_regex "$stderr" 'bot ended with status 3'
}

@test "connect --all gives every handler the same input and merges their lines" {
  handler all upper tr a-z A-Z
  handler all reverse rev
  run -0 --separate-stderr lswarm connect all --all --prefix '%n ' --timeout 30s < <(printf 'abc\nxyz\n')
  assert_equal "$(sort <<<"$output")" "$(printf 'reverse cba\nreverse zyx\nupper ABC\nupper XYZ')"
}

@test "connect --all without a prefix gives the lines as they are" {
  handler all one cat
  handler all two cat
  run -0 --separate-stderr lswarm connect all --all --timeout 30s < <(echo x)
  assert_output "$(printf 'x\nx')"
}

@test "connect --all ends with the highest status" {
  handler all good cat
  handler all bad sh -c 'cat; exit 7'
  handler all worse sh -c 'exit 9'
  run -9 --separate-stderr lswarm connect all --all --timeout 30s < <(echo x)
}

@test "connect --all cuts no line, whatever its handlers write at the same time" {
  for name in a b c; do
    handler all "$name" sh -c "for i in \$(seq 200); do head -c 20000 /dev/zero | tr '\\0' $name; echo; done"
  done
  lswarm connect all --all --timeout 60s </dev/null >"$WORK/out"
  # One letter, 20,000 times: what is left of the line without its first letter is nothing.
  run -0 awk '{ letter = substr($0, 1, 1); whole = length($0); gsub(letter, ""); print whole, length($0) }' "$WORK/out"
  assert_equal "$(sort -u <<<"$output")" '20000 0'
  run -0 wc -l <"$WORK/out"
  assert_output 600
}

@test "connect --all ends with 255 and a reason when a handler's server is killed" {
  handler all steady cat
  handler all doomed sh -c 'echo up >&2; while echo; do sleep 0.1; done'
  spawn_stdin <(echo x) caller lswarm connect all --all --timeout 30s
  await_line "$WORK/doomed.err" '^up$'
  kill -KILL "${PIDS[doomed]}"
  await_exit caller
  assert_equal "$status" 255
  assert_regex "$(cat "$WORK/caller.err")" 'connection to doomed was lost'
}
