#!/usr/bin/env bats
# `lswarm join --slow`: what happens beside a peer that takes nothing. A stopped process is such a peer.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# beside_stopped OPTION...: alice and carol listen, writer has them both and an open stdin, then carol is stopped.
beside_stopped() {
  listen alice
  listen carol --verbose
  talk writer --json "$@"
  await_line "$WORK/writer.out" '"event":"join".*"name":"alice"'
  await_line "$WORK/writer.out" '"event":"join".*"name":"carol"'
  kill -STOP "${PIDS[carol]}"
}

# pour COUNT: so many lines of 1000 bytes into writer's stdin; returns when writer has read nearly all of them.
pour() {
  lines_of writer "$1" 1000 >"$WORK/in"
  cat "$WORK/in" 1<>"$WORK/writer.in"
}

# await_end: the end of writer, and of all that carol has of it.
await_end() {
  hush writer
  await_exit writer
  assert_equal "$status" 0
  await_line "$WORK/carol.err" '^lswarm: writer left$'
}

# missed_lines: how many lines carol was told that she missed.
missed_lines() {
  awk '/^lswarm: missed [0-9]+ lines? from writer$/ { sum += $3 } END { print sum + 0 }' "$WORK/carol.err"
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

@test "--slow cut: the stopped peer is cut off and named, the others get every line" {
  beside_stopped --slow cut
  pour 20000
  await_line "$WORK/writer.err" 'carol was too slow: cut off'
  await_lines "$WORK/alice.out" 20000
  cmp "$WORK/in" "$WORK/alice.out"
  await_line "$WORK/writer.out" '"event":"leave".*"name":"carol"'
}

@test "--slow cut: who was cut off gets whole lines, and learns that the link was lost" {
  listen carol --json
  talk writer --slow cut
  # All that comes after the stop may be a part of one long frame.
  pour 5
  await_lines "$WORK/carol.out" 6
  kill -STOP "${PIDS[carol]}"
  pour 20000
  await_line "$WORK/writer.err" 'cut off'
  kill -CONT "${PIDS[carol]}"
  await_line "$WORK/carol.out" '"event":"leave".*"reason":"the '
  run -0 objects "$WORK/carol.out" 'o.line?.length'
  assert_equal "$(sort -u <<<"$output")" 999
}

@test "--slow wait holds everything back for a stopped peer, names it, and nobody misses a line when it goes on" {
  beside_stopped --slow wait
  lines_of writer 100000 1000 >"$WORK/in"
  spawn pouring bash -c 'cat "$1/in" 1<>"$1/writer.in"' _ "$WORK"
  await_line "$WORK/writer.err" '"message":"carol takes nothing"'
  ((100000 > $(grep -c '' "$WORK/alice.out")))
  (($(peak_kb writer) < 180000))
  kill -CONT "${PIDS[carol]}"
  await_exit pouring
  await_end
  await_lines "$WORK/alice.out" 100000
  cmp "$WORK/in" "$WORK/alice.out"
  cmp "$WORK/in" "$WORK/carol.out"
}

@test "--slow wait is what a pipe gets: the stopped peer is cut off loudly, and the others go on" {
  beside_stopped
  lines_of writer 20000 1000 >"$WORK/in"
  spawn pouring bash -c 'cat "$1/in" 1<>"$1/writer.in"' _ "$WORK"
  await_line "$WORK/writer.err" '"message":"carol takes nothing"'
  ((20000 > $(grep -c '' "$WORK/alice.out")))
  await_line "$WORK/writer.err" 'carol took nothing for 30 s: cut off' 90
  await_lines "$WORK/alice.out" 20000
  cmp "$WORK/in" "$WORK/alice.out"
}

@test "a peer that was stopped for a while is still in the room" {
  beside_stopped --slow wait
  say writer one
  await_line "$WORK/alice.out" '^one$'
  kill -CONT "${PIDS[carol]}"
  say writer two
  await_line "$WORK/carol.out" '^two$'
  assert_equal "$(<"$WORK/carol.out")" $'one\ntwo'
}

@test "a writer that was stopped goes on where it was" {
  beside_stopped --slow wait
  kill -CONT "${PIDS[carol]}"
  kill -STOP "${PIDS[writer]}"
  # Longer than the re-scan of the others.
  run -124 lswarm wait room -n 9 --timeout 5s
  kill -CONT "${PIDS[writer]}"
  say writer hello
  await_line "$WORK/alice.out" '^hello$'
  await_line "$WORK/carol.out" '^hello$'
  run -0 objects "$WORK/writer.out" 'o.event'
  assert_output $'join\njoin'
}
