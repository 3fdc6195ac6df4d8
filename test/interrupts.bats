#!/usr/bin/env bats
# An end of input is told to the other side only when no signal caused it.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/terminals

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# pipeline HOW COMMAND...: runs a pipeline on a terminal and interrupts it when the file `go` has content.
# HOW is int (Ctrl-C) or hup (the window is closed). The producer writes a whole line and half of one, then does
# what the function `producer` says; COMMAND is fed by it. Sets `status` to that of COMMAND.
pipeline() {
  local how=$1 keys=$'\003'
  shift
  [[ $how == int ]] || keys=
  rm -f "$WORK/status"
  # A session leader that ends passes the hangup on, as a closing window does through its shell.
  python3 "$PTY" "@$WORK/go" "$keys" -- bash -c '
    producer=$1 status=$2 err=$3
    shift 3
    { printf "whole\nhalf"; eval "$producer"; } | { trap : INT HUP; "$@" 2>"$err"; echo $? >"$status"; }
  ' - "${PRODUCER:-exec sleep 100}" "$WORK/status" "$WORK/pipeline.err" "$@" || true
  _poll 20 test -s "$WORK/status"
  status=$(<"$WORK/status")
}

# interrupted_send HOW PRODUCER: a receiver is told that the stream broke off, and keeps no file.
interrupted_send() {
  local how=$1 signal=SIGINT number=130
  [[ $how == int ]] || signal=SIGHUP number=129
  spawn receiver lswarm recv t -o "$WORK/got"
  when_has "$WORK/.got.*.lswarm" half
  PRODUCER=$2 pipeline "$how" lswarm send t
  assert_equal "$status" "$number"
  await_exit receiver
  assert_equal "$status" 4
  assert_regex "$(<"$WORK/receiver.err")" "broke off after 10 bytes: interrupted by $signal"
  assert [ ! -e "$WORK/got" ]
}

@test "Ctrl-C while a producer sleeps: the receiver of send keeps no file" {
  interrupted_send int 'exec sleep 100'
}

@test "Ctrl-C, and a producer that exits with 0 on it: the receiver of send keeps no file" {
  interrupted_send int 'trap "exit 0" INT; sleep 100 & wait'
}

@test "a window that is closed while a producer sleeps: the receiver of send keeps no file" {
  interrupted_send hup 'exec sleep 100'
}

@test "a window that is closed while a producer reads the terminal: the receiver of send keeps no file" {
  interrupted_send hup 'exec cat </dev/tty'
}

@test "with several receivers, who read out of memory, none keeps a file" {
  spawn one lswarm recv t -o "$WORK/one" --ready
  spawn two lswarm recv t -o "$WORK/two" --ready
  await_ready one
  await_ready two
  when_has "$WORK/.two.*.lswarm" half
  pipeline int lswarm send t -n 2
  assert_equal "$status" 130
  for name in one two; do
    await_exit "$name"
    assert_equal "$status" 4
    assert [ ! -e "$WORK/$name" ]
  done
}

# half_for_a_command HOW: the command of recv is ended before it takes what it has for all of it.
half_for_a_command() {
  spawn receiver lswarm recv t -- sh -c 'cat >"$1"; echo all of it >"$2"' - "$WORK/got" "$WORK/committed"
  when_has "$WORK/got" half
  pipeline "$1" lswarm send t
  assert_equal "$status" "$2"
  await_exit receiver
  assert_equal "$status" 4
  assert [ ! -e "$WORK/committed" ]
}

@test "Ctrl-C: the command of recv does not take half of the stream for all of it" {
  half_for_a_command int 130
}

@test "a closed window: the command of recv does not take half of the stream for all of it" {
  half_for_a_command hup 129
}

# half_a_record HOW STATUS: the last line of the input has no end, so it is no record.
half_a_record() {
  spawn worker lswarm exec --queue t --ready -- sh -c 'cat >>"$1"' - "$WORK/records"
  await_ready worker
  when_has "$WORK/records" whole
  pipeline "$1" lswarm send --queue t
  assert_equal "$status" "$2"
  assert_equal "$(<"$WORK/records")" whole
}

@test "Ctrl-C: send --queue gives no worker half a record" {
  half_a_record int 130
}

@test "a closed window: send --queue gives no worker half a record" {
  half_a_record hup 129
}

# half_a_call HOW STATUS CALLER...: the handler's command is ended before it takes what it has for all of it.
half_a_call() {
  local how=$1 number=$2
  shift 2
  spawn handler lswarm exec t --ready -- sh -c 'cat >"$1"; echo all of it >"$2"' - "$WORK/got" "$WORK/committed"
  await_ready handler
  when_has "$WORK/got" half
  pipeline "$how" lswarm "$@" t
  assert_equal "$status" "$number"
  assert [ ! -e "$WORK/committed" ]
}

