#!/usr/bin/env bats
# `exec`, `connect` and `listen`: handlers by name, their bytes exact, their status at the caller.

load helpers/common

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# handler OPTION... -- COMMAND...: starts an exec on topic t and waits until it can be met.
handler() {
  spawn server lswarm exec t --ready -v "$@"
  await_ready server
}

# call ARG...: connects to topic t, bounded in time.
call() {
  lswarm connect t --timeout 60s "$@"
}

@test "a command's input is what the caller writes, and its output what the caller reads" {
  handler -- tr a-z A-Z
  run -0 --separate-stderr call < <(echo hello)
  assert_output HELLO
}

@test "bytes come back exactly from cat, dd, head, sort, python3 and node" {
  head -c 3000000 /dev/urandom >"$WORK/in"
  for command in 'cat' 'dd bs=7777 status=none' 'head -c 1234567' "sort -s -k1,1" \
    "python3 -c 'import sys, shutil; shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)'" \
    "node -e 'process.stdin.pipe(process.stdout)'"; do
    eval "LC_ALL=C $command" <"$WORK/in" >"$WORK/expected"
    spawn server env LC_ALL=C lswarm exec t --once --ready -- bash -c "$command"
    await_ready server
    call <"$WORK/in" >"$WORK/out"
    cmp "$WORK/expected" "$WORK/out"
    await_exit server
  done
}

@test "a shell reads a line and answers, while the caller's input is still open" {
  handler -- sh -c 'read x; echo "got $x"; read y; echo "and $y"'
  mkfifo "$WORK/in"
  spawn_stdin "$WORK/in" caller lswarm connect t
  exec {IN}>"$WORK/in"
  echo one >&"$IN"
  await_line "$WORK/caller.out" '^got one$'
  echo two >&"$IN"
  await_line "$WORK/caller.out" '^and two$'
  await_exit caller
  assert_equal "$status" 0
  exec {IN}>&-
}

@test "the exit status of the command is that of the caller" {
  handler -- sh -c 'read status; exit $status'
  for wanted in 0 1 7 42 254; do
    run -"$wanted" --separate-stderr call < <(echo "$wanted")
  done
}

@test "a command that a signal ended gives 128 and its number" {
  handler -- sh -c 'read signal; kill -$signal $$'
  run -137 --separate-stderr call < <(echo 9)
  run -143 --separate-stderr call < <(echo 15)
}

@test "a reply is complete although the command left its input unread" {
  handler -- head -c 200000 /dev/zero
  for _ in {1..20}; do
    run -0 bash -c 'yes | (lswarm connect t; echo $? >"$1") | wc -c' - "$WORK/status"
    assert_output 200000
    assert_equal "$(cat "$WORK/status")" 0
  done
}

@test "a reply is complete although the caller reads slowly" {
  handler -- head -c 30000000 /dev/zero
  run -0 bash -c 'yes | lswarm connect t | (sleep 1; wc -c)'
  assert_output 30000000
}

@test "a caller that was stopped gets the whole reply when it goes on" {
  mkfifo "$WORK/go"
  handler -- sh -c 'read x <"$1"; exec head -c 30000000 /dev/zero' - "$WORK/go"
  spawn caller lswarm connect t
  await_line "$WORK/server.err" 'start 1'
  kill -STOP "${PIDS[caller]}"
  echo >"$WORK/go"
  run -124 lswarm wait t -n 9 --timeout 1s
  kill -CONT "${PIDS[caller]}"
  await_exit caller
  assert_equal "$status" 0
  run -0 wc -c <"$WORK/caller.out"
  assert_output 30000000
}

@test "a reply that comes long after the end of the caller's input arrives" {
  handler -- sh -c 'cat >/dev/null; sleep 2; echo late'
  run -0 --separate-stderr call < <(echo x)
  assert_output late
}

