#!/usr/bin/env bats
# /dev/null that is open for reading and writing is /dev/null, whichever descriptor it is.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# devnull COMMAND...: runs it as Python's subprocess does with DEVNULL for all three: one /dev/null, opened for reading
# and writing.
devnull() {
  python3 -c '
import subprocess, sys
null = subprocess.DEVNULL
sys.exit(subprocess.call(sys.argv[1:], stdin=null, stdout=null, stderr=null))' "$@"
}

# ignored COMMAND...: runs it as Node does with stdio: "ignore".
ignored() {
  node -e '
require("child_process").spawn(process.argv[1], process.argv.slice(2), { stdio: "ignore" })
  .on("exit", (code) => process.exit(code))' "$@"
}

@test "recv confirms what goes to a /dev/null that is open for reading and writing" {
  for runner in devnull ignored; do
    spawn one "$runner" lswarm recv t
    run -0 --separate-stderr lswarm send t --timeout 60s < <(echo hello)
    expect one 0
  done
  spawn one bash -c 'exec lswarm recv t --ready 1<>/dev/null'
  await_ready one
  run -0 --separate-stderr lswarm send t --timeout 60s < <(echo hello)
  expect one 0
}

@test "recv -o to the name of such a stdout writes to /dev/null" {
  for name in - /dev/stdout /dev/fd/1 /dev/null; do
    spawn one devnull lswarm recv t -o "$name"
    run -0 --separate-stderr lswarm send t --timeout 60s < <(echo hello)
    expect one 0
  done
}

@test "send and connect take it for an empty input" {
  for runner in devnull ignored; do
    receiver one
    run -0 "$runner" lswarm send t
    expect one 0
    assert_equal "$(<"$WORK/one.out")" ''
  done
  spawn handler lswarm exec t --ready -- cat
  await_ready handler
  for runner in devnull ignored; do run -0 "$runner" lswarm connect t; done
}

@test "listen, join, pub, sub and send --queue run with /dev/null for all three" {
  for runner in devnull ignored; do
    spawn one "$runner" lswarm listen "l-$runner"
    run -0 --separate-stderr bash -c 'echo hello | lswarm connect "$1"' _ "l-$runner"
    expect one 0

    spawn one "$runner" lswarm join "j-$runner"
    run -0 --separate-stderr bash -c 'echo hello | lswarm join "$1"' _ "j-$runner"
    expect one 0

    spawn one "$runner" lswarm sub "s-$runner" -n 1
    run -0 "$runner" lswarm pub "s-$runner" hello -n 1
    expect one 0

    spawn worker lswarm exec "q-$runner" --queue --ready -- cat
    await_ready worker
    run -0 "$runner" lswarm send "q-$runner" --queue
  done
}

@test "verbs that print succeed where stdout is /dev/null" {
  spawn peer lswarm join t -d --keep --ready
  await_ready peer
  for verb in 'key new' limits 'completion bash' --help 'help send' --version 'peers t' topics 'top --once' 'top --once --json'; do
    # shellcheck disable=SC2086
    run -0 devnull lswarm $verb
  done
}
