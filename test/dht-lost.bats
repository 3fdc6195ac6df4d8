#!/usr/bin/env bats
# `--dht`: what is said when the network does not answer, and when a peer is lost.

load helpers/common
load helpers/network

@test "no answer from the network is said within 10 s, and peers of the machine meet meanwhile" {
  spawn_on a receiver recv t --dht --bootstrap 127.0.0.1:1 --key-file "$WORK/key" --ready
  await_ready receiver
  echo hello | on a send t --timeout 30s
  await_exit receiver
  assert_equal "$(<"$WORK/receiver.out")" hello
  spawn_on b alone join t --dht --bootstrap 127.0.0.1:1 --key-file "$WORK/key" -d --keep
  await_line "$WORK/alone.err" '^lswarm: no answer from the network yet: check --bootstrap' 10
}

@test "--timeout ends a wait for the network with 124" {
  run -124 --separate-stderr on a recv t --dht --bootstrap 127.0.0.1:1 --key-file "$WORK/key" --timeout 1s
}

@test "a stream whose sender was killed is incomplete" {
  network
  mkfifo "$WORK/in"
  spawn_stdin "$WORK/in" sender env "LSWARM_DIR=$WORK/a" lswarm send t $NETWORK
  exec {IN}<>"$WORK/in"
  spawn_on b receiver recv t $NETWORK
  echo half >&"$IN"
  await_line "$WORK/receiver.out" half
  kill -KILL "${PIDS[sender]}"
  await_exit receiver 60
  assert_equal "$status" 4
  exec {IN}>&-
}
