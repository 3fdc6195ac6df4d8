#!/usr/bin/env bats
# Options that say what they do: none is ignored in silence. Every pair of them is in test/unit/rules.test.ts.

load helpers/common
load helpers/rooms
load helpers/streams
load helpers/refusals

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# apart ONE OTHER ARG...: refused, and both are named.
apart() {
  refused "${@:3}"
  [[ $line == "lswarm: $1 and $2 exclude each other"* || $line == "lswarm: $2 and $1 exclude each other"* ]] ||
    fail "${*:3}: $line"
}

# lone ONE OTHER ARG...: refused for want of the other, and both are named.
lone() {
  refused "${@:3}"
  assert_equal "$line" "lswarm: $1 goes with $2"
}

@test "send --queue is refused with what is for a stream" {
  apart --digest --queue send t --queue --digest crc32
  apart --size --queue send t --queue --size 5
  apart --drop-slow --queue send t --queue --drop-slow 1s
  apart --progress --queue send t --queue --progress none
  apart 'a command' --queue send t --queue -- cat
}

@test "what is for a queue is refused without --queue" {
  lone --ordered --queue send t --ordered
  lone --retries --queue send t --retries 2
  lone -0 --queue send t -0
  lone --null --queue send t --null
}

@test "connect takes --prefix and -0 with --all alone" {
  lone --prefix --all connect t --prefix '%n '
  lone -0 --all connect t -0
  apart 'a command' --all connect t --all -- cat
}

@test "wait waits for peers or for one to go" {
  apart -n --gone wait t -n 4 --gone alice
}

@test "recv --keep -o FILE would keep the last stream alone, and is refused" {
  apart -o --keep recv t --keep -o file
  apart --output -k recv t -k --output file
  apart -o 'a command' recv t -o file -- cat
}

@test "recv --keep -o goes on with a pipe, and with stdout" {
  mkfifo "$WORK/pipe"
  spawn reader cat "$WORK/pipe"
  receiver one --keep -o "$WORK/pipe"
  run -0 --separate-stderr lswarm send t < <(echo first)
  run -0 --separate-stderr lswarm send t < <(echo second)
  kill -TERM "${PIDS[one]}"
  await_exit one
  await_exit reader
  assert_equal "$(<"$WORK/reader.out")" $'first\nsecond'
}

@test "a file or a command, and a size that is known, are refused beside each other" {
  apart FILE 'a command' send t file -- cat
  apart FILE --size send t file --size 5
}

@test "NDJSON has no prefix, and its objects end with newlines" {
  local verb
  for verb in 'join t' 'sub t' 'connect t --all'; do
    as_object $verb --json --prefix '%n '
    assert_equal "$message" '--prefix and --json exclude each other: NDJSON has fields for that'
  done
  as_object sub t --json -0
  assert_regex "$message" '^-0 and --json exclude each other'
}

@test "join is refused what its mode would ignore" {
  apart --linger --keep join t --keep --linger 1s
  apart --slow -d join t -d --slow drop
  apart --bell -d join t -d --bell
  apart --time --plain join t --plain --time
  apart -v -q join t -q -v
}

@test "exec --queue is refused --busy: a record waits for a free worker in any case" {
  apart --busy --queue exec t --queue --busy refuse -- cat
}

@test "exec --queue --pipes gives a command a pipe for a record that is too long for a file" {
  spawn worker lswarm exec --queue --pipes squares --ready -- sh -c 'wc -c </dev/stdin'
  await_ready worker
  run -0 --separate-stderr lswarm send --queue squares < <(head -c 99999 /dev/zero | tr '\0' a)
  assert_output 100000
}

@test "more peers than are let in can never be there, and are refused" {
  local verb
  for verb in 'send t' 'wait t' 'join t' 'pub t --no-wait'; do
    apart -n --max-peers $verb -n 4 --max-peers 1
    apart --count --max-peers $verb --max-peers 1 --count 2
  done
  refused wait t -n 1001
  assert_equal "$line" 'lswarm: -n goes with --max-peers: by default at most 1000 peers are let in'
}

