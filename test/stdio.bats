#!/usr/bin/env bats
# `send` and `recv`: stdin, stdout and stderr, whatever they are and whatever happens to them.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# pipe_flags FD: a shell command that says whether the pipe at descriptor FD is non-blocking.
pipe_flags() {
  echo "if (((8#\$(sed -n 's/^flags:[^0-9]*//p' /proc/self/fdinfo/$1) & 8#4000) == 0)); then echo blocking; else echo non-blocking; fi"
}

# on_terminal COMMAND: runs it on a terminal of its own, whose output is printed.
on_terminal() {
  script -qec "$1" /dev/null
}

need_terminal() {
  [[ $(script -qec 'echo yes' /dev/null </dev/null 2>/dev/null) == yes* ]] || skip 'no script(1) of util-linux'
}

# --- stdin

@test "a closed stdin is an empty stream" {
  receiver one
  run -0 --separate-stderr bash -c 'lswarm send t <&-'
  expect one 0
  assert_equal "$(<"$WORK/one.out")" ''
}

@test "/dev/null as stdin is an empty stream" {
  receiver one
  run -0 --separate-stderr lswarm send t </dev/null
  expect one 0
  assert_equal "$(<"$WORK/one.out")" ''
}

@test "a directory as stdin is status 1, before anybody is met" {
  receiver one
  run -1 --separate-stderr bash -c 'lswarm send t --ready <"$1"' _ "$WORK"
  assert_equal "$stderr" 'lswarm: the standard input is a directory'
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
}

@test "a directory as FILE is status 1, before anybody is met" {
  run -1 --separate-stderr lswarm send t --ready "$WORK"
  assert_equal "$stderr" "lswarm: $WORK is a directory"
}

@test "a FILE that is missing is status 1, before anybody is met" {
  run -1 --separate-stderr lswarm send t --ready "$WORK/nothing"
  assert_equal "$stderr" "lswarm: cannot open $WORK/nothing: no such file or directory"
  no_trace
}

@test "a non-blocking pipe as stdin is read to its end" {
  mkfifo "$WORK/pipe"
  seq 100000 >"$WORK/in"
  receiver one
  spawn two node -e '
    const { constants, openSync } = require("fs")
    const fd = openSync(process.argv[1], constants.O_RDONLY | constants.O_NONBLOCK)
    require("child_process").spawn("lswarm", ["send", "t", "--ready"], { stdio: [fd, "inherit", "inherit"] })
      .on("exit", (code) => process.exit(code))' "$WORK/pipe"
  spawn three bash -c 'exec 3>"$1"; read -r go; exec cat "$2" >&3' _ "$WORK/pipe" "$WORK/in"
  await_ready two
  expect three 0
  expect two 0
  same one "$WORK/in"
}

@test "send leaves a shared pipe blocking, and so does its kill -9" {
  [[ -r /proc/self/fdinfo/0 ]] || skip 'no /proc/self/fdinfo'
  receiver one
  # Killed in the middle, with the pipe still open.
  spawn two bash -c 'tail -f /dev/null | {
    lswarm send t <&0 &
    echo $!
    wait $!
    '"$(pipe_flags 0)"'
  }'
  await_line "$WORK/two.out" '^[0-9]+$'
  await_sockets 2
  kill -KILL "$(head -n 1 "$WORK/two.out")"
  await_line "$WORK/two.out" blocking
  assert_equal "$(sed -n 2p "$WORK/two.out")" blocking
}

