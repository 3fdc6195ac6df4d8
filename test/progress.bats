#!/usr/bin/env bats
# Progress of `send` and `recv` on stderr.

load helpers/common
load helpers/streams
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# at_terminal NAME COMMAND...: runs it with stderr at a terminal of its own, whose screen is $WORK/NAME.out; its stdin
# and stdout are files.
at_terminal() {
  [[ $(script --version 2>&1) == *util-linux* ]] || skip 'no script(1) of util-linux'
  local name=$1 command
  shift
  printf -v command '%q ' "$@"
  spawn "$name" env TERM=xterm script --quiet --flush --return --command "exec $command" /dev/null
}

# tell NAME: asks a process for its line.
tell() {
  kill -USR1 "${PIDS[$1]}"
}

@test "nothing is said of progress when stderr is no terminal" {
  random 3000000 "$WORK/in"
  receiver bob
  run -0 --separate-stderr lswarm send t "$WORK/in"
  assert_equal "$stderr" ''
  same bob "$WORK/in"
  assert_equal "$(grep -v ready "$WORK/bob.err")" ''
}

@test "SIGUSR1 makes send and recv say how far they are" {
  random 3000000 "$WORK/in"
  receiver bob
  sender alice --size 6M
  feed alice "$WORK/in"
  await_bytes "$WORK/bob.out" 3000000
  tell alice
  await_line "$WORK/alice.err" '^lswarm: 47%  2\.9 MiB of 6\.0 MiB  [0-9.]+ .*B/s  .*receiver bob$'
  tell bob
  await_line "$WORK/bob.err" '^lswarm: 47%  2\.9 MiB of 6\.0 MiB  [0-9.]+ .*B/s  .*sender alice$'
  finish alice
  expect alice 0
  same bob "$WORK/in"
}

@test "SIGUSR1 is answered before anybody is there" {
  sender alice
  tell alice
  await_line "$WORK/alice.err" '^lswarm: 0 B  no receiver yet$'
  receiver bob --json
  finish alice
  expect bob 0
}

@test "SIGUSR1 under --json prints an object" {
  random 100000 "$WORK/in"
  receiver bob --json
  sender alice
  feed alice "$WORK/in"
  await_bytes "$WORK/bob.out" 100000
  tell bob
  await_line "$WORK/bob.err" '"level":"progress"'
  run -0 objects "$WORK/bob.err" 'o.level === "progress" ? `${o.bytes} ${o.peers}` : undefined'
  assert_output '100000 alice'
  finish alice
  expect bob 0
}

@test "--progress=json says an object a second, and one at the end" {
  random 100000 "$WORK/in"
  receiver bob
  run -0 --separate-stderr lswarm send t --progress=json "$WORK/in"
  echo "$stderr" >"$WORK/err"
  run -0 objects "$WORK/err" 'o.level === "progress" ? `${o.bytes} of ${o.size} to ${o.peers}` : undefined'
  assert_line --index -1 '100000 of 100000 to bob'
}

@test "at a terminal a bar is drawn, and its last state stays" {
  random 300000 "$WORK/in"
  receiver bob
  at_terminal alice lswarm send t --name alice "$WORK/in"
  expect alice 0
  same bob "$WORK/in"
  await_line "$WORK/alice.out" '#####\]  100%  293 KiB of 293 KiB'
  [[ $(tail -n 1 "$WORK/alice.out") == *'receiver bob'* ]]
}

@test "a receiver that the others wait for is named" {
  random 9000000 "$WORK/in"
  receiver bob
  # Its reader takes nothing before a line comes.
  mkfifo "$WORK/go"
  spawn carol bash -c 'lswarm recv t --name carol --ready | { read -r _ <"$1"; cat >/dev/null; }' _ "$WORK/go"
  await_ready carol
  spawn alice lswarm send t -n 2 --name alice --progress=json "$WORK/in"
  await_line "$WORK/alice.err" '"laggard":"carol"'
  echo >"$WORK/go"
  expect alice 0
}

@test "--progress=none draws nothing at a terminal" {
  random 300000 "$WORK/in"
  receiver bob
  at_terminal alice lswarm send t --progress=none "$WORK/in"
  expect alice 0
  assert_equal "$(<"$WORK/alice.out")" ''
}

@test "a message stands on a line of its own above the bar" {
  random 300000 "$WORK/in"
  receiver bob
  receiver carol
  at_terminal alice bash -c 'exec lswarm send t -n 2 --name alice - < <(cat "$1"; read -r _ <"$2")' _ "$WORK/in" <(tail -f /dev/null)
  await_bytes "$WORK/bob.out" 300000
  kill -KILL "${PIDS[carol]}"
  await_line "$WORK/alice.out" $'\r\e\\[Klswarm: warning|\r\e\\[Klswarm: carol'
}

@test "--progress takes one of four words, and --size a size" {
  run -2 --separate-stderr lswarm send t --progress=often
  assert_equal "$stderr" 'lswarm: --progress: takes auto, bar, json, none, not "often"'
  run -2 --separate-stderr lswarm send t --size much
  assert_equal "$stderr" 'lswarm: --size: takes a size like 500, 10K or 1.5G, not "much"'
}
