#!/usr/bin/env bats
# Handlers under pressure: more callers than places, callers that come in floods, stall, or leave.

load helpers/common

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# handler OPTION... -- COMMAND...: starts an exec on topic t and waits until it can be met.
handler() {
  spawn server lswarm exec t --ready -v "$@"
  await_ready server
}

# hold NAME [OPTION...]: a caller that stays until `let_go NAME`, with its handler running.
hold() {
  come "$@"
  await_line "$WORK/$1.out" '^up$'
}

# come NAME [OPTION...]: the same, without waiting for its handler.
come() {
  mkfifo "$WORK/$1.in"
  spawn "$1's hand" bash -c 'exec tail -f /dev/null >"$1"' _ "$WORK/$1.in"
  spawn_stdin "$WORK/$1.in" "$1" lswarm connect t --timeout 60s --ready "${@:2}"
  await_ready "$1"
}

# let_go NAME: ends its input, and waits for its end.
let_go() {
  kill "${PIDS["$1's hand"]}"
  await_exit "$1"
}

# let_pass: a moment in which something must not happen.
let_pass() {
  run -124 lswarm wait nobody-at-all --timeout 700ms
}

# need_proc: skips where nothing tells of descriptors and children.
need_proc() {
  [[ -r /proc/self/task/$$/children ]] || skip 'no /proc to count descriptors and children in'
}

descriptors() {
  ls "/proc/${PIDS[server]}/fd" | wc -l
}

children() {
  wc -w <"/proc/${PIDS[server]}/task/${PIDS[server]}/children"
}

_has_no_children() {
  (($(children) == 0))
}

_has_descriptors() {
  (($(descriptors) <= $1))
}

# --- More callers than places

@test "the 41st caller of the default --max waits, and is served when one of the 40 has ended" {
  need_proc
  handler -- sh -c 'echo up; exec cat'
  spawn forty node "$ROOT/test/helpers/holders.mjs" t 40
  await_line "$WORK/forty.out" '^40 up$' 60
  come last
  let_pass
  assert_equal "$(<"$WORK/last.out")" ''
  assert_equal "$(children)" 40
  kill -USR1 "${PIDS[forty]}"
  await_line "$WORK/last.out" '^up$'
  let_go last
  assert_equal "$status" 0
  kill "${PIDS[forty]}"
  await_exit forty
}

@test "the 41st caller of the default --max is told busy with --busy refuse" {
  handler --busy refuse -- sh -c 'echo up; exec cat'
  spawn forty node "$ROOT/test/helpers/holders.mjs" t 40
  await_line "$WORK/forty.out" '^40 up$' 60
  run -3 --separate-stderr lswarm connect t --timeout 60s </dev/null
  assert_regex "$stderr" 'busy with 40 of 40'
}

@test "--max-per-peer holds one peer back, and no other" {
  handler --max-per-peer 2 -- sh -c 'echo up; exec cat'
  spawn many node "$ROOT/test/helpers/holders.mjs" t 3
  await_line "$WORK/many.out" '^2 up$'
  hold other
  let_go other
  run -1 grep -x '3 up' "$WORK/many.out"
  kill -USR1 "${PIDS[many]}"
  await_line "$WORK/many.out" '^3 up$'
}

@test "--max-per-peer with --busy refuse tells that peer busy, and no other" {
  handler --max-per-peer 2 --busy refuse -- sh -c 'echo up; exec cat'
  spawn many node "$ROOT/test/helpers/holders.mjs" t 3
  await_line "$WORK/many.out" '^busy$'
  await_line "$WORK/many.out" '^2 up$'
  hold other
  let_go other
  assert_equal "$status" 0
}

@test "who waits for a place and is interrupted gives its turn to the next" {
  handler --max 1 -- sh -c 'echo up; exec cat'
  hold first
  come second
  come third
  let_pass
  kill -INT "${PIDS[second]}"
  await_exit second
  let_go first
  await_line "$WORK/third.out" '^up$'
  let_go third
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/second.out")" ''
}

@test "who waits for a place hears of the server's end" {
  handler --max 1 -- sh -c 'echo up; exec cat'
  hold first
  come second
  let_pass
  kill -TERM "${PIDS[server]}"
  await_exit second
  assert_equal "$status" 3
  await_exit first
  await_exit server
  assert_equal "$status" 143
}

# --- Floods

@test "a flood of connects: never more commands than --max, every one answered, nothing left behind" {
  need_proc
  handler --max 5 -- sh -c 'read x; echo "<$x>"'
  # One caller for what a first call leaves loaded and open.
  run -0 node "$ROOT/test/helpers/flood.mjs" t 10 "${PIDS[server]}"
  _poll 20 _has_no_children
  before=$(descriptors)
  run -0 node "$ROOT/test/helpers/flood.mjs" t 300 "${PIDS[server]}"
  assert_regex "$output" '^300 answered, at most [1-5] commands at a time$'
  _poll 20 _has_no_children
  _poll 20 _has_descriptors "$before"
}

