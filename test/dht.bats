#!/usr/bin/env bats
# `--dht`: peers that are not on one machine, on a private network that `lswarm bootstrap` runs on loopback.

load helpers/common

load helpers/network

@test "bootstrap prints the option for others and nothing else, and ends at a signal" {
  network
  assert_regex "$NODE" '^--bootstrap 127\.0\.0\.1:[0-9]+$'
  assert_equal "$(<"$WORK/first.err")" ''
  kill -TERM "${PIDS[first]}"
  await_exit first
  assert_equal "$status" 143
}

@test "a port that is taken is named" {
  network
  run -1 --separate-stderr lswarm bootstrap --host 127.0.0.1 --port "${NODE##*:}"
  assert_regex "$stderr" "cannot listen at 127.0.0.1:${NODE##*:}"
}

@test "a stream is exact and confirmed" {
  network
  head -c 5000000 /dev/urandom >"$WORK/in"
  spawn_on a sender send t "$WORK/in" $NETWORK
  on b recv t $NETWORK --timeout 30s >"$WORK/out"
  cmp "$WORK/in" "$WORK/out"
  await_exit sender
  assert_equal "$status" 0
}

@test "a receiver that comes first is found" {
  network
  spawn_on a receiver recv t $NETWORK --ready
  await_ready receiver
  echo hello | on b send t $NETWORK --timeout 30s
  await_exit receiver
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/receiver.out")" hello
}

@test "a command's reply and its exit status come back" {
  network
  spawn_on a server exec t $NETWORK --ready -- sh -c 'tr a-z A-Z; exit 7'
  await_ready server
  run -7 --separate-stderr on b connect t $NETWORK --timeout 30s < <(echo hello)
  assert_output HELLO
}

@test "a large reply is complete although the command left its input unread" {
  network
  spawn_on a server exec t $NETWORK --ready -- head -c 3000000 /dev/zero
  await_ready server
  run -0 bash -c 'head -c 2000000 /dev/zero | lswarm connect t "$@" --timeout 30s | wc -c' - $NETWORK
  assert_output 3000000
}

@test "commands at both ends speak to each other" {
  network
  spawn_on a server exec t $NETWORK --ready -- sh -c 'read x; echo "got $x"'
  await_ready server
  run -0 --separate-stderr on b connect t $NETWORK --timeout 30s -- sh -c 'echo hello; read x; echo "$x" >"$1"' - "$WORK/said"
  assert_equal "$(<"$WORK/said")" 'got hello'
}

@test "a command does not see the key" {
  network
  spawn server env "LSWARM_DIR=$WORK/a" "LSWARM_KEY=$(<"$WORK/key")" lswarm exec t --dht $NODE --ready -- sh -c 'echo "key: $LSWARM_KEY, by $LSWARM_TRANSPORT"'
  await_ready server
  run -0 --separate-stderr on b connect t $NETWORK --timeout 30s </dev/null
  assert_output 'key: , by dht'
}

@test "listen and connect are two ends of one connection" {
  network
  spawn_on a door listen t $NETWORK --ready
  await_ready door
  on b connect t $NETWORK --timeout 30s < <(echo hello)
  await_exit door
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/door.out")" hello
}

@test "lines go to every peer" {
  network
  spawn_on a alice join t $NETWORK -d --ready --name alice
  await_ready alice
  on b join t $NETWORK --timeout 30s < <(printf 'one\ntwo\n')
  await_exit alice
  assert_equal "$(<"$WORK/alice.out")" $'one\ntwo'
}

@test "messages are heard, and top sees who is there" {
  network
  spawn_on a subscriber sub t $NETWORK -n 1 --ready --name alice
  await_ready subscriber
  sees_alice() { run -0 --separate-stderr on c top t $NETWORK --once --json && [[ $output == *'"alice"'* ]]; }
  _poll 60 sees_alice
  assert_regex "$output" '"dht"'
  on b pub t hello $NETWORK --timeout 30s
  await_exit subscriber
  assert_equal "$status" 0
  assert_regex "$(<"$WORK/subscriber.out")" 'hello$'
}

@test "wait opens, and peers says what carries a peer" {
  network
  spawn_on a alice join t $NETWORK -d --keep --name alice
  on b wait t $NETWORK --timeout 30s
  await_peers 1 b $NETWORK
  assert_regex "${lines[1]}" '^alice .* join .* dht$'
}

@test "peers of one machine are met there only" {
  network
  spawn_on a alice join t $NETWORK -d --keep --name alice --ready
  await_ready alice
  run -0 --separate-stderr on a peers t $NETWORK
  assert_equal "${#lines[@]}" 2
  assert_regex "${lines[1]}" '^alice .* local$'
}
