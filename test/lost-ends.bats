#!/usr/bin/env bats
# A command at one end of a stream or a call, and the other end is lost while the command says nothing.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# silent [TRAP]: prints a script that says one line, and then nothing for a long time. Its pid, and that of a child of its, are in
# $WORK/pids. With a TRAP the child ignores that signal.
silent() {
  echo "echo \$\$ >'$WORK/pids'; (trap '' ${1:-USR1}; exec sleep 300 </dev/null >/dev/null) & echo \$! >>'$WORK/pids'; echo said; wait"
}

# await_ended: the command of `silent` has ended, and so has its child.
await_ended() {
  local pid
  while read -r pid; do
    _poll 10 _has_ended "$pid" || fail "$(ps -o pid,stat,args -p "$pid")"
  done <"$WORK/pids"
}

@test "send -- COMMAND: the one receiver is killed, or stopped and killed: status 4 names it, and the command is ended" {
  for signals in KILL 'STOP KILL'; do
    receiver one
    spawn two lswarm send t -- sh -c "$(silent)"
    await_line "$WORK/one.out" said
    for signal in $signals; do kill "-$signal" "${PIDS[one]}"; done
    expect two 4
    assert_equal "$(<"$WORK/two.err")" 'lswarm: not confirmed by one (the connection was lost)'
    await_ended
  done
}

@test "send -- COMMAND: the one receiver leaves: status 4 names it, and a child that ignores TERM is ended, too" {
  receiver one
  spawn two lswarm send t -- sh -c "$(silent TERM)"
  await_line "$WORK/one.out" said
  kill -TERM "${PIDS[one]}"
  expect two 4
  assert_equal "$(<"$WORK/two.err")" 'lswarm: not confirmed by one (interrupted by SIGTERM)'
  await_ended
}

@test "send -- COMMAND: the reader of the one receiver's output goes away: status 4" {
  spawn one bash -c 'lswarm recv t --name one --ready | head -n 1'
  await_ready one
  spawn two lswarm send t -- sh -c "$(silent)"
  expect two 4
  assert_regex "$(<"$WORK/two.err")" 'not confirmed by one \(the reader of its output went away\)'
  await_ended
}

@test "send -- COMMAND: all of two receivers are killed: status 4 names both, and the command is ended" {
  receiver one
  receiver other
  spawn two lswarm send t -n 2 -- sh -c "$(silent)"
  await_line "$WORK/one.out" said
  await_line "$WORK/other.out" said
  kill -KILL "${PIDS[one]}" "${PIDS[other]}"
  expect two 4
  assert_regex "$(tail -n 1 "$WORK/two.err")" 'not confirmed by (one|other) \(the connection was lost\), (one|other) \(the conn'
  await_ended
}

@test "send -- COMMAND: a command that fails since its receiver was killed is not what is named" {
  for command in yes 'sh -c "trap \"\" PIPE; while echo y; do :; done 2>/dev/null; exit 9"'; do
    receiver one
    eval "spawn two lswarm send t -- $command"
    await_bytes "$WORK/one.out" 10
    kill -KILL "${PIDS[one]}"
    expect two 4
    assert_equal "$(tail -n 1 "$WORK/two.err")" 'lswarm: not confirmed by one (the connection was lost)'
  done
}

@test "send -- COMMAND to a handler that fails, or is killed with its server: status 4 names it" {
  spawn one lswarm exec t --name one --ready -- sh -c 'read line; exit 3'
  await_ready one
  spawn two lswarm send t -- sh -c "$(silent)"
  expect two 4
  assert_equal "$(<"$WORK/two.err")" 'lswarm: not confirmed by one (exit status 3)'
  await_ended
  spawn other lswarm exec t --name other --ready -- sh -c 'read line; echo "$line" >&2; cat'
  await_ready other
  spawn two lswarm send t --to other -- sh -c "$(silent)"
  await_line "$WORK/other.err" said
  kill -KILL -- "-${PIDS[other]}"
  expect two 4
  assert_regex "$(<"$WORK/two.err")" '^lswarm: not confirmed by other \(the connection (to other )?was lost.*\)$'
  await_ended
}

@test "a command that has had enough confirms at once, and the sender's command is ended" {
  for receiver in 'recv t' 'exec t'; do
    spawn one lswarm $receiver --ready -- head -n 1
    await_ready one
    spawn two lswarm send t -- sh -c "$(silent)"
    expect two 0
    await_ended
    [[ $receiver == recv* ]] && expect one 0 || kill -TERM "${PIDS[one]}"
    await_exit one
  done
}

@test "a command that has had enough ends a sender whose input goes on" {
  spawn one lswarm recv t --ready -- head -n 1
  await_ready one
  run -0 --separate-stderr bash -c 'yes | lswarm send t --timeout 60s'
  same one <(echo y)
}

@test "recv -- COMMAND: the sender is killed: status 4 names it, and a command that does not read is ended" {
  for digest in sample crc32; do
    spawn one lswarm recv t --ready -- sh -c "$(silent)"
    await_ready one
    rm -f "$WORK/two.in"
    sender two --digest $digest
    await_line "$WORK/one.out" said
    kill -KILL "${PIDS[two]}"
    expect one 4
    assert_regex "$(tail -n 1 "$WORK/one.err")" '^lswarm: the stream from two broke off.*: the connection was lost$'
    await_ended
  done
}

@test "recv -- COMMAND: the sender's command fails: status 4, and a command that does not read is ended" {
  spawn one lswarm recv t --ready -- sh -c "$(silent)"
  await_ready one
  run -1 --separate-stderr lswarm send t --timeout 60s -- sh -c 'exit 3'
  expect one 4
  assert_regex "$(tail -n 1 "$WORK/one.err")" 'broke off: sh ended with status 3$'
  await_ended
}

@test "recv -- COMMAND: what came before the sender was killed is with the command" {
  spawn one lswarm recv t --ready -- sh -c 'cat; echo end'
  await_ready one
  sender two
  echo begin >"$WORK/begin"
  feed two "$WORK/begin"
  await_line "$WORK/one.out" begin
  kill -KILL "${PIDS[two]}"
  expect one 4
  assert_equal "$(<"$WORK/one.out")" $'begin\nend'
}

@test "recv -- COMMAND with a digest: a command finds no end of its input when the sender was killed" {
  spawn one lswarm recv t --ready -- sh -c 'cat; echo end'
  await_ready one
  sender two --digest crc32
  echo begin >"$WORK/begin"
  feed two "$WORK/begin"
  await_line "$WORK/one.out" begin
  kill -KILL "${PIDS[two]}"
  expect one 4
  assert_equal "$(<"$WORK/one.out")" begin
}

@test "connect -- COMMAND: the handler's server is killed: status 255, and the command is ended" {
  spawn server lswarm exec t --name server --ready -- sh -c 'read line; echo "$line" >&2; cat'
  await_ready server
  spawn caller lswarm connect t -- sh -c "$(silent)"
  await_line "$WORK/server.err" said
  kill -KILL "${PIDS[server]}"
  expect caller 255
  assert_equal "$(<"$WORK/caller.err")" 'lswarm: the connection to server was lost before its exit status'
  await_ended
}
