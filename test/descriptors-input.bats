#!/usr/bin/env bats
# A socket on stdin that was reset is a failure of the input, not its end: for every verb that reads stdin.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# reset_stdin KIND WHEN TEXT COMMAND...: see the fixture.
reset_stdin() {
  python3 "$BATS_TEST_DIRNAME/fixtures/reset_stdin.py" "$@"
}

RESET='lswarm: cannot read the input: connection reset by peer'

@test "send fails when its stdin was reset before it was read, and the receiver gets no end" {
  for kind in tcp unix; do
    receiver one -o "$WORK/file"
    run -1 --separate-stderr reset_stdin "$kind" before half lswarm send t
    assert_equal "$stderr" "$RESET"
    expect one 4
    [[ ! -e $WORK/file ]]
  done
}

@test "send fails when its stdin is reset while it is read, and the receiver gets no end" {
  for kind in tcp unix; do
    receiver one
    run -1 --separate-stderr reset_stdin "$kind" "$WORK/one.out" half lswarm send t
    assert_equal "$stderr" "$RESET"
    expect one 4
    assert_equal "$(<"$WORK/one.out")" half
  done
}

@test "send fails when its stdin was reset behind more than fills a buffer" {
  text=$(printf 'x%.0s' {1..100000})
  for kind in tcp unix; do
    receiver one
    run -1 --separate-stderr reset_stdin "$kind" before "$text" lswarm send t
    assert_equal "$stderr" "$RESET"
    expect one 4
  done
}

@test "a socket that is closed in good order is the end of the input" {
  receiver one
  run -0 --separate-stderr bash -c 'python3 -c "
import os, socket, sys
ours, theirs = socket.socketpair()
ours.sendall(b\"whole\")
ours.close()
os.dup2(theirs.fileno(), 0)
os.execvp(\"lswarm\", [\"lswarm\", \"send\", \"t\"])"'
  expect one 0
  assert_equal "$(<"$WORK/one.out")" whole
}

@test "send --queue answers the records before a reset of its stdin, then fails" {
  spawn worker lswarm exec t --queue --ready -- cat
  await_ready worker
  for kind in tcp unix; do
    run -1 --separate-stderr reset_stdin "$kind" before $'one\nhalf' lswarm send t --queue
    assert_equal "$stderr" "$RESET"
    # A record without its end is none.
    assert_output one
  done
}

@test "connect fails when its stdin was reset" {
  spawn handler lswarm exec t --ready -- cat
  await_ready handler
  for kind in tcp unix; do
    run -255 --separate-stderr reset_stdin "$kind" before half lswarm connect t
    assert_equal "$stderr" "$RESET"
  done
}

@test "listen fails when its stdin was reset" {
  for kind in tcp unix; do
    spawn one reset_stdin "$kind" before half lswarm listen t --ready
    await_ready one
    run --separate-stderr lswarm connect t
    expect one 1
    assert_equal "$(tail -n 1 "$WORK/one.err")" "$RESET"
  done
}

@test "join fails when its stdin was reset" {
  spawn other lswarm join t -d --keep --ready
  await_ready other
  for kind in tcp unix; do
    run -1 --separate-stderr reset_stdin "$kind" before $'one\nhalf' lswarm join t
    assert_equal "$stderr" "$RESET"
  done
}

@test "pub fails when its stdin was reset" {
  spawn other lswarm sub t --ready
  await_ready other
  for kind in tcp unix; do
    run -1 --separate-stderr reset_stdin "$kind" before $'one\nhalf' lswarm pub t
    assert_equal "$stderr" "$RESET"
  done
}

# with_datagrams FD COMMAND [ARG...]: runs it with a socket of datagrams as this descriptor.
with_datagrams() {
  run -1 --separate-stderr python3 -c 'import os, socket, sys
a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
a.bind(("127.0.0.1", 0))
os.dup2(a.fileno(), int(sys.argv[1]))
os.execvp(sys.argv[2], sys.argv[2:])' "$@"
}

@test "a socket of datagrams is no stream, and is named as such at either end" {
  spawn receiver lswarm recv t --ready
  await_ready receiver
  with_datagrams 0 lswarm send t
  assert_equal "$stderr" 'lswarm: cannot read the input: it is a socket of datagrams, not of a stream'
  await_exit receiver
  with_datagrams 1 lswarm limits
  assert_equal "$stderr" 'lswarm: cannot write the output: it is a socket of datagrams, not of a stream'
}
