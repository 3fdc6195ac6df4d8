#!/usr/bin/env bats
# A file that is changed while `send` sends it, whichever way it goes: read by the receivers, out of memory, by sockets.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
  BYTES=12000000
  random $BYTES "$WORK/original"
  cp "$WORK/original" "$WORK/in"
}

teardown() {
  lswarm_teardown
}

# held NAME: a receiver whose reader takes a byte, and no more before `let_go NAME`. What it read is in $WORK/NAME.got.
held() {
  rm -f "$WORK/$1.go" "$WORK/$1.got"
  mkfifo "$WORK/$1.go"
  spawn "$1" bash -c 'set -o pipefail; lswarm recv t --ready --name "$1" |
    { head -c 1 >"$3"; read -r <"$2"; exec cat >>"$3"; }' - "$1" "$WORK/$1.go" "$WORK/$1.got"
  await_ready "$1"
}

# await_begun NAME: it has read the first byte. There is more to come than has room on the way.
await_begun() {
  await_bytes "$WORK/$1.got" 1
}

let_go() {
  echo >"$WORK/$1.go"
}

# change HOW: changes $WORK/in.
change() {
  case $1 in
    overwritten) head -c 10 /dev/zero | dd of="$WORK/in" conv=notrunc bs=1 seek=$((BYTES / 2)) status=none ;;
    rewritten) random $((BYTES * 2)) "$WORK/in" ;;
    grown) echo more >>"$WORK/in" ;;
    cut) truncate -s $((BYTES / 2)) "$WORK/in" ;;
    cut-and-filled) truncate -s 0 "$WORK/in" && truncate -s $BYTES "$WORK/in" ;;
  esac
}

# try COUNT 'HOW...' OPTION...: sends it to so many receivers, and changes it in each of these ways when it has begun.
try() {
  local count=$1 ways=$2 how
  shift 2
  for how in $ways; do
    cp "$WORK/original" "$WORK/in"
    for ((i = 0; i < count; i++)); do held "r$i"; done
    spawn two lswarm send t -n "$count" "$@" "$WORK/in"
    for ((i = 0; i < count; i++)); do await_begun "r$i"; done
    change $how
    for ((i = 0; i < count; i++)); do let_go "r$i"; done
    expect two 4
    for ((i = 0; i < count; i++)); do
      expect "r$i" 4
      assert_regex "$(tail -n 1 "$WORK/r$i.err")" \
        '^lswarm: the stream from .* broke off after [0-9]+ bytes: .* was (changed while it was sent|cut short: it had [0-9]+)$'
    done
  done
}

@test "read by one receiver itself: status 4 at both ends" {
  try 1 'overwritten rewritten grown cut cut-and-filled'
}

@test "read by two receivers themselves: status 4 at all ends" {
  try 2 'overwritten cut'
}

@test "by a socket: status 4 at both ends" {
  try 1 'overwritten rewritten grown cut cut-and-filled' --digest crc32
}

@test "by two sockets: status 4 at all ends" {
  try 2 'overwritten cut' --digest crc32
}

@test "out of memory: status 4 at all ends" {
  # More than there is room for in memory.
  BYTES=30000000
  random $BYTES "$WORK/original"
  try 2 'overwritten cut' --digest crc32
}

@test "a file that is cut short is sent as far as it goes, and how long it was is said" {
  held one
  spawn two lswarm send t "$WORK/in"
  await_begun one
  truncate -s 8000000 "$WORK/in"
  let_go one
  expect two 4
  expect one 4
  assert_regex "$(tail -n 1 "$WORK/one.err")" 'broke off after 8000000 bytes: the file was cut short: it had 12000000$'
  cmp -n 8000000 "$WORK/original" "$WORK/one.got"
}

@test "a file that is changed before a receiver comes: status 4, also a short one, one on stdin, one that was empty" {
  for bytes in 0 6 "$BYTES"; do
    for how in '"$1"' '<"$1"'; do
      random "$bytes" "$WORK/in"
      spawn two bash -c "exec lswarm send t --ready $how" - "$WORK/in"
      await_ready two
      echo more >>"$WORK/in"
      receiver one
      expect two 4
      expect one 4
    done
  done
}

@test "a file that is replaced by another, or removed, is sent as it was" {
  for how in 'mv other in' 'rm in'; do
    for options in '' '--digest crc32'; do
      cp "$WORK/original" "$WORK/in"
      echo other >"$WORK/other"
      held one
      spawn two lswarm send t $options "$WORK/in"
      await_begun one
      (cd "$WORK" && $how)
      let_go one
      expect two 0
      expect one 0
      cmp "$WORK/original" "$WORK/one.got"
    done
  done
}

@test "a handler gets a status 4 at its sender, too, when the file is changed" {
  mkfifo "$WORK/go"
  spawn one lswarm exec t --name one --ready -- sh -c 'head -c 1 >/dev/null; echo begun >&2; read go <"$0"; cat >/dev/null' "$WORK/go"
  await_ready one
  spawn two lswarm send t "$WORK/in"
  await_line "$WORK/one.err" begun
  change overwritten
  echo >"$WORK/go"
  expect two 4
  assert_equal "$(tail -n 1 "$WORK/two.err")" "lswarm: $WORK/in was changed while it was sent"
}

@test "files of the kernel, which do not tell their length, are sent to their end" {
  for file in /proc/version /proc/self/status /sys/kernel/mm/transparent_hugepage/enabled; do
    [[ -r $file ]] || continue
    receiver one
    run -0 --separate-stderr lswarm send t "$file"
    expect one 0
    [[ -s $WORK/one.out ]]
  done
}
