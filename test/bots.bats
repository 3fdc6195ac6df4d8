#!/usr/bin/env bats
# Handlers in company: `join` beside `exec`.

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
