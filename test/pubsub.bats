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

@test "of many who leave with their first message, each counts as one that has it" {
  local names=() name
  for name in {a..p}; do
    names+=("$name")
    spawn "$name" lswarm sub news --ready --name "$name" -n 1
  done
  for name in "${names[@]}"; do await_ready "$name"; done
  run -0 --separate-stderr lswarm pub news -n 16 --timeout 60s hello
  for name in "${names[@]}"; do
    await_exit "$name"
    assert_equal "$(<"$WORK/$name.out")" hello
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

@test "-0 publishes records that hold newlines, and sub -0 gives them back" {
  printf 'one\ntwo\0three\0' >"$WORK/in"
  subscribe alice -0 -n 2
  lswarm pub news -0 <"$WORK/in"
  await_exit alice
  cmp "$WORK/in" "$WORK/alice.out"
}

@test "--json values arrive as what they were" {
  subscribe alice --json -n 3
  printf '%s\n' '{"x":[1,null]}' '"text"' '-0.5' | lswarm pub news --json
  await_exit alice
  assert_equal "$(objects "$WORK/alice.out" 'JSON.stringify(o.data)')" $'{"x":[1,null]}\n"text"\n-0.5'
}

@test "a newcomer with --history gets the last messages from whoever has them, though their author has left" {
  subscribe alice
  lswarm pub news one two three
  await_line "$WORK/alice.out" '^three$'
  run -0 --separate-stderr lswarm sub news --history 2 -n 2
  assert_output $'two\nthree'
}

@test "a sub that is killed, and one that is stopped, cost the others nothing" {
  seq 2000 >"$WORK/in"
  subscribe killed
  subscribe stopped
  subscribe alice -n 2000
  kill -STOP "${PIDS[stopped]}"
  kill -KILL "${PIDS[killed]}"
  run -0 lswarm pub news <"$WORK/in"
  await_exit alice
  cmp "$WORK/in" "$WORK/alice.out"
  kill -CONT "${PIDS[stopped]}"
  await_line "$WORK/stopped.out" '^2000$'
  cmp "$WORK/in" "$WORK/stopped.out"
}

@test "two who publish with one identity at once are both heard, each in its order" {
  lswarm id new bob
  subscribe alice -n 200 --from bob
  seq 1 100 >"$WORK/low"
  seq 101 200 >"$WORK/high"
  spawn_stdin "$WORK/low" low lswarm pub news --id bob
  spawn_stdin "$WORK/high" high lswarm pub news --id bob
  await_exit alice
  cmp "$WORK/low" <(awk '$1 <= 100' "$WORK/alice.out")
  cmp "$WORK/high" <(awk '$1 > 100' "$WORK/alice.out")
}

@test "a message that is missing for good is reported, and with --strict the status is 4" {
  subscribe tolerant -n 2
  subscribe strict -n 2 --strict
  spawn author node --import tsx "$BATS_TEST_DIRNAME/helpers/gap.ts" news
  await_exit tolerant
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/tolerant.out")" $'first\nthird'
  assert_regex "$(<"$WORK/tolerant.err")" 'missed 1 message of key:'
  await_exit strict
  assert_equal "$status" 4
}

@test "what strangers publish is made safe for a terminal, and left as it is in a pipe" {
  [[ $(script --version 2>&1) == *util-linux* ]] || skip 'no script(1) of util-linux'
  local evil=$'\e]52;c;aGk=\a\e[2J\rlswarm: forged\u202e'
  spawn terminal script --quiet --flush --return --command 'exec lswarm sub news -n 1 --ready' /dev/null
  await_line "$WORK/terminal.out" 'ready: news'
  subscribe piped -n 1
  lswarm pub news -n 2 "$evil"
  await_exit terminal
  await_exit piped
  assert_equal "$(<"$WORK/piped.out")" "$evil"
  run -1 env LC_ALL=C grep -cP '\x1b|\x07|\xe2\x80\xae|\r.' "$WORK/terminal.out"
}
