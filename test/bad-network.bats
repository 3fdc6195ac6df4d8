#!/usr/bin/env bats
# Two machines whose cable is out for a while, or loses, delays and reorders what goes through it: their endpoints.

load helpers/common
load helpers/streams
load helpers/network
load helpers/cable

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
