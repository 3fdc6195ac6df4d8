#!/usr/bin/env bats
# Work queues lose nothing: workers are ended at each stage of a record's life.

load helpers/common
load helpers/queue

setup() {
  queue_setup
}

teardown() {
  lswarm_teardown
}

# loses_nothing STAGE HOW [WORKER]: a worker is ended while its commands are at this stage: one with a short reply, one with a
# long one, and one with a long record. Another worker answers all of them, with and without --ordered.
loses_nothing() {
  local stage=$1 how=$2 begin=${3:-worker} order
  local long=l2$(head -c 100000 /dev/zero | tr '\0' x)
  for order in '' --ordered; do
    rm -f "$WORK"/*.s1 "$WORK"/*.l2 "$WORK"/*.m3
    "$begin" doomed --max 3 --kill-after 100ms -- "$WORK/staged" "$stage" "$WORK"
    sender "s1 $long m3" $order
    await_files "$stage".{s1,l2,m3}
    "$begin" heir -- "$WORK/staged" none "$WORK"
    end_worker doomed "$how"
    # What a command says that outlived its worker is nobody's reply.
    go s1 l2 m3
    ORDERED=$order answered s1 l2 m3
    end_worker heir TERM
  done
}

@test "nothing is lost by a worker that is killed before its commands say anything" {
  loses_nothing started KILL
}

@test "nothing is lost by a worker that is killed in the middle of their replies" {
  loses_nothing saying KILL
}

@test "nothing is lost by a worker that is killed after all of their replies, before their ends" {
  loses_nothing said KILL
}

@test "nothing is lost by a worker that is ended in good order before its commands say anything" {
  loses_nothing started TERM
}

@test "nothing is lost by a worker that is ended in good order in the middle of their replies" {
  loses_nothing saying TERM
}

@test "nothing is lost by a worker that is ended in good order after all of their replies, before their ends" {
  loses_nothing said TERM
}

@test "nothing is lost by a worker that is stopped, then killed before its commands say anything" {
  loses_nothing started STOP
}

@test "nothing is lost by a worker that is stopped, then killed in the middle of their replies" {
  loses_nothing saying STOP
}

@test "nothing is lost by a worker that is stopped, then killed after all of their replies, before their ends" {
  loses_nothing said STOP
}

@test "nothing is lost by a worker whose commands have the sockets, killed at each stage" {
  local stage
  for stage in started saying said; do loses_nothing "$stage" KILL worker_without_shells; done
}

@test "nothing is lost by a worker whose commands have pipes, killed at each stage" {
  local stage
  for stage in started saying said; do loses_nothing "$stage" KILL worker_with_pipes; done
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
