#!/usr/bin/env bats
# Two machines whose cable loses, delays and reorders what goes through it: the DHT.

load helpers/common
load helpers/streams
load helpers/network
load helpers/cable

@test "a fifth lost, late and out of order: through the DHT a stream is exact all the same" {
  cable loss=20 delay=100 jitter=100
  bootstrap
  carries 100000 '--dht --bootstrap 10.98.0.1:49737' '--dht --bootstrap 10.98.0.1:49737'
}
