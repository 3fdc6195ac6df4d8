#!/usr/bin/env bats
# `--lan`: peers of the local network, found by multicast DNS or named. Two runtime directories are two machines.

load helpers/common
load helpers/streams
load helpers/network

@test "a word meets on the local network, with a warning that it can be guessed" {
  # Anybody on this network who runs the same test would guess a `t`.
  local topic=t-${WORK##*.}
  spawn_on a receiver recv "$topic" --lan --ready
  await_ready receiver
  run -0 --separate-stderr on b send "$topic" --lan --timeout 30s < <(echo hello)
  assert_regex "$stderr" 'guesses the word can join: a topic key keeps them out'
  expect receiver 0
  assert_equal "$(<"$WORK/receiver.out")" hello
}

@test "with a key a stream is exact and confirmed, whoever is first" {
  head -c 5000000 /dev/urandom >"$WORK/in"
  spawn_on a sender send t "$WORK/in" --lan --key-file "$WORK/key"
  on b recv t --lan --key-file "$WORK/key" --timeout 30s >"$WORK/out"
  cmp "$WORK/in" "$WORK/out"
  expect sender 0
  assert_equal "$(<"$WORK/sender.err")" ''
}

@test "lines go to every peer, and peers says what carries each" {
  for name in alice bob; do
    spawn_on $name $name join t --lan --key-file "$WORK/key" -d --keep --name $name --ready
    await_ready $name
  done
  await_peers 2 c --lan --key-file "$WORK/key"
  assert_line --regexp '^alice .* lan$'
  assert_line --regexp '^bob .* lan$'
  echo hello | on c join t --lan --key-file "$WORK/key" -n 2 --timeout 30s
  await_line "$WORK/alice.out" '^hello$'
  await_line "$WORK/bob.out" '^hello$'
}

@test "a command's reply and its exit status come back" {
  spawn_on a server exec t --lan --key-file "$WORK/key" --ready -- sh -c 'tr a-z A-Z; exit 7'
  await_ready server
  run -7 --separate-stderr on b connect t --lan --key-file "$WORK/key" --timeout 30s < <(echo hello)
  assert_output HELLO
}

@test "exec with a word runs for nobody who is not named" {
  run -2 --separate-stderr on a exec t --lan -- cat
  assert_regex "$stderr" 'a word can be guessed: say for whom, with --allow ID, or use a topic key'
}

@test "messages are heard" {
  spawn_on a subscriber sub t --lan --key-file "$WORK/key" -n 1 --ready
  await_ready subscriber
  on b pub t hello --lan --key-file "$WORK/key" --timeout 30s
  expect subscriber 0
  assert_regex "$(<"$WORK/subscriber.out")" 'hello$'
}

@test "peers of one machine are met there only" {
  spawn_on a alice join t --lan --key-file "$WORK/key" -d --keep --ready
  await_ready alice
  run -0 --separate-stderr on a peers t --lan --key-file "$WORK/key"
  assert_equal "${#lines[@]}" 2
  assert_regex "${lines[1]}" ' local$'
}

@test "nothing leaves the machine under --local-only, or under LSWARM_LOCAL_ONLY" {
  run -2 --separate-stderr lswarm recv t --lan --local-only
  assert_equal "$stderr" 'lswarm: --lan and --local-only exclude each other'
  run -2 --separate-stderr env LSWARM_LOCAL_ONLY=1 lswarm recv t --lan
  assert_equal "$stderr" 'lswarm: --lan: LSWARM_LOCAL_ONLY is set, so nothing leaves this machine'
  run -2 --separate-stderr env LSWARM_LOCAL_ONLY=1 lswarm recv t --connect tcp://127.0.0.1:1 --public
  assert_regex "$stderr" '^lswarm: --connect: LSWARM_LOCAL_ONLY is set'
  spawn receiver env LSWARM_LOCAL_ONLY=1 lswarm recv t --local-only
  echo hello | lswarm send t
  expect receiver 0
}
