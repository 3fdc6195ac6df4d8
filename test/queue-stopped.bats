#!/usr/bin/env bats
# Work queues with a worker that hangs: the sender says which record it has.

load helpers/common
load helpers/queue

setup() {
  queue_setup
}

teardown() {
  lswarm_teardown
}

# stopped_worker COMMAND...: one, stopped while it has the record s1.
stopped_worker() {
  worker one --max 1 -- "$WORK/staged" started "$WORK"
  sender 's1 s2' --ordered "$@"
  await_files started.s1
  kill -STOP "${PIDS[one]}"
  worker two -- "$WORK/staged" none "$WORK"
}

@test "a sender says every few seconds which worker has not answered which record, until another one has" {
  local said='^lswarm: waiting for one to answer record 1$'
  stopped_worker
  _poll 30 _says_twice "$said" || _complain 'not said twice' "$WORK/sender.err"
  end_worker one KILL
  go s1
  ORDERED=1 answered s1 s2
  assert_equal "$(grep -vcE "$said" "$WORK/sender.err")" 1
  assert_regex "$(<"$WORK/sender.err")" 'record 1: the connection to one was lost'
}

_says_twice() {
  (($(grep -cE "$1" "$WORK/sender.err") >= 2))
}

@test "with --quiet a sender does not say which worker it waits for, and of many records it names some" {
  worker one --max 20 -- "$WORK/staged" started "$WORK"
  printf '%s\n' s{1..5} >"$WORK/records"
  spawn other lswarm send --queue jobs --timeout 60s --quiet "$WORK/records"
  await_files started.s{1..5}
  rm "$WORK"/started.s*
  sender 's1 s2 s3 s4 s5'
  await_files started.s{1..5}
  await_line "$WORK/sender.err" '^lswarm: waiting for one to answer record 1, one to answer record 2, one to answer record 3 and 2 more$'
  go s1 s2 s3 s4 s5
  answered s1 s2 s3 s4 s5
  await_exit other
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/other.err")" ''
}
