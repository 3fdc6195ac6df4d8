#!/usr/bin/env bats
# The soak scripts, made short. `node test/soak/exec.mjs` is the long one.

load helpers/common

@test "hundreds of short commands, forty at a time: every reply exact, nothing left behind" {
  run -0 --separate-stderr timeout 120 node "$ROOT/test/soak/exec.mjs" 300
  assert_regex "$output" '^300 commands, every reply exact'
}
