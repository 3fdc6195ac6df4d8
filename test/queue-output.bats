#!/usr/bin/env bats
# Work queues whose output cannot be written any more: only that is reported.

load helpers/common
load helpers/queue

setup() {
  queue_setup
}

teardown() {
  lswarm_teardown
}

# busy_worker: answers record 1 at once, and holds each other record, short and long, until the test ends.
busy_worker() {
  worker one --max 20 -- sh -c 'read -r x; [ "$x" != 1 ] || exec echo 1
    [ "$x" -lt 5 ] || head -c 300000 /dev/zero
    : >"$0/held.$x"; while [ -d "$0" ]; do sleep 0.02; done' "$WORK"
}

# records_to COMMAND: gives it record 1 when records 2 to 9 are held.
records_to() {
  mkfifo "$WORK/in"
  { seq 2 9; await_files held.{2..9}; echo 1; } >"$WORK/in" 3>&- &
  run --separate-stderr bash -c "$1" <"$WORK/in"
  wait $!
}

@test "when the reader of the replies goes away, the sender ends with 0 and reports no lost worker" {
  busy_worker
  records_to 'lswarm send --queue jobs --timeout 30s | head -c 1; echo "${PIPESTATUS[0]}"'
  assert_equal "$output" 10
  assert_equal "$stderr" ''
}

@test "when the replies cannot be written, the sender reports that alone" {
  busy_worker
  records_to 'lswarm send --queue jobs --timeout 30s >/dev/full'
  assert_equal "$status" 1
  assert_equal "$stderr" 'lswarm: cannot write the output: no space left on device'
}
