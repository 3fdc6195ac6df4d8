#!/usr/bin/env bats
# Work queues lose nothing, also where each record and each reply has a stream of its own.

load helpers/common
load helpers/queue

setup() {
  queue_setup
}

teardown() {
  lswarm_teardown
}

@test "nothing is lost by a worker whose commands have the sockets, killed at each stage" {
  local stage
  for stage in started saying said; do loses_nothing "$stage" KILL worker_without_shells; done
}

@test "nothing is lost by a worker whose commands have pipes, killed at each stage" {
  local stage
  for stage in started saying said; do loses_nothing "$stage" KILL worker_with_pipes; done
}
