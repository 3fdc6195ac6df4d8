#!/usr/bin/env bats
# `lswarm join --slow`: what happens beside a peer that takes nothing. A stopped process is such a peer.

load helpers/common
load helpers/rooms
load helpers/stopped

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "--slow drop beside a stopped peer: the others get every line" {
  beside_stopped --slow drop
  pour 20000
  await_lines "$WORK/alice.out" 20000
  cmp "$WORK/in" "$WORK/alice.out"
}

@test "--slow drop: the stopped peer is told how many lines it missed, and got all the others whole and in order" {
  beside_stopped --slow drop
  pour 20000
  await_lines "$WORK/alice.out" 20000
  kill -CONT "${PIDS[carol]}"
  await_end
  local missed got
  missed=$(missed_lines)
  got=$(grep -c '' "$WORK/carol.out")
  assert_equal "$((missed + got))" 20000
  ((missed > 10000))
  # What she has stands in what was said, in the same order.
  assert_equal "$(awk '{ print $2 }' "$WORK/carol.out" | sort -n -C && echo sorted)" sorted
  sort "$WORK/in" >"$WORK/in.sorted"
  assert_equal "$(sort "$WORK/carol.out" | comm -23 - "$WORK/in.sorted")" ''
}

@test "--slow drop drops the oldest lines: the last one arrives" {
  beside_stopped --slow drop
  pour 20000
  await_lines "$WORK/alice.out" 20000
  kill -CONT "${PIDS[carol]}"
  await_line "$WORK/carol.out" '^writer 20000 '
  run -1 grep '^writer 10000 ' "$WORK/carol.out"
}

@test "--slow drop names the stopped peer, and how many lines it missed" {
  beside_stopped --slow drop
  pour 20000
  await_line "$WORK/writer.err" '"slow":"carol"'
  kill -CONT "${PIDS[carol]}"
  await_line "$WORK/writer.err" 'carol is slow and missed [0-9]+ lines'
}

@test "--slow drop --json: the stopped peer's output counts what it missed" {
  listen carol --json
  talk writer --slow drop
  await_line "$WORK/carol.out" '"name":"writer"'
  kill -STOP "${PIDS[carol]}"
  pour 20000
  kill -CONT "${PIDS[carol]}"
  await_line "$WORK/carol.out" '"line":"writer 20000 '
  run -0 objects "$WORK/carol.out" '"line" in o ? 1 : o.event === "missed" ? o.lines : undefined'
  assert_equal "$(awk '{ sum += $1 } END { print sum }' <<<"$output")" 20000
}

@test "--slow drop loses nothing for a peer that is stopped while little is said" {
  beside_stopped --slow drop
  pour 1000
  await_lines "$WORK/alice.out" 1000
  kill -CONT "${PIDS[carol]}"
  await_end
  assert_equal "$(missed_lines)" 0
  cmp "$WORK/in" "$WORK/carol.out"
}

@test "--slow drop beside nobody slow loses nothing, however fast the input" {
  lines_of writer 100000 1000 >"$WORK/in"
  spawn alice bash -c 'set -o pipefail; lswarm join room -d -n 2 | cat'
  spawn carol lswarm join room -d -n 2
  run -0 --separate-stderr lswarm join room -n 2 --slow drop <"$WORK/in"
  await_exit alice
  await_exit carol
  cmp "$WORK/in" "$WORK/alice.out"
  cmp "$WORK/in" "$WORK/carol.out"
}

@test "--slow cut beside nobody slow cuts nobody, however fast the input" {
  lines_of writer 100000 1000 >"$WORK/in"
  spawn alice bash -c 'set -o pipefail; lswarm join room -d -n 2 | cat'
  spawn carol lswarm join room -d -n 2
  run -0 --separate-stderr lswarm join room -n 2 --slow cut <"$WORK/in"
  assert_equal "$stderr" ''
  await_exit alice
  await_exit carol
  cmp "$WORK/in" "$WORK/alice.out"
  cmp "$WORK/in" "$WORK/carol.out"
}

@test "--slow drop: the writer's memory is bounded while a peer is stopped" {
  beside_stopped --slow drop
  pour 200000
  await_lines "$WORK/alice.out" 200000 60
  (($(peak_kb writer) < 180000))
}
