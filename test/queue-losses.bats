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