@test "one gibibyte through a handler and back is exact" {
  handler -- cat
  run -0 bash -o pipefail -c 'head -c 1073741824 /dev/zero | lswarm connect t | md5sum'
  assert_output "$(head -c 1073741824 /dev/zero | md5sum)"
}

@test "--pipes lets a command open /dev/stdin and /dev/stdout by name, and keeps its status" {
  handler --pipes -- sh -c 'rev /dev/stdin >/dev/stdout; exit 5'
  run -5 --separate-stderr call < <(echo hello)
  assert_output olleh
}

@test "--pipes: a command that leaves its input unread still ends" {
  handler --pipes -- head -n 1
  run -0 bash -c 'yes | lswarm connect t'
  assert_output y
}

@test "--pipes: a reply is whole although the pipes around the command are slow" {
  handler --pipes -- sh -c 'pkill -STOP -g 0 -x cat; echo whole'
  spawn caller lswarm connect t
  # The command has ended, and its reply stands in a pipe.
  run -124 lswarm wait nobody-at-all --timeout 1s
  pkill -CONT -g "$(pgrep -P "${PIDS[server]}")" -x cat
  await_exit caller
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/caller.out")" whole
}

@test "--pipes: what the command started and left behind does not hold the reply up" {
  handler --pipes -- sh -c 'sleep 100 & echo $! >"$1"; echo said' - "$WORK/left"
  run -0 --separate-stderr call </dev/null
  kill "$(<"$WORK/left")"
  assert_output said
}

@test "the caller may come first" {
  spawn_stdin <(echo hello) caller lswarm connect t
  run -124 lswarm wait t -n 9 --timeout 1s
  handler -- cat
  await_exit caller
  assert_equal "$(cat "$WORK/caller.out")" hello
}

@test "the server killed with -9: the caller ends with 255 and a reason" {
  handler -- sh -c 'echo up; while echo; do sleep 0.1; done'
  spawn caller lswarm connect t
  await_line "$WORK/caller.out" '^up$'
  kill -KILL "${PIDS[server]}"
  await_exit caller
  assert_equal "$status" 255
  assert_regex "$(cat "$WORK/caller.err")" 'was lost'
}

@test "the server killed with -9: its command ends by end of file or SIGPIPE" {
  handler -- sh -c 'echo $$; exec cat'
  mkfifo "$WORK/in"
  spawn_stdin "$WORK/in" caller lswarm connect t
  exec {IN}>"$WORK/in"
  await_line "$WORK/caller.out" '^[0-9]+$'
  pid=$(cat "$WORK/caller.out")
  kill -KILL "${PIDS[server]}"
  await_exit caller
  _poll 20 _has_ended "$pid"
  exec {IN}>&-
}

@test "connect -- COMMAND puts the stream on the command's descriptors" {
  handler -- sh -c 'read x; echo "answer to $x"'
  run -0 --separate-stderr call -- sh -c 'echo question; read x; echo "$x" >&2'
  assert_equal "$stderr" 'answer to question'
}

@test "listen gives one peer its own stdio" {
  spawn_stdin <(echo from listen) listener lswarm listen door --ready
  await_ready listener
  run -0 --separate-stderr lswarm connect door --timeout 30s < <(echo from connect)
  assert_output 'from listen'
  await_exit listener
  assert_equal "$status" 0
  assert_equal "$(cat "$WORK/listener.out")" 'from connect'
}

@test "listen --keep takes the next peer after it" {
  spawn listener lswarm listen door --keep --ready
  await_ready listener
  run -0 --separate-stderr lswarm connect door --timeout 30s < <(echo one)
  run -0 --separate-stderr lswarm connect door --timeout 30s < <(echo two)
  await_line "$WORK/listener.out" '^two$'
  assert_equal "$(cat "$WORK/listener.out")" "$(printf 'one\ntwo')"
}

