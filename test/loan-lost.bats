#!/usr/bin/env bats
# A file or a pipe that the receivers read themselves, and one of them or the sender that is lost or slow.

load helpers/common
load helpers/streams

setup() {
  [[ -e /proc/self/fdinfo/0 ]] || skip 'no /proc to lend through'
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# held NAME: a receiver whose reader takes nothing before `let_go NAME`. What it read is in $WORK/NAME.got.
held() {
  mkfifo "$WORK/$1.go"
  spawn "$1" bash -c 'set -o pipefail; lswarm recv t --ready --name "$1" | { read -r <"$2"; exec cat >"$3"; }' \
    - "$1" "$WORK/$1.go" "$WORK/$1.got"
  await_ready "$1"
}

let_go() {
  echo >"$WORK/$1.go"
}

@test "kill -9 of the sender: recv ends with 4, after as many bytes as it says" {
  random 30000000 "$WORK/in"
  held one
  spawn two lswarm send t "$WORK/in"
  await_line "$WORK/two.err" 'waiting for one'
  kill -KILL "${PIDS[two]}"
  let_go one
  expect one 4
  bytes=$(stat -c %s "$WORK/one.got")
  ((bytes < 30000000))
  assert_regex "$(tail -n 1 "$WORK/one.err")" "broke off after $bytes bytes: the connection was lost\$"
  cmp -n "$bytes" "$WORK/in" "$WORK/one.got"
}

@test "kill -9 of one of two receivers: it is named, and the other gets all" {
  random 30000000 "$WORK/in"
  held doomed
  receiver one
  spawn two lswarm send t "$WORK/in" -n 2
  await_line "$WORK/two.err" 'waiting for doomed'
  kill -KILL -- "-${PIDS[doomed]}"
  expect two 4
  assert_equal "$(tail -n 1 "$WORK/two.err")" 'lswarm: not confirmed by doomed (the connection was lost)'
  same one "$WORK/in"
}

@test "--drop-slow gives up a receiver whose reader takes nothing, and the other gets all" {
  random 30000000 "$WORK/in"
  held slow
  receiver one
  spawn two lswarm send t "$WORK/in" -n 2 --drop-slow 1s
  expect two 4
  assert_equal "$(tail -n 1 "$WORK/two.err")" 'lswarm: not confirmed by slow (took nothing for 1 s)'
  same one "$WORK/in"
  let_go slow
  expect slow 4
  assert_regex "$(tail -n 1 "$WORK/slow.err")" 'given up: took nothing for 1 s'
}

@test "--drop-slow does not give up who is slow and steady" {
  random 30000000 "$WORK/in"
  spawn one bash -c 'set -o pipefail
    lswarm recv t --ready | node -e "
      let bytes = 0
      process.stdin.on(\"data\", (chunk) => {
        bytes += chunk.length
        process.stdin.pause()
        setTimeout(() => process.stdin.resume(), 8)
      }).on(\"end\", () => console.log(bytes))"'
  await_ready one
  run -0 --separate-stderr lswarm send t "$WORK/in" --drop-slow 2s
  expect one 0
  assert_equal "$(<"$WORK/one.out")" 30000000
}

@test "--drop-slow does not blame a receiver for a writer who takes his time" {
  receiver one
  run -0 --separate-stderr bash -c '{ echo one; lswarm wait nobody-at-all --timeout 2500ms 2>&-; echo two; } |
    lswarm send t --drop-slow 1s'
  expect one 0
  assert_equal "$(<"$WORK/one.out")" $'one\ntwo'
}

@test "a receiver's reader that goes away is status 4 at the sender" {
  random 30000000 "$WORK/in"
  spawn one bash -c 'lswarm recv t --ready | head -c 1000 | wc -c'
  await_ready one
  run -4 --separate-stderr lswarm send t "$WORK/in"
  assert_regex "$stderr" '^lswarm: not confirmed by .*the reader of its output went away'
  expect one 0
  assert_equal "$(<"$WORK/one.out")" 1000
}

@test "a sender that is interrupted is status 4 at the receiver, which says why" {
  random 30000000 "$WORK/in"
  held one
  spawn two lswarm send t "$WORK/in"
  await_line "$WORK/two.err" 'waiting for one'
  kill -TERM "${PIDS[two]}"
  expect two 143
  let_go one
  expect one 4
  assert_regex "$(tail -n 1 "$WORK/one.err")" 'interrupted by SIGTERM$'
}
