#!/usr/bin/env bats
# `connect --all`: one input to every handler, their replies, and the one status of all of them.

load helpers/common

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# handler NAME [OPTION...] -- COMMAND...: starts an exec on `all` and waits until it can be met.
handler() {
  spawn "$1" lswarm exec all --ready --name "$@"
  await_ready "$1"
}

# connect_all [OPTION...]: runs it; what is said goes to $WORK/said. A pipe may follow.
connect_all() {
  lswarm connect all --all --timeout 60s "$@" 2>"$WORK/said"
}

# occupied NAME [OPTION...]: a handler for one caller at a time, with one: the group of NAME.caller.
occupied() {
  handler "$1" --max 1 "${@:2}" -- cat
  spawn "$1.caller" bash -c '(echo held; exec tail -f /dev/null) | lswarm connect all --to "$1"' _ "$1"
  await_line "$WORK/$1.caller.out" held
}

@test "connect --all gives every handler the same input and merges their lines" {
  handler upper -- tr a-z A-Z
  handler reverse -- rev
  run -0 --separate-stderr connect_all --prefix '%n ' < <(printf 'abc\nxyz\n')
  assert_equal "$(sort <<<"$output")" "$(printf 'reverse cba\nreverse zyx\nupper ABC\nupper XYZ')"
}

@test "connect --all without a prefix gives the lines as they are" {
  handler one -- cat
  handler two -- cat
  run -0 connect_all < <(echo x)
  assert_output "$(printf 'x\nx')"
}

@test "connect --all cuts no line, whatever its handlers write at the same time" {
  for name in a b c; do
    handler "$name" -- sh -c "for i in \$(seq 200); do head -c 20000 /dev/zero | tr '\\0' $name; echo; done"
  done
  connect_all </dev/null >"$WORK/out"
  # One letter, 20,000 times: what is left of the line without its first letter is nothing.
  run -0 awk '{ letter = substr($0, 1, 1); whole = length($0); gsub(letter, ""); print whole, length($0) }' "$WORK/out"
  assert_equal "$(sort -u <<<"$output")" '20000 0'
  run -0 wc -l <"$WORK/out"
  assert_output 600
}

@test "connect --all ends with the highest status of its handlers" {
  handler good -- cat
  handler bad -- sh -c 'cat; exit 7'
  handler worse -- sh -c 'exit 9'
  run -9 connect_all < <(echo x)
  assert_output "$(printf 'x\nx')"
}

@test "a handler that was ended by a signal counts with 128 and its number" {
  handler good -- sh -c 'cat; exit 3'
  handler shot -- sh -c 'kill -KILL $$'
  run -137 connect_all < <(echo x)
  assert_output x
}

@test "a reader that goes away is a normal end, though nothing more is coming" {
  handler chatty -- sh -c 'echo one; exec tail -f /dev/null'
  handler silent -- sh -c 'exec tail -f /dev/null'
  mkfifo "$WORK/in"
  # Opened for both, the input never ends.
  spawn caller bash -c 'lswarm connect all --all --timeout 60s 0<>"$1" | head -n 1; echo "${PIPESTATUS[*]}"' _ "$WORK/in"
  await_exit caller
  assert_equal "$(cat "$WORK/caller.out" "$WORK/caller.err")" "$(printf 'one\n0 0')"
}

@test "a reader that goes away before a handler is there is a normal end, of connect and listen too" {
  for verb in 'connect --all' connect listen 'listen --keep'; do
    run -0 bash -c "lswarm $verb all --timeout 60s </dev/null | true; echo \"\${PIPESTATUS[*]}\""
    assert_equal "$verb: $output" "$verb: 0 0"
  done
}

@test "a reader that goes away while connect waits for a busy handler is a normal end" {
  occupied taken
  for all in '' --all; do
    run -0 bash -c "lswarm connect all $all --timeout 60s </dev/null | true; echo \"\${PIPESTATUS[*]}\""
    assert_equal "$all: $output" "$all: 0 0"
  done
}

@test "a handler that refuses for being busy is named, and the others are asked" {
  occupied taken --busy refuse
  handler free -- sh -c 'cat; exit 5'
  run -5 connect_all < <(echo x)
  assert_output x
  assert_equal "$(cat "$WORK/said")" 'lswarm: cannot ask taken: busy with 1 of 1'
}

@test "where every handler is busy, nobody is asked, and the status is 3" {
  occupied taken --busy refuse
  run -3 connect_all < <(echo x)
  assert_equal "$(cat "$WORK/said")" "$(printf '%s\n' 'lswarm: cannot ask taken: busy with 1 of 1' 'lswarm: no handler could be asked')"
}

@test "nobody waits for a handler that is busy, which gets the same input later" {
  occupied taken
  handler free -- cat
  spawn_stdin <(printf 'a\nb\n') caller lswarm connect all --all --prefix '%n ' --timeout 60s
  await_line "$WORK/caller.out" '^free b$'
  assert_equal "$(cat "$WORK/caller.out")" "$(printf 'free a\nfree b')"
  kill -TERM -- "-${PIDS[taken.caller]}"
  await_exit caller
  assert_equal "$status" 0
  assert_equal "$(tail -n 2 "$WORK/caller.out")" "$(printf 'taken a\ntaken b')"
}

