#!/usr/bin/env bats
# Two machines whose cable loses, delays and reorders what goes through it, or is out for a while.

load helpers/common
load helpers/streams
load helpers/network

setup() {
  lswarm_setup
  mkdir -m 700 "$WORK/a" "$WORK/b"
  (umask 077 && lswarm key new >"$WORK/key")
  KEY="--key-file $WORK/key"
  NET=lb$$
  [[ -w /dev/net/tun ]] || skip 'no /dev/net/tun here'
  { ip netns add "${NET}a" && ip netns add "${NET}b"; } 2>/dev/null || skip 'no network namespaces here'
}

teardown() {
  [[ -z ${WORK:-} ]] || lswarm_teardown
  ip netns del "${NET}a" 2>/dev/null || true
  ip netns del "${NET}b" 2>/dev/null || true
}

# cable FAULT...: lays it between the machines a (10.98.0.1) and b (10.98.0.2).
cable() {
  spawn cable python3 "$BATS_TEST_DIRNAME/fixtures/bad_cable.py" "${NET}a" "${NET}b" "$@"
  await_line "$WORK/cable.out" '^ready$'
  plug a 10.98.0.1
  plug b 10.98.0.2
}

# plug MACHINE ADDRESS
plug() {
  ip -n "$NET$1" link set lo up
  ip -n "$NET$1" address replace "$2/24" dev cable
  ip -n "$NET$1" link set cable up
}

# spawn_at MACHINE NAME COMMAND...
spawn_at() {
  spawn "$2" ip netns exec "$NET$1" env "LSWARM_DIR=$WORK/$1" "${@:3}"
}

# bootstrap: on the machine a, the first node of a network of their own.
bootstrap() {
  spawn_at a node lswarm bootstrap --host 10.98.0.1 --port 49737
  await_line "$WORK/node.out" '^--bootstrap'
}

# carries BYTES RECV-OPTIONS SEND-OPTIONS: a stream goes from b to a, and is the same there.
carries() {
  head -c "$1" /dev/urandom >"$WORK/sent"
  # shellcheck disable=SC2086
  spawn_at a receiver lswarm recv t $KEY $2
  # shellcheck disable=SC2086
  spawn_at b sender lswarm send t "$WORK/sent" $KEY $3
  await_exit sender 120
  assert_equal "$status" 0
  await_exit receiver 60
  assert_equal "$status" 0
  cmp "$WORK/sent" "$WORK/receiver.out"
}

@test "a fifth lost, late and out of order: through the DHT a stream is exact all the same" {
  cable loss=20 delay=100 jitter=100
  bootstrap
  carries 100000 '--dht --bootstrap 10.98.0.1:49737' '--dht --bootstrap 10.98.0.1:49737'
}

@test "some of it lost, late and out of order: between two endpoints a stream is exact all the same" {
  # The system's own TCP is slow where much is lost.
  cable loss=5 delay=100 jitter=100
  carries 100000 '--listen tcp://10.98.0.1:7000' '--connect tcp://10.98.0.1:7000'
}

@test "peers that have missed each other meet again when the network is back, each in its way" {
  cable
  bootstrap
  local way
  local -A at_a=([lan]='--lan' [tcp]='--listen tcp://10.98.0.1:7000' [dht]='--dht --bootstrap 10.98.0.1:49737')
  local -A at_b=([lan]='--lan' [tcp]='--connect tcp://10.98.0.1:7000' [dht]='--dht --bootstrap 10.98.0.1:49737')
  for way in lan tcp dht; do
    # shellcheck disable=SC2086
    spawn_at a "alice-$way" lswarm join "$way" -d --keep --name alice $KEY ${at_a[$way]} -v
    # shellcheck disable=SC2086
    spawn_at b "bob-$way" lswarm join "$way" -d --keep --name bob $KEY ${at_b[$way]} -v
  done
  for way in lan tcp dht; do await_line "$WORK/bob-$way.err" 'alice joined'; done
  ip -n "${NET}b" link set cable down
  for way in lan tcp dht; do
    await_line "$WORK/alice-$way.err" 'bob left' 60
    await_line "$WORK/bob-$way.err" 'alice left' 60
  done
  plug b 10.98.0.2
  for way in lan tcp dht; do
    _poll 40 joined_twice "alice-$way"
    _poll 40 joined_twice "bob-$way"
  done
  run -1 grep 'refuses us' "$WORK/alice-dht.err" "$WORK/bob-dht.err"
}

# joined_twice NAME
joined_twice() {
  [[ $(grep -c 'joined' "$WORK/$1.err") == 2 ]]
}
