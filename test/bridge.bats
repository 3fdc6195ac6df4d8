#!/usr/bin/env bats
# `lswarm bridge`: the peers of one machine meet those beyond it. Two runtime directories are two machines.

load helpers/common
load helpers/streams
load helpers/network

# bridges: one on each machine, over TCP; sets PORT.
bridges() {
  PORT=$(node -e "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close() })")
  spawn_on a left bridge t --listen "tcp://127.0.0.1:$PORT" --key-file "$WORK/key" --ready
  await_ready left
  spawn_on b right bridge t --connect "tcp://127.0.0.1:$PORT" --retry 50ms --key-file "$WORK/key" --ready
  await_ready right
}

@test "lines cross it both ways" {
  bridges
  spawn_on a alice join t -d --keep --name alice --ready
  await_ready alice
  spawn_on b bob join t -d --keep --name bob --ready
  await_ready bob
  echo 'from a' | on a join t --to bob --timeout 30s
  await_line "$WORK/bob.out" '^from a$'
  echo 'from b' | on b join t --to alice --timeout 30s
  await_line "$WORK/alice.out" '^from b$'
}

@test "a stream crosses it, exact and confirmed, whoever is first" {
  bridges
  head -c 5000000 /dev/urandom >"$WORK/in"
  spawn_on a receiver recv t -v
  on b send t "$WORK/in" --timeout 30s
  expect receiver 0
  cmp "$WORK/in" "$WORK/receiver.out"
  assert_regex "$(<"$WORK/receiver.err")" '\(send, local\+tcp\+local\)'
  spawn_on a sender send t "$WORK/in"
  on b recv t --timeout 30s >"$WORK/out"
  cmp "$WORK/in" "$WORK/out"
  expect sender 0
}

@test "a command's reply and its exit status cross it" {
  bridges
  spawn_on a server exec t --ready -- sh -c 'tr a-z A-Z; exit 7'
  await_ready server
  run -7 --separate-stderr on b connect t --timeout 30s < <(echo hello)
  assert_output HELLO
}

@test "messages cross it" {
  bridges
  spawn_on a subscriber sub t -n 1 --ready
  await_ready subscriber
  on b pub t hello --timeout 30s
  expect subscriber 0
  assert_regex "$(<"$WORK/subscriber.out")" 'hello$'
}

@test "a second bridge duplicates nobody, and takes over when the first is killed" {
  bridges
  spawn_on b spare bridge t --connect "tcp://127.0.0.1:$PORT" --retry 50ms --key-file "$WORK/key" --ready
  await_ready spare
  spawn_on a alice join t -d --keep --name alice --ready
  await_ready alice
  on b wait t --timeout 30s
  await_peers 1 b
  assert_equal "${#lines[@]}" 2
  echo once | on b join t --name bob --timeout 30s
  await_line "$WORK/alice.out" '^once$'
  kill -KILL "${PIDS[right]}"
  echo again | on b join t --name bob --timeout 30s
  await_line "$WORK/alice.out" '^again$'
  assert_equal "$(grep -c once "$WORK/alice.out")" 1
}

@test "a sender that is killed beyond it leaves an incomplete stream" {
  bridges
  spawn_on a receiver recv t -v
  mkfifo "$WORK/pipe"
  exec {PIPE}<>"$WORK/pipe"
  spawn_stdin "$WORK/pipe" sender env "LSWARM_DIR=$WORK/b" lswarm send t
  echo begun >&"$PIPE"
  await_line "$WORK/receiver.out" '^begun$'
  kill -KILL "${PIDS[sender]}"
  exec {PIPE}>&-
  expect receiver 4
}

@test "at its end nobody beyond it is there, and nothing is left" {
  bridges
  spawn_on a alice join t -d --keep --name alice --ready
  await_ready alice
  on b wait t --timeout 30s
  kill -TERM "${PIDS[right]}"
  expect right 143
  on b wait t --gone alice --timeout 30s
  assert_equal "$(find "$WORK/b" -mindepth 1)" ''
}

@test "a bridge to nowhere is refused" {
  run -2 --separate-stderr lswarm bridge t
  assert_equal "$stderr" 'lswarm: a bridge leads somewhere: give --dht, --lan, --listen URL or --connect URL'
}