@test "after --timeout the handlers without an exit status are named, and what the others said is there" {
  occupied taken
  handler endless -- sh -c 'cat; exec tail -f /dev/null'
  handler good -- cat
  run -124 lswarm connect all --all --timeout 4s < <(echo x)
  assert_line --index 0 x
  assert_line --index 1 x
  assert_line 'lswarm: no exit status from endless'
  assert_line 'lswarm: cannot ask taken: busy with others'
  refute_output --partial good
}

@test "a handler whose command cannot be started is named, with its status, and the others are asked" {
  printf '#!/bin/sh\n' >"$WORK/command"
  chmod +x "$WORK/command"
  handler empty -- "$WORK/command"
  rm "$WORK/command"
  handler good -- cat
  run -127 connect_all < <(echo x)
  assert_output x
  assert_regex "$(cat "$WORK/said")" '^lswarm: empty: .*/command: command not found$'
}

@test "a handler whose server is killed costs status 255, and not the replies of the others" {
  handler steady -- cat
  handler doomed -- sh -c 'echo up >&2; exec cat >/dev/null'
  mkfifo "$WORK/in"
  spawn mouth bash -c 'exec tail -f /dev/null >"$1"' _ "$WORK/in"
  spawn_stdin "$WORK/in" caller lswarm connect all --all --timeout 60s
  await_line "$WORK/doomed.err" '^up$'
  kill -KILL "${PIDS[doomed]}"
  await_line "$WORK/caller.err" 'connection to doomed was lost before its exit status'
  echo late 1<>"$WORK/in"
  kill -TERM "${PIDS[mouth]}"
  await_exit caller
  assert_equal "$status" 255
  assert_equal "$(cat "$WORK/caller.out")" late
}

@test "a handler that leaves before it is asked is named, and the others are asked" {
  spawn liar node "$ROOT/test/fixtures/false-handler.mjs" leave
  run -0 lswarm wait all --timeout 20s
  handler good -- cat
  run -0 connect_all < <(echo x)
  assert_output x
  assert_equal "$(cat "$WORK/said")" 'lswarm: cannot ask liar: it left'
}

@test "a reply that breaks off is status 255, whatever status is told" {
  for all in '' --all; do
    spawn liar node "$ROOT/test/fixtures/false-handler.mjs" cut "$WORK/socket"
    run -255 --separate-stderr lswarm connect all $all --connect "unix:$WORK/socket" --timeout 60s < <(echo x)
    assert_equal "$stderr" 'lswarm: the reply of liar broke off'
    await_exit liar
  done
}

@test "listen --keep ends when its reader goes away between two callers" {
  spawn listener bash -c 'lswarm listen all --keep --ready </dev/null | head -n 1; echo "${PIPESTATUS[*]}"'
  await_ready listener
  run -0 lswarm connect all --timeout 60s < <(echo one)
  await_exit listener
  assert_equal "$(cat "$WORK/listener.out")" "$(printf 'one\n0 0')"
}

@test "a reply is whole when its server is gone before it is read" {
  # More than is kept here for a reader that is slow, and no more than the kernel holds beside it: the command ends.
  handler short --once -- sh -c 'yes x | head -c 4360000'
  mkfifo "$WORK/slow"
  spawn caller bash -c 'exec lswarm connect all --all --timeout 60s >"$1" </dev/null' _ "$WORK/slow"
  exec 5<"$WORK/slow"
  await_exit short
  run -0 wc -c <&5
  exec 5<&-
  assert_output 4360000
  await_exit caller
  assert_equal "$status" 0
}

@test "a reply is whole although more input comes after its command has ended" {
  handler short --once -- sh -c 'yes x | head -c 4360000'
  mkfifo "$WORK/in" "$WORK/slow"
  # Opened for both, the input never ends.
  spawn caller bash -c 'exec lswarm connect all --all --timeout 60s >"$1" 0<>"$2"' _ "$WORK/slow" "$WORK/in"
  exec 5<"$WORK/slow"
  await_exit short
  # More than a pipe holds: when all is written, the caller has read some of it.
  spawn food bash -c 'head -c 1000000 /dev/zero 1<>"$1"' _ "$WORK/in"
  await_exit food
  run -0 wc -c <&5
  exec 5<&-
  assert_output 4360000
  await_exit caller
  assert_equal "$status" 0
  assert_equal "$(cat "$WORK/caller.err")" ''
}

@test "an input that fails is status 255, and is not ended" {
  handler good -- cat
  exec 5</proc/self/mem
  run -255 connect_all <&5
  exec 5<&-
  assert_equal "$(cat "$WORK/said")" 'lswarm: cannot read the input: i/o error'
}

@test "an output that cannot be written is status 255" {
  handler good -- cat
  run -255 bash -c 'echo x | lswarm connect all --all >/dev/full'
  assert_output 'lswarm: cannot write the output: no space left on device'
}

@test "connect --all ends with 128 and the number of the signal that it gets" {
  handler endless -- sh -c 'echo up; exec tail -f /dev/null'
  spawn caller lswarm connect all --all
  await_line "$WORK/caller.out" up
  kill -TERM "${PIDS[caller]}"
  await_exit caller
  assert_equal "$status" 143
  assert_equal "$(cat "$WORK/caller.err")" ''
}