@test "pub -n counts peers that were given the message one after another" {
  spawn news lswarm pub news hello -n 2 --max-peers 1 --ready
  await_ready news
  run -0 lswarm sub news -n 1 --timeout 20s
  run -0 lswarm sub news -n 1 --history 1 --timeout 20s
  assert_output hello
  await_exit news
}

@test "a number that is too large is told the largest" {
  local most=' to 999999999, not "99999999999"'
  refused join t -n 99999999999
  assert_equal "$line" "lswarm: -n: takes a whole number from 1$most"
  refused exec t --max 99999999999 -- cat
  assert_equal "$line" "lswarm: --max: takes a whole number from 1$most"
  refused join t --ready-fd 99999999999
  assert_equal "$line" "lswarm: --ready-fd: takes a whole number from 3$most"
}

@test "a name that no peer is shown is refused" {
  local verb
  for verb in topics 'peers t'; do
    refused $verb --name x
    assert_equal "$line" "lswarm: ${verb% t} has no option --name; see lswarm ${verb% t} --help"
  done
  apart --name --once top t --once --name x
  as_object top t --json --name x
  assert_regex "$message" '^--json and --name exclude each other'
}

@test "exec --once has one command at a time" {
  apart --max --once exec t --once --max 4 -- cat
  apart --max-per-peer --once exec t --once --max-per-peer 4 -- cat
}

@test "pub -0 is for messages from stdin" {
  apart MESSAGE -0 pub t hello -0
}

@test "top looks beyond this machine at one topic, and --once at one moment" {
  lone --lan TOPIC top --once --lan
  apart --interval --once top t --once --interval 2s
}

@test "a seed is for key id, and --json for completion --install" {
  lone --seed-file 'key id' key new --seed-file seed
  as_object completion bash --json
  assert_equal "$message" '--json goes with --install'
}

@test "the network's options need theirs" {
  apart --public --key-file recv t --lan --public --key-file key
  apart --key-file --key-fd recv t --lan --key-file key --key-fd 3
  apart --lan --local-only recv t --lan --local-only
  lone --tls-ca tls:// recv t --public --listen tcp://127.0.0.1:1 --tls-ca ca
  lone --retry 'tcp://, tls:// or unix:' pub t --public --connect udp://127.0.0.1:1 --retry 1s hello
  apart --dir --raw recv "hex:$(printf '0%.0s' {1..64})" --raw --dht --dir "$WORK"
}

@test "a verb that nobody meets does not say that it is ready" {
  local verb
  for verb in 'peers t' topics 'top t' 'key new' bootstrap 'id list' limits 'completion bash'; do
    refused $verb --ready
    assert_regex "$line" " has no option --ready"
  done
}

@test "verbs whose output is one text have no --json" {
  local verb
  for verb in 'key new' bootstrap; do
    as_object $verb --json
    assert_regex "$message" ' has no option --json'
  done
}

@test "a switch may be given twice, in any of its forms" {
  receiver one -k --keep -qq
  run -0 --separate-stderr lswarm send t -v -v --verbose < <(echo hello)
  kill -TERM "${PIDS[one]}"
  await_exit one
  assert_equal "$(<"$WORK/one.out")" hello
  run -3 --separate-stderr lswarm send t --no-wait --no-wait </dev/null
}

@test "--drop-slow gives up the one receiver of a command's output" {
  receiver one
  mkfifo "$WORK/go"
  spawn two lswarm send t --ready --name two --drop-slow 1s -- sh -c 'echo hello; read -r go <"$1"; exec cat /dev/zero' _ "$WORK/go"
  await_line "$WORK/one.out" hello
  kill -STOP "${PIDS[one]}"
  echo go >"$WORK/go"
  expect two 4
  kill -CONT "${PIDS[one]}"
  assert_equal "$(tail -n 1 "$WORK/two.err")" 'lswarm: not confirmed by one (took nothing for 1 s)'
  expect one 4
}
