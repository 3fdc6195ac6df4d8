#!/usr/bin/env bats
# Work queues: records and replies of any length, and what the command of a record gets, is, and leaves behind.

load helpers/common
load helpers/queue

setup() {
  queue_setup
}

teardown() {
  lswarm_teardown
}

# --- Short records and replies go over the link, long ones over a stream of their own

# records LENGTH...: a record of each length, its newline included, all of one letter.
records() {
  local length letters=abcdefgh
  for length; do
    head -c $((length - 1)) /dev/zero | tr '\0' "${letters:0:1}"
    echo
    letters=${letters:1}
  done
}

@test "records and replies of any length, at the limit of the link and past it" {
  records 65535 65536 65537 1048576 2 >"$WORK/records"
  worker one --max 3 -- cat
  lswarm send --queue jobs --ordered --timeout 60s "$WORK/records" >"$WORK/replies"
  cmp "$WORK/records" "$WORK/replies"
}

@test "a short record with a long reply, and a long record with a short one" {
  worker one --max 2 -- sh -c 'read x; test ${#x} = 1 || { echo ${#x}; exit; }; head -c 5000000 /dev/zero; echo'
  records 2 100000 2 >"$WORK/records"
  run -0 bash -c 'lswarm send --queue jobs --ordered --timeout 60s "$1" | tr -d "\0"' - "$WORK/records"
  assert_output $'\n99999'
  lswarm send --queue jobs --timeout 60s "$WORK/records" | wc -c >"$WORK/bytes"
  assert_equal "$(<"$WORK/bytes")" 10000008
}

@test "a worker that cannot start commands by shells is given streams, and its commands all of its environment" {
  worker_without_shells one --max 3 -- bash -c 'read x; f ${#x}'
  records 2 65537 3 >"$WORK/records"
  run -0 --separate-stderr lswarm send --queue jobs --ordered --timeout 60s "$WORK/records"
  assert_output $'f of 1\nf of 65536\nf of 2'
}

@test "what one record's command left behind says nothing in the reply to the next" {
  mkfifo "$WORK/go"
  worker one -- bash -c 'read x
    if [[ $x == 1 ]]; then (read y <"$1"; echo stale) & echo $! >"$1.pid"
    else echo >"$1"; while kill -0 $(<"$1.pid") 2>&-; do :; done; fi
    echo $x' - "$WORK/go"
  run -0 --separate-stderr lswarm send --queue jobs --timeout 60s < <(seq 2)
  assert_output $'1\n2'
}

@test "what a command left unread of its record is in no other" {
  worker one -- head -n 1
  run -0 --separate-stderr lswarm send --queue jobs -0 --timeout 60s < <(printf 'a\nb\n\0c\nd\n\0')
  assert_output $'a\nc'
}

@test "the environment of a command is that of its record" {
  worker one -- sh -c 'echo $PROTO $LSWARM_TOPIC $LSWARM_TRANSPORT $LSWARM_CONNECTION ${#LSWARM_PEER}'
  run -0 --separate-stderr lswarm send --queue jobs --timeout 60s < <(seq 3)
  assert_output "$(printf 'LSWARM jobs local %s 32\n' 1 2 3)"
}

@test "a command of a queue has descriptors 0, 1 and 2, and no others" {
  spawn one bash -c 'exec lswarm exec --queue jobs --ready -- ls -l /proc/self/fd 9</dev/null 250</dev/null'
  await_ready one
  run -0 --separate-stderr bash -c 'seq 2 | lswarm send --queue jobs --timeout 60s | sed -n "s/.* \([0-9]*\) -> .*/\1/p"'
  # 3 is the directory that ls reads.
  assert_output "$(printf '%s\n' 0 1 2 3 0 1 2 3)"
}

@test "a command of a queue can open /dev/stdin and /dev/stdout by name" {
  worker one -- sh -c 'rev /dev/stdin >/dev/stdout'
  run -0 --separate-stderr lswarm send --queue jobs --timeout 60s < <(echo hello)
  assert_output olleh
}