@test "send to handlers: status 0 confirms, another names the one that failed" {
  spawn good lswarm exec s --name good --ready -- sh -c 'cat >"$1"; echo a reply is for nobody' - "$WORK/good.got"
  await_ready good
  head -c 2000000 /dev/urandom >"$WORK/in"
  run -0 --separate-stderr lswarm send s "$WORK/in" --timeout 30s
  cmp "$WORK/in" "$WORK/good.got"
  spawn bad lswarm exec s --name bad --ready -- sh -c 'cat >/dev/null; exit 3'
  await_ready bad
  run -4 --separate-stderr lswarm send s "$WORK/in" -n 2 --timeout 30s
  assert_regex "$stderr" 'not confirmed by bad \(exit status 3\)'
}

@test "send -- and recv -- give the commands the socket, and confirm" {
  mkdir "$WORK/out"
  spawn receiver lswarm recv t -- tar x -C "$WORK/out"
  run -0 --separate-stderr lswarm send t --timeout 60s -- tar c -C "$ROOT" src
  await_exit receiver
  assert_equal "$status" 0
  diff -r "$ROOT/src" "$WORK/out/src"
}

@test "a command that fails while sending is an aborted stream at the other end" {
  spawn receiver lswarm recv t -- cat
  run -1 --separate-stderr lswarm send t --timeout 60s -- sh -c 'echo part; exit 3'
  assert_regex "$stderr" 'sh ended with status 3'
  await_exit receiver
  assert_equal "$status" 4
}

@test "a command that fails while receiving is not a confirmation" {
  spawn receiver lswarm recv t --name r -- sh -c 'cat >/dev/null; exit 9'
  run -4 --separate-stderr lswarm send t --timeout 60s < <(echo x)
  assert_regex "$stderr" 'not confirmed by r'
  await_exit receiver
  assert_equal "$status" 1
}

@test "--max: who is over it waits for a free place" {
  handler --max 2 -- sh -c 'echo up; cat'
  mkfifo "$WORK/in1" "$WORK/in2"
  for i in 1 2; do
    spawn "holder$i" bash -c 'exec sleep 300 >"$1"' - "$WORK/in$i"
    spawn_stdin "$WORK/in$i" "caller$i" lswarm connect t
    await_line "$WORK/caller$i.out" '^up$'
  done
  spawn third lswarm connect t
  run -124 lswarm wait t -n 9 --timeout 1s
  assert_equal "$(cat "$WORK/third.out")" ''
  kill "${PIDS[holder1]}"
  await_line "$WORK/third.out" '^up$'
  await_exit third
}

@test "--busy refuse: who is over it is told so, with 3" {
  handler --max 1 --busy refuse -- sh -c 'echo up; exec sleep 60'
  spawn caller lswarm connect t
  await_line "$WORK/caller.out" '^up$'
  run -3 --separate-stderr call </dev/null
  assert_regex "$stderr" 'busy with 1 of 1'
}

@test "--once ends after one command, with its status" {
  handler --once -- sh -c 'exit 6'
  run -6 --separate-stderr call </dev/null
  await_exit server
  assert_equal "$status" 6
}

@test "--timeout ends a command, with 124 at the caller, and the server lives" {
  handler --timeout 500ms -- sh -c 'read x || exec sleep 60; echo "$x"'
  run -124 --separate-stderr call </dev/null
  run -0 --separate-stderr call < <(echo quick)
  assert_output quick
}

@test "a command that ignores TERM is killed after --kill-after" {
  handler --timeout 300ms --kill-after 300ms -- sh -c 'trap "" TERM; echo up; while :; do sleep 1; done'
  run -124 --separate-stderr call </dev/null
  assert_output up
}

@test "SIGTERM ends the server and every process of its commands, also one that ignores it" {
  handler --kill-after 1s -- sh -c 'trap "" TERM; sleep 300 & echo $$ $!; while :; do sleep 1; done'
  spawn caller lswarm connect t
  await_line "$WORK/caller.out" '^[0-9]+ [0-9]+$'
  read -r shell child <"$WORK/caller.out"
  kill -TERM "${PIDS[server]}"
  await_exit server 10
  assert_equal "$status" 143
  _poll 5 _has_ended "$shell"
  _poll 5 _has_ended "$child"
  await_exit caller
}

