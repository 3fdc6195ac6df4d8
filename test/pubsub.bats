#!/usr/bin/env bats
# `lswarm pub` and `lswarm sub`: signed messages.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
  export XDG_CONFIG_HOME=$WORK/config
}

teardown() {
  lswarm_teardown
}

# subscribe NAME [OPTION...]: a sub that is ready to hear.
subscribe() {
  spawn "$1" lswarm sub news --ready --name "$@"
  await_ready "$1"
}

@test "a message of the arguments reaches every subscriber" {
  subscribe alice -n 2
  subscribe bob -n 2
  run -0 --separate-stderr lswarm pub news -n 2 one two
  assert_output ''
  await_exit alice
  await_exit bob
  assert_equal "$(<"$WORK/alice.out")" $'one\ntwo'
  assert_equal "$(<"$WORK/bob.out")" $'one\ntwo'
}

@test "what is published before the first sub is kept and delivered" {
  spawn early lswarm pub news hello --ready
  await_ready early
  run -0 --separate-stderr lswarm sub news -n 1
  assert_output hello
  await_exit early
  assert_equal "$status" 0
}

@test "1000 messages reach four subscribers, exact and in order" {
  seq 1000 >"$WORK/in"
  for name in a b c d; do subscribe $name -n 1000; done
  run -0 lswarm pub news -n 4 <"$WORK/in"
  for name in a b c d; do
    await_exit $name
    cmp "$WORK/in" "$WORK/$name.out"
  done
}

@test "a line that is not JSON is one clear error, and nothing before it is lost" {
  subscribe alice -n 1 --json
  printf '{"x":1}\n{bad\n3\n' >"$WORK/in"
  run -1 --separate-stderr lswarm pub news --json <"$WORK/in"
  assert_regex "$stderr" 'line 2 is not JSON'
  await_exit alice
  assert_equal "$(objects "$WORK/alice.out" 'JSON.stringify(o.data)')" '{"x":1}'
}

@test "a changed key behind a known name is a loud warning, and the message is marked" {
  XDG_CONFIG_HOME=$WORK/true lswarm id new bob
  XDG_CONFIG_HOME=$WORK/false lswarm id new bob
  subscribe alice -n 2 --json
  XDG_CONFIG_HOME=$WORK/true lswarm pub news one --id bob
  await_lines "$WORK/alice.out" 1
  XDG_CONFIG_HOME=$WORK/false lswarm pub news two --id bob
  await_exit alice
  assert_equal "$(objects "$WORK/alice.out" '`${o.data} ${o.standing}`')" $'one new\ntwo changed'
  await_line "$WORK/alice.err" 'THE KEY OF bob HAS CHANGED'
}

@test "--require-known shows only messages of known keys, and remembers nobody" {
  XDG_CONFIG_HOME=$WORK/bob lswarm id new bob
  XDG_CONFIG_HOME=$WORK/eve lswarm id new eve
  lswarm id trust bob "$(XDG_CONFIG_HOME=$WORK/bob lswarm id show bob)"
  subscribe alice -n 1 --require-known
  XDG_CONFIG_HOME=$WORK/eve lswarm pub news no --id eve
  lswarm pub news neither
  XDG_CONFIG_HOME=$WORK/bob lswarm pub news yes --id bob
  await_exit alice
  assert_equal "$(<"$WORK/alice.out")" yes
  run -1 lswarm id show eve
}

@test "--type and --from choose messages" {
  lswarm id new bob
  subscribe typed -n 1 --type log
  subscribe bobs -n 1 --from bob
  lswarm pub news -n 2 other
  lswarm pub news -n 2 --type log logged
  await_exit typed
  lswarm pub news --id bob mine
  await_exit bobs
  assert_equal "$(<"$WORK/typed.out")" logged
  assert_equal "$(<"$WORK/bobs.out")" mine
}

@test "--no-wait is status 3 when nobody is there, --timeout 124" {
  run -3 lswarm pub news hello --no-wait
  run -3 lswarm sub news --no-wait
  run -124 lswarm pub news hello --timeout 200ms
}

@test "a restart with the same identity is heard" {
  lswarm id new bob
  subscribe alice -n 2
  lswarm pub news one --id bob
  lswarm pub news two --id bob
  await_exit alice
  assert_equal "$(<"$WORK/alice.out")" $'one\ntwo'
}

@test "sub ends promptly and with 0 when its reader goes away" {
  spawn reader bash -c 'lswarm sub news --ready 2>"$1" | head -1; echo "${PIPESTATUS[0]}"' _ "$WORK/sub.err"
  await_line "$WORK/sub.err" "$READY_LINE"
  lswarm pub news one
  await_exit reader
  assert_equal "$(<"$WORK/reader.out")" $'one\n0'
}