@test "a command is the program of that name, not what a shell has built in" {
  worker one -- echo -e 'a\x62'
  run -0 --separate-stderr lswarm send --queue jobs --timeout 60s < <(echo x)
  assert_output ab
}

@test "a command that a signal ended, or that is not there any more, is named" {
  printf '#!/bin/sh\nread x; test $x != 1 || kill -9 $$; rm "$0"\n' >"$WORK/command"
  chmod +x "$WORK/command"
  worker one -- "$WORK/command"
  run -4 --separate-stderr lswarm send --queue jobs --timeout 60s < <(seq 3)
  assert_regex "$stderr" 'record 1 \(exit status 137\)'
  assert_regex "$stderr" 'record 3 \([^)]*command not found\)'
  refute_regex "$stderr" 'record 2'
}

@test "--timeout ends a command of a queue, and the next one is started" {
  worker one --timeout 500ms --kill-after 300ms -- \
    sh -c 'read x; test $x = 1 || exec echo $x; trap "" TERM; while :; do sleep 1; done'
  run -4 --separate-stderr lswarm send --queue jobs --timeout 60s < <(seq 2)
  assert_output 2
  assert_regex "$stderr" 'record 1 \(it took too long\)'
}

@test "a command that is ended may still say something" {
  worker one --timeout 500ms -- sh -c 'trap "echo bye; exit 0" TERM; sleep 60 & wait'
  run -4 --separate-stderr lswarm send --queue jobs --timeout 60s < <(echo x)
  assert_output bye
}

# children NAME: the processes that it started.
children() {
  cat "/proc/${PIDS[$1]}/task/${PIDS[$1]}/children"
}

_have_ended() {
  local pid
  for pid; do _has_ended "$pid" || return; done
}

@test "a worker that is killed or ended leaves none of its shells and commands behind" {
  [[ -r /proc/self/task/$$/children ]] || skip 'no /proc to see children in'
  local signal
  for signal in KILL TERM; do
    worker one --max 3 --kill-after 500ms -- \
      sh -c 'read x; trap "" TERM; test $x != 3 || { echo up >&2; while echo; do sleep 0.1; done; }'
    spawn_stdin <(seq 3) sender lswarm send --queue jobs --retries 0 --timeout 60s
    await_line "$WORK/one.err" '^up$'
    local shells=($(children one))
    assert [ ${#shells[@]} -ge 1 ]
    kill -"$signal" "${PIDS[one]}"
    await_exit one
    await_exit sender
    assert_equal "$status" 4
    _poll 5 _have_ended "${shells[@]}"
  done
}

@test "a command that talks on ends when the sender is killed" {
  worker one -- sh -c 'read x; echo $$ >&2; while echo "$x"; do :; done'
  spawn_stdin <(echo x) sender lswarm send --queue jobs
  await_line "$WORK/one.err" '^[0-9]+$'
  pid=$(grep -xE '[0-9]+' "$WORK/one.err")
  kill -KILL "${PIDS[sender]}"
  await_exit sender
  _poll 20 _has_ended "$pid"
}

@test "a worker that is killed loses its records to another, those under way and those it had no time for" {
  worker doomed --max 4 -- sh -c 'read x; echo started >&2; while echo; do sleep 0.1; done'
  spawn_stdin <(seq 40) sender lswarm send --queue jobs --timeout 60s
  _poll 20 _has_lines "$WORK/doomed.err" '^started$' 4
  worker heir --max 2 -- cat
  kill -KILL "${PIDS[doomed]}"
  await_exit sender
  assert_equal "$status" 0
  assert_equal "$(sort -n "$WORK/sender.out")" "$(seq 40)"
}

# _has_lines FILE PATTERN COUNT
_has_lines() {
  (($(grep -cE "$2" "$1") >= $3))
}
