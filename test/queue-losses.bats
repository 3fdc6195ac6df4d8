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
