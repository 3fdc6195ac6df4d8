#!/usr/bin/env bats
# What killed processes leave in a topic's directory.

load helpers/common
load helpers/rooms
load helpers/directories

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "a peer that was killed leaves a socket, and nobody minds" {
  listen alice
  listen bob
  kill -KILL "${PIDS[alice]}"
  await_exit alice
  assert_equal "$(sockets | wc -l)" 2
  run -0 --separate-stderr lswarm join room <<<hello
  await_line "$WORK/bob.out" '^hello$'
}

@test "beside the leftovers of 200 killed processes, peers meet and see only each other" {
  listen alice
  leftovers 200
  run -0 --separate-stderr lswarm join room --timeout 20s <<<hello
  assert_equal "$stderr" ''
  await_line "$WORK/alice.out" '^hello$'
  lswarm peers room --json >"$WORK/peers"
  run -0 objects "$WORK/peers" 'o.name'
  assert_output alice
}

@test "leftovers that are young stay: their process may be about to listen" {
  listen alice
  leftovers 5
  # Long enough for alice to be refused twice.
  run -124 lswarm wait room -n 9 --timeout 8s
  local path
  while read -r path; do [[ -S $path ]]; done <"$WORK/dead"
}

@test "leftovers that are old are removed, those who are there are not" {
  listen alice
  listen bob
  leftovers 200
  xargs touch -d '2 hours ago' <"$WORK/dead"
  # The sockets of the living are as old.
  touch -d '2 hours ago' "$(topic_directory)"/*
  local -a dead
  mapfile -t dead <"$WORK/dead"
  await_gone "${dead[@]}"
  assert_equal "$(sockets | wc -l)" 2
  run -0 --separate-stderr lswarm join room -n 2 --timeout 20s <<<hello
  await_line "$WORK/alice.out" '^hello$'
  await_line "$WORK/bob.out" '^hello$'
}

@test "leftovers of processes that were killed before they could be met are removed when old" {
  listen alice
  leftovers 5 .p-
  xargs touch -d '2 hours ago' <"$WORK/dead"
  local -a dead
  mapfile -t dead <"$WORK/dead"
  await_gone "${dead[@]}"
  assert_equal "$(sockets | wc -l)" 1
}
