#!/usr/bin/env bats
# Where Node does not give us what its sockets are made of, its sockets do all that.

load helpers/common

setup() {
  lswarm_setup
  export NODE_OPTIONS="--require=$ROOT/test/fixtures/no-binding.cjs"
}

teardown() {
  lswarm_teardown
}

@test "a Node without process.binding takes no part in this test by mistake" {
  run -1 --separate-stderr node -e 'process.binding("pipe_wrap")'
  assert_regex "$stderr" 'there is no such thing'
}

@test "every verb works on sockets of Node's" {
  run -0 --separate-stderr "$ROOT/test/nodes/smoke.sh" --local node "$ROOT/bin/lswarm.cjs"
  assert_line 'ok exec'
}

@test "a Node that throws on what is deprecated is given nothing to throw on" {
  export NODE_OPTIONS='--throw-deprecation --pending-deprecation'
  spawn one lswarm recv t --ready --timeout 60s
  await_ready one
  run -0 --separate-stderr lswarm send t --timeout 60s <<<hello
  assert_equal "$stderr" ''
  await_exit one
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/one.out")" hello
}