@test "SIGHUP ends the commands, but not the server" {
  handler -- sh -c 'echo up; read x || exec sleep 300; echo "$x"'
  spawn caller lswarm connect t
  await_line "$WORK/caller.out" '^up$'
  kill -HUP "${PIDS[server]}"
  await_exit caller
  assert_equal "$status" 143
  run -0 --separate-stderr call < <(echo alive)
  assert_line alive
}

@test "the environment names the topic, the peer, the transport and the connection, and nothing that a peer chose" {
  handler -- env
  run -0 --separate-stderr call --name 'x;$(id) EVIL=1' </dev/null
  assert_line PROTO=LSWARM
  assert_line LSWARM_TOPIC=t
  assert_line LSWARM_TRANSPORT=local
  assert_line LSWARM_CONNECTION=1
  assert_line --regexp '^LSWARM_PEER=[0-9a-f]{32}$'
  refute_output --partial EVIL
}

@test "a command has descriptors 0, 1 and 2, and no others" {
  spawn server bash -c 'exec lswarm exec t --ready -- ls -l /proc/self/fd 9</dev/null 250</dev/null'
  await_ready server
  run -0 --separate-stderr bash -c 'lswarm connect t </dev/null | awk "/->/ { print \$(NF - 2) }"'
  # 3 is the directory that ls reads.
  assert_output "$(printf '0\n1\n2\n3')"
}

@test "SIGPIPE is at its default in a command" {
  handler -- grep SigIgn /proc/self/status
  run -0 --separate-stderr call </dev/null
  ignored=$((16#${output##*[[:space:]]}))
  (((ignored & 1 << 12) == 0))
}

@test "a command that is not there, or cannot be run, is said before joining" {
  run -127 --separate-stderr lswarm exec t -- no-such-command
  run -126 --separate-stderr lswarm exec t -- /etc/passwd
  run -126 --separate-stderr lswarm exec t -- "$WORK"
  run -2 --separate-stderr lswarm exec t
}

@test "a command that vanishes later is told to the caller, and the server lives" {
  printf '#!/bin/sh\necho here\n' >"$WORK/command"
  chmod +x "$WORK/command"
  handler -- "$WORK/command"
  run -0 --separate-stderr call </dev/null
  mv "$WORK/command" "$WORK/gone"
  run -127 --separate-stderr call </dev/null
  assert_regex "$stderr" 'command not found'
  mv "$WORK/gone" "$WORK/command"
  run -0 --separate-stderr call </dev/null
}

@test "-v tells how many run, and of each its start, its end, its status and its seconds" {
  handler -- sh -c 'exit 4'
  run -4 --separate-stderr call --name bob </dev/null
  await_line "$WORK/server.err" '^lswarm: status: 1/40$'
  await_line "$WORK/server.err" '^lswarm: start 1: bob$'
  await_line "$WORK/server.err" '^lswarm: end 1: bob 4 [0-9.]+ s$'
  await_line "$WORK/server.err" '^lswarm: status: 0/40$'
}

@test "a grandchild that keeps the socket does not keep the caller" {
  handler -- sh -c 'sleep 300 & echo $!'
  run -0 --separate-stderr timeout 60 lswarm connect t </dev/null
  kill "$output"
}

@test "a command is found behind a directory of PATH that cannot be searched" {
  ((UID > 0)) || skip 'root may search every directory'
  mkdir -m 000 "$WORK/closed"
  PATH=$WORK/closed:$PATH spawn server lswarm exec t --ready -- echo hello
  await_ready server
  run -0 --separate-stderr lswarm connect t </dev/null
  assert_output hello
}