@test "Ctrl-C: the command of connect's handler does not take half of the input for all of it" {
  half_a_call int 130 connect
}

@test "a closed window: the command of connect's handler does not take half of the input for all of it" {
  half_a_call hup 129 connect
}

@test "Ctrl-C: no command of connect --all takes half of the input for all of it" {
  half_a_call int 130 connect --all
}

@test "a closed window: no command of connect --all takes half of the input for all of it" {
  half_a_call hup 129 connect --all
}

@test "Ctrl-C: the command of send's handler does not take half of the input for all of it" {
  half_a_call int 130 send
}

@test "Ctrl-C at connect: listen ends with 4 and says why" {
  spawn listener lswarm listen t --ready
  await_ready listener
  when_has "$WORK/listener.out" half
  pipeline int lswarm connect t
  assert_equal "$status" 130
  await_exit listener
  assert_equal "$status" 4
  assert_regex "$(<"$WORK/listener.err")" 'broke off: interrupted by SIGINT'
}

@test "kill -9 of connect: listen ends with 4" {
  mkfifo "$WORK/in"
  spawn listener lswarm listen t --ready
  await_ready listener
  spawn_stdin "$WORK/in" caller lswarm connect t
  exec {IN}>"$WORK/in"
  echo half >&"$IN"
  await_line "$WORK/listener.out" half
  kill -KILL "${PIDS[caller]}"
  exec {IN}>&-
  await_exit listener
  assert_equal "$status" 4
  assert_regex "$(<"$WORK/listener.err")" 'broke off'
}

@test "Ctrl-C at listen: connect does not end with 0" {
  mkfifo "$WORK/in"
  spawn_stdin "$WORK/in" caller lswarm connect t
  exec {IN}>"$WORK/in"
  when_has "$WORK/caller.out" half
  pipeline int lswarm listen t
  assert_equal "$status" 130
  exec {IN}>&-
  await_exit caller
  assert_not_equal "$status" 0
}

# half_a_line HOW STATUS READER WRITER: what has no end is no line, and no message.
half_a_line() {
  spawn reader lswarm $3 t --ready
  await_ready reader
  when_has "$WORK/reader.out" whole
  pipeline "$1" lswarm $4 t
  assert_equal "$status" "$2"
  assert_equal "$(<"$WORK/reader.out")" whole
}

@test "Ctrl-C: join says no half line" {
  half_a_line int 130 'join -d' join
}

@test "a closed window: join says no half line" {
  half_a_line hup 129 'join -d' join
}

@test "Ctrl-C: pub publishes no half line" {
  half_a_line int 130 sub pub
}

@test "a closed window: pub publishes no half line" {
  half_a_line hup 129 sub pub
}

# cut_short SIGNAL CALLER...: an exec that is ended, and whose command exits with 0 on that, is no success for a caller.
cut_short() {
  local signal=$1
  shift
  spawn server lswarm exec t --ready -- bash -c 'trap "exit 0" TERM; echo half; sleep 100 & wait'
  await_ready server
  mkfifo "$WORK/in"
  spawn_stdin "$WORK/in" caller lswarm "$@"
  exec {IN}>"$WORK/in"
  echo half >&"$IN"
  await_line "$WORK/caller.out" half
  kill -"$signal" "${PIDS[server]}"
  await_exit caller
  exec {IN}>&-
  assert_equal "$status" 143
  assert_regex "$(<"$WORK/caller.err")" 'its command was interrupted'
}

@test "TERM at exec: connect does not end with 0, whatever the command exits with" {
  cut_short TERM connect t
}

@test "SIGHUP at exec: connect does not end with 0, whatever the command exits with" {
  cut_short HUP connect t
}

@test "TERM at exec: connect --all does not end with 0, whatever the command exits with" {
  cut_short TERM connect --all t
}

@test "TERM at exec: send does not take what its handler has for all of it" {
  spawn server lswarm exec t --ready --name handler -- bash -c 'trap "exit 0" TERM; echo >"$1"; sleep 100 & wait' - "$WORK/begun"
  await_ready server
  mkfifo "$WORK/in"
  spawn_stdin "$WORK/in" caller lswarm send t
  exec {IN}>"$WORK/in"
  _poll 20 test -s "$WORK/begun"
  kill -TERM "${PIDS[server]}"
  await_exit caller
  exec {IN}>&-
  assert_equal "$status" 4
  assert_regex "$(<"$WORK/caller.err")" 'not confirmed by handler'
}