@test "what is typed at a terminal is sent until Ctrl-D" {
  need_terminal
  receiver one
  run -0 on_terminal 'lswarm send t' < <(printf 'hello\n\004')
  assert_output --partial 'lswarm: type what to send, end with Ctrl-D'
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "send needs no stdout" {
  receiver one
  run -0 --separate-stderr bash -c 'echo hello | lswarm send t >&-'
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "recv needs no stdin" {
  spawn one bash -c 'lswarm recv t --ready <&-'
  await_ready one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

# --- stdout

@test "a closed stdout is /dev/null: the two cannot be told apart" {
  spawn one bash -c 'lswarm recv t --ready >&-'
  await_ready one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
}

@test "recv -o FILE needs no stdout" {
  spawn one bash -c 'lswarm recv t --ready -o "$1" >&-' _ "$WORK/file"
  await_ready one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/file")" hello
}

@test "/dev/null as stdout takes everything" {
  spawn one bash -c 'lswarm recv t --ready >/dev/null'
  await_ready one
  run -0 --separate-stderr bash -c 'head -c 3000000 /dev/zero | lswarm send t'
  expect one 0
}

@test "a full device as stdout is status 1, and 4 at the sender, who says why" {
  [[ -c /dev/full ]] || skip 'no /dev/full'
  spawn one bash -c 'lswarm recv t --name one --ready >/dev/full'
  await_ready one
  run -4 --separate-stderr lswarm send t < <(echo hello)
  assert_equal "$stderr" 'lswarm: not confirmed by one (cannot write the output: no space left on device)'
  expect one 1
  assert_equal "$(tail -n 1 "$WORK/one.err")" 'lswarm: cannot write the output: no space left on device'
}

@test "a full device at one receiver does not hurt the other" {
  [[ -c /dev/full ]] || skip 'no /dev/full'
  random 3000000 "$WORK/in"
  receiver one
  spawn full bash -c 'lswarm recv t --name full --ready >/dev/full'
  await_ready full
  run -4 --separate-stderr lswarm send t -n 2 "$WORK/in"
  assert_regex "$stderr" 'lswarm: not confirmed by full \(cannot write the output: no space left on device\)$'
  expect full 1
  same one "$WORK/in"
}

@test "a disk that gets full under stdout is status 1, and 4 at the sender" {
  need_small_disk
  spawn one in_small_disk bash -c 'lswarm recv t --ready >"$1"' _ "$WORK/small/out"
  await_ready one
  run -4 --separate-stderr bash -c 'head -c 3000000 /dev/zero | lswarm send t'
  assert_regex "$stderr" 'cannot write the output: no space left on device'
  expect one 1
  assert_equal "$(tail -n 1 "$WORK/one.err")" 'lswarm: cannot write the output: no space left on device'
}

@test "a limit to the length of files is status 1, and 4 at the sender" {
  spawn one bash -c 'ulimit -f 100 && exec lswarm recv t --ready >"$1"' _ "$WORK/file"
  await_ready one
  run -4 --separate-stderr bash -c 'head -c 3000000 /dev/zero | lswarm send t'
  expect one 1
  assert_equal "$(tail -n 1 "$WORK/one.err")" 'lswarm: cannot write the output: file too large'
}

@test "a reader that has enough gets that much, recv ends quietly with 0, send with 4" {
  random 3000000 "$WORK/in"
  spawn one bash -c 'lswarm recv t --name one | head -c 1000000; echo "${PIPESTATUS[@]}" >&2'
  run -4 --separate-stderr lswarm send t "$WORK/in"
  assert_equal "$stderr" 'lswarm: not confirmed by one (the reader of its output went away)'
  expect one 0
  assert_equal "$(<"$WORK/one.err")" '0 0'
  cmp <(head -c 1000000 "$WORK/in") "$WORK/one.out"
}

@test "a reader that goes away ends recv although the sender says nothing more" {
  spawn one bash -c 'lswarm recv t --name one | head -n 1; echo "${PIPESTATUS[@]}" >&2'
  sender two
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
  assert_equal "$(<"$WORK/one.err")" '0 0'
  expect two 4
}

@test "a reader that goes away ends a recv that nobody has sent anything" {
  for option in '' --keep; do
    spawn one bash -c 'lswarm recv t '"$option"' | true; echo "${PIPESTATUS[@]}"'
    expect one 0
    assert_equal "$(<"$WORK/one.out")" '0 0'
    assert_equal "$(<"$WORK/one.err")" ''
  done
  no_trace
}

@test "a reader that stands still gets everything when it goes on" {
  mkfifo "$WORK/pipe"
  spawn_stdin "$WORK/pipe" reader bash -c 'read -r line; echo "$line"; kill -STOP $$; exec cat'
  spawn one bash -c 'exec lswarm recv t --ready >"$1"' _ "$WORK/pipe"
  await_ready one
  { echo begin && yes line | head -c 10000000; } >"$WORK/in"
  spawn two lswarm send t "$WORK/in"
  await_line "$WORK/reader.out" '^begin$'
  let_pass
  kill -CONT "${PIDS[reader]}"
  expect two 0
  expect one 0
  same reader "$WORK/in"
}

@test "a non-blocking pipe as stdout holds the sender back, and loses nothing" {
  mkfifo "$WORK/pipe"
  spawn_stdin "$WORK/pipe" reader bash -c 'read -r line; echo "$line"; kill -STOP $$; exec cat'
  spawn one node -e '
    const { constants, openSync } = require("fs")
    const fd = openSync(process.argv[1], constants.O_RDWR | constants.O_NONBLOCK)
    require("child_process").spawn("lswarm", ["recv", "t", "--ready"], { stdio: ["ignore", fd, "inherit"] })
      .on("exit", (code) => process.exit(code))' "$WORK/pipe"
  await_ready one
  { echo begin && yes line | head -c 10000000; } >"$WORK/in"
  spawn two lswarm send t "$WORK/in"
  await_line "$WORK/reader.out" '^begin$'
  let_pass
  kill -CONT "${PIDS[reader]}"
  expect two 0
  expect one 0
  same reader "$WORK/in"
}

@test "recv leaves a shared pipe blocking, and so does its kill -9" {
  [[ -r /proc/self/fdinfo/0 ]] || skip 'no /proc/self/fdinfo'
  spawn one bash -c '{
    lswarm recv t
    '"$(pipe_flags 1)"'
    lswarm recv t --keep &
    echo $! >&2
    wait $!
    '"$(pipe_flags 1)"'
  } | cat'
  run -0 --separate-stderr lswarm send t < <(echo hello)
  await_line "$WORK/one.err" '^[0-9]+$'
  await_sockets 1
  run -0 --separate-stderr lswarm send t < <(echo hello)
  kill -KILL "$(grep -xE '[0-9]+' "$WORK/one.err")"
  expect one 0
  assert_equal "$(<"$WORK/one.out")" $'hello\nblocking\nhello\nblocking'
}

@test "SIGTERM and --timeout end a recv whose reader stands still" {
  mkfifo "$WORK/pipe"
  random 3000000 "$WORK/in"
  spawn_stdin "$WORK/pipe" reader tail -f /dev/null
  spawn one bash -c 'exec lswarm recv t --name one --ready -v >"$1"' _ "$WORK/pipe"
  await_ready one
  spawn two lswarm send t "$WORK/in"
  await_line "$WORK/one.err" '^lswarm: linked with'
  let_pass
  kill -TERM "${PIDS[one]}"
  expect one 143
  expect two 4
  spawn one bash -c 'exec lswarm recv t --name one --timeout 3s >"$1"' _ "$WORK/pipe"
  spawn two lswarm send t "$WORK/in"
  expect one 124
  expect two 4
}

@test "control characters are shown, not obeyed, at a terminal" {
  need_terminal
  spawn one script -qec 'lswarm recv t --ready' /dev/null
  await_line "$WORK/one.out" "$READY_LINE"
  run -0 --separate-stderr lswarm send t < <(printf 'a\tb\e]0;title\a\n\u202eleft\n')
  expect one 0
  run -0 tail -n 2 "$WORK/one.out"
  assert_output $'a\tb\\x1b]0;title\\x07\r\n\\u{202e}left\r'
}

# --- stderr

@test "a closed stderr does no harm, and what would stand there does not get into the data" {
  spawn one bash -c 'lswarm recv t --verbose --ready 2>&-'
  run -0 bash -c 'echo hello | lswarm send t --verbose --ready --digest blake2b 2>&-'
  assert_output ''
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "a full stderr, and one that nobody reads, do no harm" {
  [[ -c /dev/full ]] || skip 'no /dev/full'
  spawn one bash -c 'lswarm recv t --verbose --ready 2>/dev/full'
  run -0 bash -c 'echo hello | lswarm send t --verbose --ready 2> >(true)'
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

# --- At a terminal

@test "at a terminal whoever waits says for whom, and what would bring one" {
  n=0
  # waits_for WHOM ARG...: each on a topic of its own, all at once.
  waits_for() {
    n=$((n + 1))
    spawn "waits$n" python3 "$BATS_TEST_DIRNAME/fixtures/on_terminal.py" "waiting for $1 t$n)" -SIGTERM -- lswarm "${@:2}" "t$n"
  }
  waits_for "a sender on t1 (lswarm send" recv
  waits_for "a handler on t2 (lswarm exec" connect
  waits_for "a handler on t3 (lswarm exec" connect --all
  waits_for "a caller on t4 (lswarm connect" listen
  waits_for "a worker on t5 (lswarm exec --queue" send --queue
  waits_for "somebody who publishes on t6 (lswarm pub" sub
  waits_for "a subscriber on t7 (lswarm sub" pub
  waits_for "a peer on t8 (lswarm join" wait
  for ((i = 1; i <= n; i++)); do
    await_exit "waits$i"
    assert_equal "$status" 143
  done
}

@test "at a terminal a verb that reads says how to end it" {
  says_how_to_end() {
    run -143 python3 "$BATS_TEST_DIRNAME/fixtures/on_terminal.py" "type $1, end with Ctrl-D" -SIGTERM -- lswarm "${@:2}"
  }
  says_how_to_end 'what to send' send t
  says_how_to_end 'messages, a line each' pub t
}
