#!/usr/bin/env bats
# `--dht`: which key opens a topic.

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
