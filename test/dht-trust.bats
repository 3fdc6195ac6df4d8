#!/usr/bin/env bats
# `--dht`: who may come, with which key, and what is said when nobody can.

load helpers/common
load helpers/network

@test "with another key nobody is there" {
  network
  spawn_on a alice join t $NETWORK -d --keep --ready
  await_ready alice
  run -0 --separate-stderr env "LSWARM_DIR=$WORK/b" "LSWARM_KEY=$(lswarm key new)" lswarm peers t --dht $NODE
  assert_output ''
  assert_equal "$stderr" 'lswarm: nobody is on t'
}

@test "a key is taken from a descriptor, and words are a key" {
  network
  lswarm key word >"$WORK/words"
  spawn_stdin "$WORK/words" alice env "LSWARM_DIR=$WORK/a" lswarm join t --dht $NODE --key-fd 0 -d --keep --name alice --ready
  await_ready alice
  on b wait t --dht $NODE --key-fd 7 --timeout 30s 7<"$WORK/words"
}

@test "a public topic needs no key" {
  network
  spawn_on a alice join t --dht $NODE --public -d --keep --ready
  await_ready alice
  on b wait t --dht $NODE --public --timeout 30s
}

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
