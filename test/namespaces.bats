#!/usr/bin/env bats
# `--lan` between network namespaces: two machines with a cable between them, and no internet.

load helpers/common
load helpers/streams
load helpers/network

setup() {
  lswarm_setup
  mkdir -m 700 "$WORK/a" "$WORK/b"
  (umask 077 && lswarm key new >"$WORK/key")
  NET=ls$$
  { ip netns add "${NET}a" && ip netns add "${NET}b"; } 2>/dev/null || skip 'no network namespaces here'
  ip link add "${NET}x" netns "${NET}a" type veth peer name "${NET}y" netns "${NET}b" 2>/dev/null || skip 'no veth here'
  plug a "${NET}x" 10.99.0.1
  plug b "${NET}y" 10.99.0.2
}

teardown() {
  lswarm_teardown
  ip netns del "${NET}a" 2>/dev/null || true
  ip netns del "${NET}b" 2>/dev/null || true
}

# plug MACHINE INTERFACE ADDRESS
plug() {
  ip -n "$NET$1" link set lo up
  ip -n "$NET$1" address add "$3/24" dev "$2"
  ip -n "$NET$1" link set "$2" up
}

# at MACHINE COMMAND...: runs it there.
at() {
  ip netns exec "$NET$1" env "LSWARM_DIR=$WORK/$1" "${@:2}"
}

# spawn_at MACHINE NAME COMMAND...
spawn_at() {
  spawn "$2" ip netns exec "$NET$1" env "LSWARM_DIR=$WORK/$1" "${@:3}"
}

@test "two machines without internet find each other" {
  spawn_at a receiver lswarm recv t --lan --key-file "$WORK/key" --ready
  await_ready receiver
  run -0 --separate-stderr at b lswarm send t --lan --key-file "$WORK/key" --timeout 20s < <(echo hello)
  expect receiver 0
  assert_equal "$(<"$WORK/receiver.out")" hello
}

@test "by IPv6 alone they do, too" {
  ip -n "${NET}a" address del 10.99.0.1/24 dev "${NET}x"
  ip -n "${NET}b" address del 10.99.0.2/24 dev "${NET}y"
  spawn_at a receiver lswarm recv t --lan --key-file "$WORK/key" --ready
  await_ready receiver
  run -0 --separate-stderr at b lswarm send t --lan --key-file "$WORK/key" --timeout 20s < <(echo hello)
  expect receiver 0
}

@test "a machine that gets a cable later is met, and again when the cable was out and the address is another" {
  ip -n "${NET}b" link set "${NET}y" down
  spawn_at a alice lswarm join t --lan --key-file "$WORK/key" -d --keep --name alice --ready
  spawn_at b bob lswarm join t --lan --key-file "$WORK/key" -d --keep --name bob --ready -v
  await_ready alice
  await_ready bob
  ip -n "${NET}b" link set "${NET}y" up
  await_line "$WORK/bob.err" 'alice joined' 30
  ip -n "${NET}b" link set "${NET}y" down
  ip -n "${NET}b" address flush dev "${NET}y"
  await_line "$WORK/bob.err" 'alice left' 40
  ip -n "${NET}b" address add 10.99.0.77/24 dev "${NET}y"
  ip -n "${NET}b" link set "${NET}y" up
  _poll 40 joined_twice
}

joined_twice() {
  [[ $(grep -c 'alice joined' "$WORK/bob.err") == 2 ]]
}

@test "a stream whose cable is pulled for good is incomplete at both ends" {
  mkfifo "$WORK/pipe"
  exec {PIPE}<>"$WORK/pipe"
  spawn_at a receiver lswarm recv t --lan --key-file "$WORK/key" -v
  spawn sender bash -c 'exec <"$1"; shift; exec "$@"' _ "$WORK/pipe" ip netns exec "${NET}b" env "LSWARM_DIR=$WORK/b" lswarm send t --lan --key-file "$WORK/key"
  echo begun >&"$PIPE"
  await_line "$WORK/receiver.out" '^begun$'
  ip -n "${NET}b" link set "${NET}y" down
  expect receiver 4
  expect sender 4
  exec {PIPE}>&-
}
