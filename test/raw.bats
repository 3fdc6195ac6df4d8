#!/usr/bin/env bats
# `--raw --dht hex:TOPIC`: programs that use Hyperswarm, which is not changed in any way for it.

load helpers/common
load helpers/streams
load helpers/raw

@test "send to a program: it gets every byte and the end" {
  head -c 3000000 /dev/urandom >"$WORK/in"
  program other both count
  run -0 --separate-stderr lswarm send $RAW <"$WORK/in"
  expect other 0
  assert_equal "$(<"$WORK/other.out")" "3000000 $(sha256sum "$WORK/in" | cut -d' ' -f1)"
}

@test "recv from a program: every byte, and a clean end" {
  program other server give 3000000
  lswarm recv $RAW >"$WORK/out"
  expect other 0
  assert_equal "$(sha256sum "$WORK/out" | cut -d' ' -f1)" "$(<"$WORK/other.out")"
}

@test "recv into a file from a program that only looks" {
  program other client say hello
  lswarm recv $RAW -o "$WORK/out"
  expect other 0
  assert_equal "$(<"$WORK/out")" hello
}

@test "connect to a program that announces: both directions, each to its end" {
  program other server echo
  head -c 500000 /dev/urandom >"$WORK/in"
  lswarm connect $RAW <"$WORK/in" >"$WORK/out"
  cmp "$WORK/in" "$WORK/out"
}

@test "listen for a program that looks: both directions, each to its end" {
  spawn_stdin <(echo reply) door lswarm listen $RAW --ready
  await_ready door
  program other client say hello
  expect door 0
  expect other 0
  assert_equal "$(<"$WORK/door.out")" hello
  assert_equal "$(<"$WORK/other.out")" reply
}

@test "a command for a program that looks, if it is allowed" {
  run -2 --separate-stderr lswarm exec $RAW -- cat
  assert_regex "$stderr" 'would run the command for anybody: say for whom, with --allow ID'
  (umask 077 && lswarm key new >"$WORK/seed")
  spawn server lswarm exec hex:$TOPIC --raw --dht $NODE --allow "$(lswarm key id --seed-file "$WORK/seed")" --once --ready -- tr a-z A-Z
  await_ready server
  program stranger client say hello
  run -0 --separate-stderr lswarm connect $RAW --seed-file "$WORK/seed" < <(echo hello)
  assert_output HELLO
  expect server 0
  assert_equal "$(<"$WORK/stranger.out")" ''
}

@test "two of lswarm understand each other without a word of lswarm, too" {
  spawn receiver lswarm recv $RAW --ready
  await_ready receiver
  echo hello | lswarm send $RAW
  expect receiver 0
  assert_equal "$(<"$WORK/receiver.out")" hello
}

@test "what goes only between peers of lswarm is refused with --raw" {
  local all="hex:$TOPIC --raw --dht --bootstrap 127.0.0.1:1"
  run -2 --separate-stderr lswarm recv name --raw --dht
  assert_equal "$stderr" 'lswarm: --raw takes the topic itself, hex: and 64 hex digits, and no name for it'
  run -2 --separate-stderr lswarm recv "hex:$TOPIC" --raw
  assert_equal "$stderr" 'lswarm: --raw goes with --dht'
  run -2 --separate-stderr lswarm recv $all --lan
  assert_equal "$stderr" 'lswarm: --lan and --raw exclude each other: nobody there speaks lswarm'
  run -2 --separate-stderr lswarm send $all --queue
  assert_regex "$stderr" '^lswarm: --queue and --raw exclude each other'
  run -2 --separate-stderr lswarm recv $all --key-file k
  assert_regex "$stderr" '^lswarm: --key-file and --raw exclude each other'
  run -2 --separate-stderr lswarm send $all -- echo
  assert_regex "$stderr" '^lswarm: a command and --raw exclude each other'
  run -2 --separate-stderr lswarm join $all
  assert_regex "$stderr" 'join has no option --raw'
  run -2 --separate-stderr env LSWARM_LOCAL_ONLY=1 lswarm recv $all
  assert_regex "$stderr" 'LSWARM_LOCAL_ONLY is set'
}

@test "--raw --no-wait with nobody there is 3" {
  run -3 --separate-stderr lswarm recv $RAW --no-wait
}
