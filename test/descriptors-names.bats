#!/usr/bin/env bats
# The names of a descriptor (/dev/stdin, /dev/fd/N, /proc/self/fd/N) mean the descriptor itself.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# with_socket FD TEXT COMMAND...: runs it with a socket as that descriptor, on which TEXT comes to its end. What the
# command writes there is printed.
with_socket() {
  python3 -c '
import os, socket, subprocess, sys
fd, text, command = int(sys.argv[1]), sys.argv[2], sys.argv[3:]
ours, theirs = socket.socketpair()
ours.sendall(text.encode())
ours.shutdown(socket.SHUT_WR)
child = os.fork()
if child == 0:
    ours.close()
    saved = os.dup(theirs.fileno())
    os.dup2(saved, fd)
    os.execvp(command[0], command)
theirs.close()
while data := ours.recv(65536):
    sys.stdout.buffer.write(data)
sys.stdout.buffer.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))' "$@"
}

@test "send takes a socket on stdin by each of its names" {
  for name in - /dev/stdin /dev/fd/0 /proc/self/fd/0 /proc/thread-self/fd/0; do
    receiver one
    run -0 --separate-stderr with_socket 0 'from the socket' lswarm send t "$name"
    assert_equal "$stderr" ''
    expect one 0
    assert_equal "$(<"$WORK/one.out")" 'from the socket'
  done
}

@test "send takes a socket on another descriptor, and through a link" {
  ln -s /dev/fd/7 "$WORK/link"
  ln -s link "$WORK/link-to-link"
  for name in /dev/fd/7 /proc/self/fd/7 "$WORK/link-to-link"; do
    receiver one
    run -0 --separate-stderr with_socket 7 'from the socket' lswarm send t "$name"
    expect one 0
    assert_equal "$(<"$WORK/one.out")" 'from the socket'
  done
}

@test "send --queue takes its records from a socket by name" {
  spawn worker lswarm exec t --queue --ready -- tr a-z A-Z
  await_ready worker
  run -0 --separate-stderr with_socket 7 'from the socket' lswarm send t --queue /dev/fd/7
  assert_output 'FROM THE SOCKET'
}

@test "send reads a file on a descriptor from where it stands, and leaves it at the end" {
  for bytes in 100 3000000; do
    { echo first && random "$bytes" "$WORK/rest" && cat "$WORK/rest"; } >"$WORK/file"
    for name in /dev/stdin /dev/fd/0 /proc/self/fd/0; do
      receiver one
      run -0 --separate-stderr bash -c '{ read -r line && lswarm send t "$1" && cat; } <"$2"' _ "$name" "$WORK/file"
      assert_output ''
      same one "$WORK/rest"
    done
    receiver one
    run -0 --separate-stderr bash -c 'exec 5<"$1" && read -r line <&5 && lswarm send t /dev/fd/5 && cat <&5' _ "$WORK/file"
    assert_output ''
    same one "$WORK/rest"
  done
}

@test "send reads a pipe by its name: <(command)" {
  random 3000000 "$WORK/in"
  for count in 1 2; do
    receiver one
    ((count == 1)) || receiver two
    run -0 --separate-stderr bash -c 'lswarm send t -n "$1" <(cat "$2")' _ "$count" "$WORK/in"
    same one "$WORK/in"
    ((count == 1)) || same two "$WORK/in"
  done
}

@test "send of a descriptor that is not open, or is a directory, is status 1, before anybody is met" {
  run -1 --separate-stderr lswarm send t --ready --timeout 20s /dev/fd/99
  assert_equal "$stderr" 'lswarm: cannot open /dev/fd/99: descriptor 99 is not open'
  run -1 --separate-stderr bash -c 'lswarm send t --ready /dev/fd/5 5<"$1"' _ "$WORK"
  assert_equal "$stderr" 'lswarm: /dev/fd/5 is a directory'
  no_trace
}

@test "recv -o takes a socket by each of its names" {
  for name in - /dev/stdout /dev/fd/1 /proc/self/fd/1; do
    spawn one with_socket 1 '' lswarm recv t --ready -o "$name"
    await_ready one
    run -0 --separate-stderr lswarm send t < <(echo hello)
    expect one 0
    assert_equal "$(<"$WORK/one.out")" hello
  done
  spawn one with_socket 2 '' lswarm recv t -o /dev/stderr
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
  spawn one with_socket 7 '' lswarm recv t --ready -o /dev/fd/7
  await_ready one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "recv -o of a descriptor writes where it stands, and replaces nothing" {
  echo first >"$WORK/file"
  before=$(stat -c %i "$WORK/file")
  for name in /dev/fd/6 /proc/self/fd/6; do
    spawn one bash -c 'exec lswarm recv t --ready -o "$1" 6>>"$2"' _ "$name" "$WORK/file"
    await_ready one
    run -0 --separate-stderr lswarm send t < <(echo hello)
    expect one 0
  done
  assert_equal "$(<"$WORK/file")" $'first\nhello\nhello'
  assert_equal "$(stat -c %i "$WORK/file")" "$before"
}

@test "recv -o of a descriptor that is not open, or is a directory, is status 1, before anybody is met" {
  run -1 --separate-stderr lswarm recv t --ready --timeout 20s -o /dev/fd/99
  assert_equal "$stderr" 'lswarm: cannot write /dev/fd/99: descriptor 99 is not open'
  run -1 --separate-stderr bash -c 'lswarm recv t --ready --timeout 20s -o /dev/fd/5 5<"$1"' _ "$WORK"
  assert_equal "$stderr" 'lswarm: /dev/fd/5 is a directory'
  no_trace
}

@test "the descriptors of another process are files like others" {
  echo hello >"$WORK/in"
  spawn_stdin "$WORK/in" other tail -f /dev/null
  receiver one
  run -0 --separate-stderr lswarm send t "/proc/${PIDS[other]}/fd/0"
  same one "$WORK/in"
}

@test "a key, a seed and ids are read from a socket by its name" {
  (umask 077 && lswarm key new >"$WORK/seed")
  id=$(lswarm key id --seed-file "$WORK/seed")
  run -0 --separate-stderr with_socket 7 "$(<"$WORK/seed")" lswarm key id --seed-file /dev/fd/7
  assert_output "$id"
  run -3 --separate-stderr with_socket 7 "$(<"$WORK/seed")" lswarm connect t --no-wait --key-file /dev/fd/7 --connect tcp://127.0.0.1:9
  refute_regex "$stderr" 'cannot read'
  run -3 --separate-stderr with_socket 7 "$id" lswarm connect t --no-wait --key-file "$WORK/seed" --allow /dev/fd/7 --connect tcp://127.0.0.1:9
  refute_regex "$stderr" 'takes an id'
  run -2 --separate-stderr lswarm key id --seed-file /dev/fd/99
  assert_equal "$stderr" 'lswarm: cannot read /dev/fd/99: descriptor 99 is not open'
}