@test "a flood of connects with --busy refuse: who is over it is told busy, nothing left behind" {
  need_proc
  handler --max 5 --busy refuse -- sh -c 'read x; echo "<$x>"'
  run -0 node "$ROOT/test/helpers/flood.mjs" t 10 "${PIDS[server]}"
  _poll 20 _has_no_children
  before=$(descriptors)
  run -0 node "$ROOT/test/helpers/flood.mjs" t 300 "${PIDS[server]}"
  assert_regex "$output" '^[0-9]+ answered, [0-9]+ busy, at most [1-5] commands at a time$'
  _poll 20 _has_no_children
  _poll 20 _has_descriptors "$before"
  # Room again.
  run -0 --separate-stderr lswarm connect t --timeout 60s < <(echo x)
  assert_output '<x>'
}

@test "callers that are killed while they wait and while they run leave nothing behind" {
  need_proc
  handler --max 3 -- sh -c 'echo up; exec cat'
  run -0 --separate-stderr lswarm connect t --timeout 60s </dev/null
  _poll 20 _has_no_children
  before=$(descriptors)
  for _ in 1 2; do
    spawn holders node "$ROOT/test/helpers/holders.mjs" t 6
    await_line "$WORK/holders.out" '^3 up$'
    kill -KILL "${PIDS[holders]}"
    await_exit holders
  done
  _poll 20 _has_no_children
  _poll 20 _has_descriptors "$before"
  run -0 --separate-stderr lswarm connect t --timeout 60s </dev/null
  assert_output up
}

# --- Callers that stall

# stalled [OPTION...]: a handler that writes 100 MB on the word `much`, and a caller that takes nothing of them.
stalled() {
  handler "$@" -- sh -c 'read x; echo "$x"; test "$x" != much || exec head -c 100000000 /dev/zero'
  spawn_stdin <(echo much) slow lswarm connect t
  await_line "$WORK/slow.out" '^much$'
  kill -STOP "${PIDS[slow]}"
}

@test "a handler that writes 100 MB to a stopped caller holds up no other" {
  stalled
  run -0 node "$ROOT/test/helpers/flood.mjs" t 30 "${PIDS[server]}"
  assert_regex "$output" '^30 answered'
  kill -CONT "${PIDS[slow]}"
  await_exit slow 60
  assert_equal "$status" 0
  assert_equal "$(stat -c %s "$WORK/slow.out")" 100000005
}

@test "with --pipes too" {
  stalled --pipes
  run -0 node "$ROOT/test/helpers/flood.mjs" t 30 "${PIDS[server]}"
  assert_regex "$output" '^30 answered'
  kill -CONT "${PIDS[slow]}"
  await_exit slow 60
  assert_equal "$status" 0
  assert_equal "$(stat -c %s "$WORK/slow.out")" 100000005
}

@test "a handler that reads nothing of a flood of input holds up no other" {
  handler -- sh -c 'read x; echo "$x"; test "$x" != stand || exec sleep 60'
  spawn_stdin <(echo stand; head -c 30000000 /dev/zero) full lswarm connect t
  await_line "$WORK/full.out" '^stand$'
  run -0 node "$ROOT/test/helpers/flood.mjs" t 30 "${PIDS[server]}"
  assert_regex "$output" '^30 answered'
}

# --- Ends

@test "a hundred commands that leave their input unread: every reply whole, and its status" {
  handler -- sh -c 'head -c 20000 /dev/zero; exit 3'
  run -0 node "$ROOT/test/helpers/unread.mjs" t 100 20000 3
  assert_output '100 whole'
}

@test "with --pipes the status comes after the whole reply" {
  handler --pipes -- sh -c 'head -c 3000000 /dev/zero; exit 3'
  for _ in 1 2 3; do
    run -0 bash -c 'lswarm connect t </dev/null | wc -c; exit $((${PIPESTATUS[0]} - 3))'
    assert_output 3000000
  done
}

@test "SIGKILL of a command alone is 137 at the caller" {
  handler -- sh -c 'echo $$; exec sleep 60'
  spawn caller lswarm connect t
  await_line "$WORK/caller.out" '^[0-9]+$'
  kill -KILL "$(<"$WORK/caller.out")"
  await_exit caller
  assert_equal "$status" 137
}

@test "without descriptors for its own parts exec says what to raise" {
  local limit
  # How many Node itself needs differs.
  for limit in {18..40}; do
    run --separate-stderr bash -c "ulimit -n $limit; exec timeout 5 lswarm exec --queue t -- cat"
    [[ $stderr != *'raise the limit with ulimit'* ]] || break
  done
  assert_equal "$status" 1
  assert_equal "$stderr" 'lswarm: too many open files (raise the limit with ulimit -n)'
}
