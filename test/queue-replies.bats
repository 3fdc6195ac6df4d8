#!/usr/bin/env bats
# Work queues: each reply is printed once, when all of it is here, whatever becomes of workers meanwhile.

load helpers/common
load helpers/queue

setup() {
  queue_setup
}

teardown() {
  lswarm_teardown
}

# two_workers STAGE RECORDS OPTION...: one and two, each with a directory of its own in WORK for the stages of its commands, and
# a sender, with these two records; waits until both are at the stage. Sets `holder[RECORD]` to the worker that has it.
two_workers() {
  local name record
  rm -rf "$WORK/one" "$WORK/two"
  for name in one two; do
    mkdir "$WORK/$name"
    worker "$name" -v -- "$WORK/staged" "$1" "$WORK/$name"
  done
  sender "$2" -n 2 "${@:3}"
  holder=()
  for record in $2; do
    _poll 20 _is_held "$1.$record" || _complain "$record is not $1" "$WORK"/*.err
    holder[$record]=$found
  done
}

_is_held() {
  for found in one two; do [[ ! -e $WORK/$found/$1 ]] || return 0; done
  return 1
}

# release RECORD...: lets the commands of these go on, whoever runs them.
release() {
  local record
  for record; do touch "$WORK"/{one,two}/go."$record"; done
}

# end_both: ends the workers that are left.
end_both() {
  local name
  for name in one two; do
    kill -TERM "${PIDS[$name]}" 2>&- || true
    await_exit "$name"
  done
}

@test "of two workers with long replies either is killed in the middle" {
  local order victim found
  local -A holder
  for order in '' --ordered; do
    for victim in a1 b2; do
      two_workers saying 'a1 b2' $order
      end_worker "${holder[$victim]}" KILL
      release a1 b2
      ORDERED=$order answered a1 b2
      end_both
    done
  done
}

@test "with --ordered a long reply whose turn has not come does not keep its worker from the record before it" {
  local found
  local -A holder
  two_workers started 'a1 b2' --ordered
  release b2
  _poll 20 _is_held over.b2
  end_worker "${holder[a1]}" KILL
  release a1
  ORDERED=1 answered a1 b2
}

@test "a whole reply that waits for its turn outlives its worker, and its command is not run again" {
  local found record
  local -A holder
  for record in b2 s2; do
    two_workers started "a1 $record" --ordered
    release "$record"
    await_line "$WORK/${holder[$record]}.err" '^lswarm: end 1: '
    end_worker "${holder[$record]}" TERM
    release a1
    ORDERED=1 answered a1 "$record"
    assert_equal "$(cat "$WORK"/{one,two}/runs 2>&- | grep -cx "$record")" 1
    end_both
  done
}

@test "without --ordered a long reply that is not whole holds no other back" {
  local found
  local -A holder
  two_workers saying 'a1 b2'
  release b2
  _poll 20 _has_bytes "$WORK/sender.out" 3000001
  release a1
  answered a1 b2
}

@test "a reply that is still in the memory of its worker is not taken for whole" {
  mkdir "$WORK/tmp"
  cat >"$WORK/command" <<'END'
read -r x
head -c 300000 /dev/zero | tr '\0' "$x" && : >"$1/said"
until [ -e "$1/go" ] || [ ! -d "$1" ]; do sleep 0.02; done
# No more than the kernel, the worker and a pipe hold: the command ends, though nobody reads it.
head -c 290000 /dev/zero | tr '\0' "$x" && : >"$1/over"
END
  worker doomed -- sh "$WORK/command" "$WORK"
  TMPDIR=$WORK/tmp sender a
  await_files said
  # The sender has read all of it.
  _poll 20 _keeps 300000
  kill -STOP "${PIDS[sender]}"
  : >"$WORK/go"
  # Where they hold less, the command does not end: that is a case of its own, and to be lost in the same way.
  _poll 3 _are_there over || true
  end_worker doomed KILL
  kill -CONT "${PIDS[sender]}"
  worker heir -- sh "$WORK/command" "$WORK"
  await_exit sender
  assert_equal "$status" 0
  assert_equal "$(tr -d a <"$WORK/sender.out" | wc -c) $(wc -c <"$WORK/sender.out")" '0 590000'
}

@test "what a worker told before it was killed counts, though the sender was stopped" {
  mkfifo "$WORK/later"
  worker one -v --max 2 -- "$WORK/staged" started "$WORK"
  spawn_stdin "$WORK/later" other lswarm send --queue jobs --ready
  exec 5>"$WORK/later"
  await_ready other
  sender s1
  await_files started.s1
  kill -STOP "${PIDS[sender]}"
  go s1 s2
  await_line "$WORK/one.err" '^lswarm: end 1: '
  # When the other sender has a reply, what was told before has left the worker.
  echo s2 >&5
  await_line "$WORK/other.out" s
  end_worker one KILL
  kill -CONT "${PIDS[sender]}"
  answered s1
  assert_equal "$(grep -c s1 "$WORK/runs")" 1
  exec 5>&-
}

# poisoned NAME: a worker whose command kills it when the record is 2.
poisoned() {
  worker "$1" -- sh -c 'read x; test "$x" != 2 || kill -9 "$(cut -d" " -f4 /proc/$PPID/stat)"; echo "$x"'
}

@test "a record that kills its workers has failed after --retries more of them, and the others have not" {
  poisoned one
  sender '2 3' --retries 1
  await_exit one
  poisoned two
  await_exit two
  poisoned three
  await_exit sender
  assert_equal "$status" 4
  assert_equal "$(<"$WORK/sender.out")" 3
  assert_regex "$(<"$WORK/sender.err")" 'failed: record 1 \(its worker was lost\)$'
}

@test "a long reply that cannot be kept fails its record by name, and no other" {
  worker one -- "$WORK/staged" none "$WORK"
  TMPDIR=$WORK/missing sender 's1 b2 s3' --ordered
  await_exit sender
  assert_equal "$status" 4
  assert_equal "$(<"$WORK/sender.out")" $'ssssssssss\nssssssssss'
  assert_regex "$(<"$WORK/sender.err")" \
    'failed: record 2 \(cannot keep its reply in .*/missing: no such file or directory\)$'
}

@test "a sender that is killed leaves nothing of the replies that it kept" {
  mkdir "$WORK/tmp"
  worker one -- "$WORK/staged" saying "$WORK"
  TMPDIR=$WORK/tmp sender b1
  await_files saying.b1
  _poll 20 _keeps 1500000
  kill -KILL "${PIDS[sender]}"
  await_exit sender
  assert_equal "$(ls -A "$WORK/tmp")" ''
}

# _keeps BYTES: the sender has so much of a reply; what is not in memory is in a file without a name.
_keeps() {
  local fd
  for fd in /proc/"${PIDS[sender]}"/fd/*; do
    [[ $(readlink "$fd") != "$WORK/tmp/"*' (deleted)' || $(stat -Lc %s "$fd") -lt $(($1 - 65536)) ]] || return 0
  done
  return 1
}
