#!/usr/bin/env bats
# Work queues whose sender has few file descriptors: each long reply takes some, so records wait for them.

load helpers/common
load helpers/queue

setup() {
  queue_setup
}

teardown() {
  lswarm_teardown
}

# answers_all DESCRIPTORS OPTION...: a sender with so few gets 60 long replies, each in one piece.
answers_all() {
  local record
  seq 60 >"$WORK/records"
  for record in $(seq 60); do yes "$record" | head -c 200000; echo; done >"$WORK/expected"
  spawn sender bash -c 'ulimit -n "$1"; exec lswarm send --queue jobs --timeout 60s "${@:2}" "$0"' "$WORK/records" "$@"
  await_exit sender 40
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/sender.err")" ''
  case $* in
    *--ordered*) cmp "$WORK/sender.out" "$WORK/expected" ;;
    *) assert_equal "$(uniq -c "$WORK/sender.out" | sort)" "$(uniq -c "$WORK/expected" | sort)" ;;
  esac
}

long_reply='read -r x; yes "$x" | head -c 200000; echo'

@test "with few descriptors at the sender long replies wait for them, and none is lost" {
  local name
  for name in one two; do worker "$name" --max 20 -- sh -c "$long_reply"; done
  answers_all 64 --ordered
  answers_all 40 --ordered
  answers_all 40
  # For one reply at a time.
  answers_all 28 --ordered
}

@test "with few descriptors at the sender replies over streams of their own wait for them, and none is lost" {
  local name
  for name in one two; do worker_without_shells "$name" --max 20 -- sh -c "$long_reply"; done
  answers_all 40 --ordered
  answers_all 40
}

@test "workers that are more than the descriptors of the sender leave it some for replies" {
  local number
  for number in {1..8}; do
    spawn "worker$number" lswarm exec --queue jobs --ready -- sh -c "$long_reply"
  done
  for number in {1..8}; do await_ready "worker$number"; done
  answers_all 28
}

@test "a reply that finds no descriptor for its file waits for one" {
  [[ $(type -P prlimit) && $(type -P ss) ]] || skip 'no prlimit to take descriptors away with, or no ss'
  mkfifo "$WORK/in"
  worker one -- "$WORK/staged" started "$WORK"
  spawn_stdin "$WORK/in" sender lswarm send --queue jobs --timeout 60s
  exec 5>"$WORK/in"
  echo b1 >&5
  await_files started.b1
  # Room for the connection of the reply, and not for its file.
  free=0
  while [[ -e /proc/${PIDS[sender]}/fd/$free ]]; do free=$((free + 1)); done
  prlimit --pid "${PIDS[sender]}" --nofile=$((free + 1)):
  go b1
  _poll 20 _is_waiting
  prlimit --pid "${PIDS[sender]}" --nofile=1024:
  exec 5>&-
  answered b1
}

# _is_waiting: the connection is made, and the sender leaves in the kernel what has come over it.
_is_waiting() {
  local socket unread
  socket=$(readlink "/proc/${PIDS[sender]}/fd/$free") || return
  unread=$(ss -xH | awk -v "inode=${socket//[^0-9]/}" '$3 > 0 && ($6 == inode || $8 == inode) { print $3 }')
  [[ -n $unread && $unread == "${before:-}" ]] || { before=$unread; return 1; }
}
