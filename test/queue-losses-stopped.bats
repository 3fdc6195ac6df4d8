#!/usr/bin/env bats
# Work queues lose nothing: workers are stopped at each stage of a record's life, and killed then.

load helpers/common
load helpers/queue

setup() {
  queue_setup
}

teardown() {
  lswarm_teardown
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
