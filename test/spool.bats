#!/usr/bin/env bats
# `send` to several receivers on one machine: they read what is sent out of one place in memory.

load helpers/common
load helpers/streams

setup() {
  [[ -e /proc/self/fdinfo/0 && $(stat -fc %T /dev/shm 2>&-) == tmpfs ]] || skip 'no memory to share'
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# reads_memory NAME: it has the sender's memory open.
reads_memory() {
  ls -l "/proc/${PIDS[$1]}/fd" | grep -q ' /dev/shm/'
}

# begin NAME SENDER: the sender has begun, and the receiver has printed the first line.
begin() {
  echo begin >"$WORK/begin"
  feed "$2" "$WORK/begin"
  await_line "$WORK/$1.out" begin
}

# is_prefix NAME FILE...: what it printed is how these files begin.
is_prefix() {
  local out=$WORK/$1.out
  shift
  cmp -n "$(stat -c %s "$out")" "$out" <(cat "$@")
}

@test "what is in memory is read by two receivers, and can be written by none of them" {
  sender two -n 2
  receiver one
  receiver other
  begin one two
  reads_memory one
  reads_memory other
  for path in /proc/"${PIDS[two]}"/fd/*; do
    [[ $(readlink "$path") == /dev/shm/* ]] || continue
    assert_equal "$(stat -Lc %a "$path")" 400
    assert_equal "$(stat -Lc %h "$path")" 0
  done
  finish two
  expect two 0
  same one "$WORK/begin"
  same other "$WORK/begin"
}

@test "a long stream is exact at two, at five and at twelve receivers" {
  random 40000001 "$WORK/in"
  for count in 2 5 12; do
    for ((i = 0; i < count; i++)); do receiver "r$i"; done
    run -0 --separate-stderr bash -c 'cat "$1" | lswarm send t -n "$2"' - "$WORK/in" "$count"
    for ((i = 0; i < count; i++)); do same "r$i" "$WORK/in"; done
  done
}

@test "an empty stream, and one that is as long as the memory, or one byte longer" {
  for bytes in 0 1 16777216 16777217; do
    random "$bytes" "$WORK/in"
    receiver one
    receiver other
    run -0 --separate-stderr bash -c 'cat "$1" | lswarm send t -n 2' - "$WORK/in"
    same one "$WORK/in"
    same other "$WORK/in"
  done
}

@test "a command's output, a file with a digest of every byte: both are read out of memory" {
  random 20000000 "$WORK/in"
  receiver one
  receiver other
  run -0 --separate-stderr lswarm send t -n 2 -- cat "$WORK/in"
  same one "$WORK/in"
  same other "$WORK/in"
  receiver one
  receiver other
  run -0 --separate-stderr lswarm send t -n 2 --digest crc32 "$WORK/in"
  same one "$WORK/in"
  same other "$WORK/in"
  assert_equal "$(tail -n 1 "$WORK/one.err")" "$stderr"
}

@test "a receiver that is a command goes by sockets, and everybody with it" {
  random 20000000 "$WORK/in"
  receiver one
  spawn other lswarm recv t --ready -- cat
  await_ready other
  run -0 --separate-stderr bash -c 'cat "$1" | lswarm send t -n 2' - "$WORK/in"
  same one "$WORK/in"
  same other "$WORK/in"
}

@test "a slow writer's words are there when he says them, and nobody is blamed for his silence" {
  sender two -n 2 --drop-slow 1s
  receiver one
  receiver other
  begin one two
  let_pass
  echo more >"$WORK/more"
  feed two "$WORK/more"
  await_line "$WORK/one.out" more
  await_line "$WORK/other.out" more
  finish two
  expect two 0
  expect one 0
  expect other 0
}

@test "kill -9 of one of two receivers: it is named, and the other gets all" {
  sender two -n 2
  receiver doomed
  receiver other
  overwhelm doomed two
  kill -KILL "${PIDS[doomed]}"
  finish two
  expect two 4
  assert_equal "$(tail -n 1 "$WORK/two.err")" 'lswarm: not confirmed by doomed (the connection was lost)'
  expect other 0
  cmp "$WORK/other.out" <(cat "$WORK/begin" "$WORK/much")
}

@test "a receiver that is stopped holds the sender, which goes on with it" {
  sender two -n 2
  receiver one
  receiver other
  overwhelm one two
  await_line "$WORK/two.err" 'waiting for one, who takes nothing'
  (($(stat -c %s "$WORK/other.out") < 30000000))
  kill -CONT "${PIDS[one]}"
  finish two
  expect two 0
  expect one 0
  expect other 0
  cmp "$WORK/one.out" <(cat "$WORK/begin" "$WORK/much")
  cmp "$WORK/one.out" "$WORK/other.out"
}

@test "a receiver that was given up while it was stopped has printed nothing but what was sent" {
  sender two -n 2 --drop-slow 1s
  receiver one
  receiver other
  overwhelm one two
  # More than the memory: where it has still to read, something else is written by now.
  await_bytes "$WORK/other.out" 30000006
  kill -CONT "${PIDS[one]}"
  expect one 4
  assert_regex "$(tail -n 1 "$WORK/one.err")" 'given up: (took nothing for 1 s|it took too long)$'
  is_prefix one "$WORK/begin" "$WORK/much"
  finish two
  expect two 4
  assert_equal "$(tail -n 1 "$WORK/two.err")" 'lswarm: not confirmed by one (took nothing for 1 s)'
  expect other 0
  cmp "$WORK/other.out" <(cat "$WORK/begin" "$WORK/much")
}

@test "a receiver whose output takes nothing is given up, and the other gets all" {
  mkfifo "$WORK/never"
  sender two -n 2 --drop-slow 1s
  spawn slow bash -c 'set -o pipefail; lswarm recv t --ready --name slow | { read -r <"$1"; cat; }' - "$WORK/never"
  await_ready slow
  receiver other
  begin other two
  random 30000000 "$WORK/much"
  feed two "$WORK/much"
  finish two
  expect two 4
  assert_equal "$(tail -n 1 "$WORK/two.err")" 'lswarm: not confirmed by slow (took nothing for 1 s)'
  expect other 0
  cmp "$WORK/other.out" <(cat "$WORK/begin" "$WORK/much")
}

@test "kill -9 of the sender: both receivers end with 4, after a prefix" {
  sender two -n 2
  receiver one
  receiver other
  overwhelm one two
  kill -KILL "${PIDS[two]}"
  kill -CONT "${PIDS[one]}"
  for name in one other; do
    expect "$name" 4
    assert_regex "$(tail -n 1 "$WORK/$name.err")" "broke off after $(stat -c %s "$WORK/$name.out") bytes: the connection was lost\$"
    is_prefix "$name" "$WORK/begin" "$WORK/much"
  done
}

@test "a sender that is interrupted is status 4 at both receivers, which say why" {
  sender two -n 2
  receiver one
  receiver other
  begin one two
  kill -TERM "${PIDS[two]}"
  expect two 143
  for name in one other; do
    expect "$name" 4
    assert_regex "$(tail -n 1 "$WORK/$name.err")" 'interrupted by SIGTERM$'
    is_prefix "$name" "$WORK/begin"
  done
}

@test "a command that fails is no end: both receivers end with 4" {
  receiver one
  receiver other
  run -1 --separate-stderr lswarm send t -n 2 -- bash -c 'echo some; exit 3'
  for name in one other; do
    expect "$name" 4
    assert_equal "$(<"$WORK/$name.out")" some
  done
}

# fails_while_stopped SIZE: two receivers, `one` stopped by a command that writes SIZE bytes then, and fails.
fails_while_stopped() {
  random "$1" "$WORK/in"
  spawn two lswarm send t --ready -n 2 -- bash -c 'kill -STOP "$1"; cat "$2"; exit 3' - "${PIDS[one]}" "$WORK/in"
  await_line "$WORK/two.err" 'waiting for one, who takes nothing'
  kill -CONT "${PIDS[one]}"
  expect two 1
  expect one 4
  assert_regex "$(tail -n 1 "$WORK/one.err")" "broke off after $1 bytes: bash ended with status 3\$"
  cmp "$WORK/one.out" "$WORK/in"
}

@test "what a command has written before it fails is at a receiver that was stopped meanwhile" {
  receiver one
  receiver other
  fails_while_stopped 5
  expect other 4
  cmp "$WORK/other.out" "$WORK/in"
}

@test "what a command has written before it fails is at each receiver, though it is more than the memory" {
  receiver one
  receiver other
  fails_while_stopped 20000000
  expect other 4
  cmp "$WORK/other.out" "$WORK/in"
}

# sender_with MOUNT...: `sender two -n 2`, where `mount MOUNT... /dev/shm` was done for it alone.
sender_with() {
  unshare -Urm mount "$@" /dev/shm 2>&- || skip 'no user namespaces to mount in'
  mkfifo "$WORK/two.in"
  spawn two.mouth bash -c 'exec tail -f /dev/null >"$1"' _ "$WORK/two.in"
  spawn_stdin "$WORK/two.in" two unshare -Urm bash -c \
    'mount "$@" /dev/shm && unset XDG_RUNTIME_DIR && exec lswarm send t --ready -n 2' - "$@"
  await_ready two
}

# by_sockets: what `sender two` sends is exact at two receivers, who do not read its memory.
by_sockets() {
  receiver one
  receiver other
  begin one two
  run ! reads_memory one
  random 30000000 "$WORK/much"
  feed two "$WORK/much"
  finish two
  expect two 0
  expect one 0
  expect other 0
  cmp "$WORK/one.out" <(cat "$WORK/begin" "$WORK/much")
  cmp "$WORK/one.out" "$WORK/other.out"
}

@test "without memory to share it goes by sockets" {
  mkdir "$WORK/disk"
  [[ $(stat -fc %T "$WORK/disk") != tmpfs ]] || skip 'no other file system to put there'
  sender_with --bind "$WORK/disk"
  by_sockets
}

@test "with too little memory it goes by sockets" {
  sender_with -t tmpfs -o size=1m none
  by_sockets
}
