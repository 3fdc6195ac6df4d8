#!/usr/bin/env bats
# `--raw --dht hex:TOPIC`: connections that are cut, and commands that take too long.

load helpers/common
load helpers/streams
load helpers/raw

@test "a connection that is cut is incomplete, and no file appears" {
  program other both cut half
  run -4 --separate-stderr lswarm recv $RAW -o "$WORK/out"
  assert_regex "$stderr" '^lswarm: incomplete: the connection with [0-9a-f]{8} was cut'
  [[ ! -e $WORK/out ]]
}

@test "a sender whose receiver was killed says so" {
  program other both count
  mkfifo "$WORK/in"
  spawn_stdin "$WORK/in" sender lswarm send hex:$TOPIC --raw --dht $NODE -v
  exec {IN}<>"$WORK/in"
  await_line "$WORK/sender.err" 'sending to'
  kill -KILL "${PIDS[other]}"
  echo hello >&"$IN"
  await_exit sender 90
  assert_equal "$status" 4
  assert_regex "$(<"$WORK/sender.err")" '[0-9a-f]{8} did not get all'
  exec {IN}>&-
}

@test "an end below the encryption is taken for a clean one: nothing confirms, with --raw" {
  program other server fin half
  run -0 --separate-stderr lswarm recv $RAW
  assert_output half
}

@test "a command that takes too long is ended" {
  (umask 077 && lswarm key new >"$WORK/seed")
  spawn server lswarm exec hex:$TOPIC --raw --dht $NODE --allow "$(lswarm key id --seed-file "$WORK/seed")" --once --timeout 500ms --ready -- sleep 60
  await_ready server
  run --separate-stderr lswarm connect $RAW --seed-file "$WORK/seed" </dev/null
  expect server 124
}
