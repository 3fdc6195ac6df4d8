#!/usr/bin/env bats
# `lswarm join --to`: the peers that lines are sent to.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "--to NAME speaks to that peer alone" {
  listen alice
  listen bob
  run -0 --separate-stderr lswarm join room --to alice <<<secret
  await_line "$WORK/alice.out" secret
  run -0 --separate-stderr lswarm join room -n 2 <<<public
  await_line "$WORK/bob.out" public
  assert_equal "$(<"$WORK/bob.out")" public
  assert_equal "$(<"$WORK/alice.out")" $'secret\npublic'
}

@test "--to takes the beginning of an id" {
  listen alice
  listen bob
  run -0 --separate-stderr lswarm join room --to "$(id_of alice)" <<<secret
  await_line "$WORK/alice.out" secret
  run -0 --separate-stderr lswarm join room -n 2 <<<public
  await_line "$WORK/bob.out" public
  assert_equal "$(<"$WORK/bob.out")" public
}

@test "--to may be given more than once" {
  listen alice
  listen bob
  listen carol
  run -0 --separate-stderr lswarm join room --to alice --to carol -n 2 <<<secret
  await_line "$WORK/alice.out" secret
  await_line "$WORK/carol.out" secret
  run -0 --separate-stderr lswarm join room -n 3 <<<public
  await_line "$WORK/bob.out" public
  assert_equal "$(<"$WORK/bob.out")" public
}

@test "--to waits for that peer: others do not count" {
  listen alice
  run -0 --separate-stderr bash -c 'echo secret | { lswarm join room --to bob --timeout 1s; echo "status $?"; cat; }'
  assert_output $'status 124\nsecret'
  spawn_stdin <(echo secret) carol lswarm join room --to bob --ready
  await_ready carol
  listen bob
  await_line "$WORK/bob.out" '^secret$'
  assert_equal "$(<"$WORK/alice.out")" ''
}

@test "--to does not take a part of a name for the name" {
  listen alice
  run -3 --separate-stderr lswarm join room --to alic --no-wait <<<secret
  run -3 --separate-stderr lswarm join room --to ALICE --no-wait <<<secret
  assert_equal "$(<"$WORK/alice.out")" ''
}

@test "--to reaches everyone of that name" {
  listen one
  spawn two lswarm join room -d --keep --ready --name one
  await_ready two
  run -0 --separate-stderr lswarm join room --to one -n 2 <<<hello
  await_line "$WORK/one.out" hello
  await_line "$WORK/two.out" hello
}

@test "--to still hears everyone" {
  talk alice -v
  listen bob
  spawn carol lswarm join room -d --keep --to bob --ready --name carol
  await_ready carol
  await_line "$WORK/alice.err" '^lswarm: carol joined$'
  say alice hello
  await_line "$WORK/carol.out" '^hello$'
}
