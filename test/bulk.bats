#!/usr/bin/env bats
# `join` from a busy pipe: what is said in bulk is read out of the author's memory by the peers of this machine.

load helpers/common
load helpers/rooms

setup() {
  [[ -e /proc/self/fdinfo/0 && $(stat -fc %T /dev/shm 2>&-) == tmpfs ]] || skip 'no memory to share'
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# reads_memory NAME: it has the author's memory open.
reads_memory() {
  ls -l "/proc/${PIDS[$1]}/fd" | grep -q ' /dev/shm/'
}

# pour AUTHOR FILE: all of it into the author's stdin; returns when nearly all is read.
pour() {
  cat "$2" 1<>"$WORK/$1.in"
}

@test "lines in bulk are read out of memory by every listener, none lost, none cut" {
  lines_of writer 300000 100 >"$WORK/in"
  listen alice
  listen bob
  talk writer -n 2
  pour writer "$WORK/in"
  for name in alice bob; do
    await_lines "$WORK/$name.out" 300000
    reads_memory "$name"
    cmp "$WORK/in" "$WORK/$name.out"
  done
}

@test "single lines between what is said in bulk keep their place" {
  listen alice
  listen bob
  talk writer -n 2
  for round in 1 2 3; do
    lines_of writer 5000 100 >"$WORK/bulk"
    say writer "before $round"
    pour writer "$WORK/bulk"
    say writer "after $round"
    { echo "before $round" && cat "$WORK/bulk" && echo "after $round"; } >>"$WORK/in"
    await_line "$WORK/alice.out" "^after $round\$"
    await_line "$WORK/bob.out" "^after $round\$"
  done
  cmp "$WORK/in" "$WORK/alice.out"
  cmp "$WORK/in" "$WORK/bob.out"
}

@test "two who say much at once: each line of each is whole, and in its author's order" {
  listen alice
  for author in one two; do lines_of "$author" 50000 100 >"$WORK/$author"; done
  spawn_stdin "$WORK/one" one.join lswarm join room -n 2 --name one
  spawn_stdin "$WORK/two" two.join lswarm join room -n 2 --name two
  await_lines "$WORK/alice.out" 100000
  for author in one two; do cmp "$WORK/$author" <(grep "^$author " "$WORK/alice.out"); done
}

@test "who comes late reads what is said from then on" {
  lines_of writer 20000 100 >"$WORK/in"
  listen alice
  talk writer
  pour writer "$WORK/in"
  await_lines "$WORK/alice.out" 20000
  listen bob --verbose
  await_line "$WORK/bob.err" 'writer joined'
  say writer here
  await_line "$WORK/bob.out" '^here$'
  pour writer "$WORK/in"
  await_lines "$WORK/alice.out" 40001
  await_lines "$WORK/bob.out" 20001
  cmp <(cat "$WORK/in" <(echo here) "$WORK/in") "$WORK/alice.out"
  cmp <(cat <(echo here) "$WORK/in") "$WORK/bob.out"
}

@test "a handler beside a listener gets every line in bulk, too" {
  lines_of writer 100000 100 >"$WORK/in"
  listen alice
  spawn handler lswarm exec room --ready -- wc -c
  await_ready handler
  spawn_stdin "$WORK/in" writer lswarm join room -n 2
  await_exit writer
  await_lines "$WORK/alice.out" 100000
  cmp "$WORK/in" <(grep '^writer ' "$WORK/alice.out")
  assert_equal "$(<"$WORK/writer.out")" 10000000
}

@test "records in bulk: they end with NUL, and a listener to lines gets lines" {
  lines_of writer 100000 100 | tr '\n' '\0' >"$WORK/in"
  listen alice -0
  listen bob
  spawn_stdin "$WORK/in" writer lswarm join room -n 2 -0
  await_bytes_of alice 10000000
  await_bytes_of bob 10000000
  cmp "$WORK/in" "$WORK/alice.out"
  cmp <(tr '\0' '\n' <"$WORK/in") "$WORK/bob.out"
}

await_bytes_of() {
  _poll 30 _has_bytes_of "$@" || _complain "$1 has not $2 bytes" "$WORK/$1.err"
}

_has_bytes_of() {
  (($(stat -c %s "$WORK/$1.out") >= $2))
}

@test "--json and --prefix say each line of a bulk" {
  lines_of writer 20000 100 >"$WORK/in"
  listen alice --json
  listen bob --prefix '%n> '
  spawn_stdin "$WORK/in" writer lswarm join room -n 2 --name writer
  await_line "$WORK/alice.out" 'writer 20000 '
  await_lines "$WORK/bob.out" 20000
  cmp <(sed 's/^/writer> /' "$WORK/in") "$WORK/bob.out"
  run -0 objects "$WORK/alice.out" 'o.line'
  cmp "$WORK/in" <(printf '%s\n' "$output")
}

@test "kill -9 of a listener in the middle: the other gets every line" {
  lines_of writer 300000 100 >"$WORK/in"
  listen doomed
  listen alice
  talk writer -n 2 --verbose
  await_line "$WORK/writer.err" '^lswarm: doomed joined$'
  kill -STOP "${PIDS[doomed]}"
  spawn pouring bash -c 'cat "$1/in" 1<>"$1/writer.in"' _ "$WORK"
  await_line "$WORK/alice.out" '^writer 1 '
  kill -KILL "${PIDS[doomed]}"
  await_exit pouring 60
  await_lines "$WORK/alice.out" 300000
  cmp "$WORK/in" "$WORK/alice.out"
}

@test "kill -9 of the author: a listener has whole lines, in order" {
  lines_of writer 300000 100 >"$WORK/in"
  listen alice --verbose
  talk writer --verbose
  await_line "$WORK/writer.err" '^lswarm: alice joined$'
  kill -STOP "${PIDS[alice]}"
  spawn pouring bash -c 'cat "$1/in" 1<>"$1/writer.in"' _ "$WORK"
  await_line "$WORK/writer.err" 'alice takes nothing'
  kill -KILL "${PIDS[writer]}"
  kill -CONT "${PIDS[alice]}"
  await_line "$WORK/alice.err" '^lswarm: writer left'
  bytes=$(stat -c %s "$WORK/alice.out")
  assert_equal "$((bytes % 100))" 0
  cmp -n "$bytes" "$WORK/in" "$WORK/alice.out"
}

@test "without memory to share lines go by the links" {
  mkdir "$WORK/disk"
  [[ $(stat -fc %T "$WORK/disk") != tmpfs ]] || skip 'no other file system to put there'
  unshare -Urm mount --bind "$WORK/disk" /dev/shm 2>&- || skip 'no user namespaces to mount in'
  lines_of writer 100000 100 >"$WORK/in"
  listen alice
  listen bob
  mkfifo "$WORK/writer.in"
  spawn mouth bash -c 'exec tail -f /dev/null >"$1"' _ "$WORK/writer.in"
  spawn_stdin "$WORK/writer.in" writer unshare -Urm bash -c \
    'mount --bind "$1" /dev/shm && unset XDG_RUNTIME_DIR && exec lswarm join room -n 2 --ready' - "$WORK/disk"
  await_ready writer
  pour writer "$WORK/in"
  for name in alice bob; do
    await_lines "$WORK/$name.out" 100000
    run ! reads_memory "$name"
    cmp "$WORK/in" "$WORK/$name.out"
  done
}
