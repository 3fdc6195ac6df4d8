#!/usr/bin/env bats
# `recv -o FILE`: whatever the file is and whatever happens to it.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "-o makes a file with the mode that the umask gives" {
  spawn one bash -c 'umask 027; exec lswarm recv t --ready -o "$1"' _ "$WORK/file"
  await_ready one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/file")" hello
  assert_equal "$(stat -c %a "$WORK/file")" 640
}

@test "-o keeps the mode of the file that it replaces" {
  echo old >"$WORK/file"
  chmod 600 "$WORK/file"
  spawn one bash -c 'umask 022; exec lswarm recv t --ready -o "$1"' _ "$WORK/file"
  await_ready one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/file")" hello
  assert_equal "$(stat -c %a "$WORK/file")" 600
}

@test "-o of an empty stream makes an empty file" {
  receiver one -o "$WORK/file"
  run -0 --separate-stderr lswarm send t </dev/null
  expect one 0
  assert_equal "$(stat -c %s "$WORK/file")" 0
}

@test "-o replaces a longer file whole" {
  yes old | head -c 1000000 >"$WORK/file"
  receiver one -o "$WORK/file"
  run -0 --separate-stderr lswarm send t < <(echo new)
  expect one 0
  assert_equal "$(<"$WORK/file")" new
}

@test "-o without a directory writes where recv was started" {
  mkdir "$WORK/here"
  spawn one bash -c 'cd "$1" && exec lswarm recv t --ready -o file' _ "$WORK/here"
  await_ready one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(ls -A "$WORK/here")" file
  assert_equal "$(<"$WORK/here/file")" hello
}

@test "-o through a symbolic link replaces the file, not the link" {
  mkdir "$WORK/elsewhere"
  echo old >"$WORK/elsewhere/file"
  ln -s elsewhere/file "$WORK/link"
  receiver one -o "$WORK/link"
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(readlink "$WORK/link")" elsewhere/file
  assert_equal "$(<"$WORK/elsewhere/file")" hello
}

@test "-o through a link to a descriptor leaves the link" {
  [[ -e /proc/self/fd/1 ]] || skip 'no /proc/self/fd'
  ln -s /proc/self/fd/1 "$WORK/link"
  spawn one bash -c 'exec lswarm recv t --ready -o "$1" >"$2"' _ "$WORK/link" "$WORK/file"
  await_ready one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(readlink "$WORK/link")" /proc/self/fd/1
  assert_equal "$(<"$WORK/file")" hello
}

@test "-o takes a name as long as names may be" {
  file=$WORK/$(printf 'x%.0s' {1..255})
  receiver one -o "$file"
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$file")" hello
}

@test "-o with a name that is too long is status 1, before anybody is met" {
  run -1 --separate-stderr lswarm recv t --ready -o "$WORK/$(printf 'x%.0s' {1..256})"
  assert_regex "$stderr" '^lswarm: cannot write .*: name too long$'
}

@test "-o in a directory that is not there is status 1, before anybody is met" {
  for file in none/file none/; do
    run -1 --separate-stderr lswarm recv t --ready -o "$WORK/$file"
    assert_equal "$stderr" "lswarm: cannot write $WORK/$file: no such file or directory"
  done
  no_trace
}

@test "-o of a directory is status 1, before anybody is met" {
  run -1 --separate-stderr lswarm recv t --ready -o "$WORK"
  assert_equal "$stderr" "lswarm: $WORK is a directory"
}

@test "-o in a directory that cannot be written is status 1, before anybody is met" {
  if ((UID == 0)); then
    mkdir "$WORK/small"
    unshare -Urm true 2>/dev/null || skip 'root can write anywhere, and has no user namespaces'
    # A disk that is read-only stops root, too.
    run -1 --separate-stderr unshare -Urm bash -c 'mount -t tmpfs -o ro none "$1" && lswarm recv t --ready -o "$1/file"' \
      _ "$WORK/small"
    assert_equal "$stderr" "lswarm: cannot write $WORK/small/file: read-only file system"
  else
    mkdir -m 555 "$WORK/closed"
    run -1 --separate-stderr lswarm recv t --ready -o "$WORK/closed/file"
    assert_equal "$stderr" "lswarm: cannot write $WORK/closed/file: permission denied"
  fi
  no_trace
}

@test "-o and a command do not go together" {
  run -2 --separate-stderr lswarm recv t -o "$WORK/file" -- cat
  assert_equal "$stderr" 'lswarm: a command and -o exclude each other: the stream goes to one of them'
}

@test "-o leaves nothing behind when it is interrupted in the middle" {
  mkdir "$WORK/here"
  for signal in INT TERM HUP; do
    spawn one lswarm recv t --ready -o "$WORK/here/file"
    await_ready one
    sender two
    echo hello >"$WORK/in"
    feed two "$WORK/in"
    await_temporary_bytes 6
    kill -"$signal" "${PIDS[one]}"
    expect one $((128 + $(kill -l "$signal")))
    run -0 ls -A "$WORK/here"
    assert_output ''
    expect two 4
    rm "$WORK/two.in"
  done
}

# await_temporary_bytes BYTES: waits until the unfinished file in $WORK/here is that long.
await_temporary_bytes() {
  _poll 20 _has_temporary_bytes "$1" || _complain "no unfinished file of $1 bytes: $(ls -Al "$WORK/here")"
}

_has_temporary_bytes() {
  local file
  file=$(temporaries "$WORK/here")
  [[ -n $file ]] && _has_bytes "$file" "$1"
}

@test "-o leaves nothing behind when it is interrupted twice" {
  mkdir "$WORK/here"
  spawn one lswarm recv t --ready -o "$WORK/here/file"
  await_ready one
  sender two
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  await_temporary_bytes 6
  # With both waiting for it, it hears the second before it has done with the first.
  kill -STOP "${PIDS[one]}"
  kill -INT "${PIDS[one]}"
  kill -TERM "${PIDS[one]}"
  kill -CONT "${PIDS[one]}"
  await_exit one
  ((status == 130 || status == 143))
  run -0 ls -A "$WORK/here"
  assert_output ''
}

@test "-o leaves the old file, and nothing else, when the disk gets full" {
  need_small_disk
  spawn one in_small_disk bash -c '
    cd "$1" && echo old >file && lswarm recv t --ready -o file
    echo "status $?"
    cat file
    ls -A' _ "$WORK/small"
  await_ready one
  run -4 --separate-stderr bash -c 'head -c 3000000 /dev/zero | lswarm send t'
  assert_regex "$stderr" 'no space left on device'
  expect one 0
  assert_equal "$(<"$WORK/one.out")" $'status 1\nold\nfile'
}

@test "-o of a full device is status 1, and leaves the device" {
  [[ -c /dev/full ]] || skip 'no /dev/full'
  receiver one -o /dev/full
  run -4 --separate-stderr lswarm send t < <(echo hello)
  expect one 1
  assert_equal "$(tail -n 1 "$WORK/one.err")" 'lswarm: cannot write the output: no space left on device'
  [[ -c /dev/full ]]
}

@test "-o /dev/stdout is stdout" {
  receiver one -o /dev/stdout
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
  spawn pipe bash -c 'lswarm recv t -o /dev/stdout | cat'
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect pipe 0
  assert_equal "$(<"$WORK/pipe.out")" hello
}

@test "-o of a shell's >(command) is that command's input" {
  spawn one bash -c 'lswarm recv t --ready -o >(tr a-z A-Z); wait $!'
  await_ready one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" HELLO
}

@test "-o of a fifo waits for its reader" {
  mkfifo "$WORK/pipe"
  random 1000000 "$WORK/in"
  spawn one lswarm recv t -o "$WORK/pipe"
  spawn two lswarm send t "$WORK/in"
  cat "$WORK/pipe" | cmp - "$WORK/in"
  expect one 0
  expect two 0
  [[ -p $WORK/pipe ]]
}

@test "SIGTERM ends a recv -o of a fifo that nobody reads" {
  mkfifo "$WORK/pipe"
  spawn one lswarm recv t --ready -o "$WORK/pipe"
  # Its signals are taken care of before it looks at the fifo, whose reader it would wait for.
  let_pass
  kill -TERM "${PIDS[one]}"
  expect one 143
}

@test "the reader of an -o fifo that goes away ends recv" {
  mkfifo "$WORK/pipe"
  spawn one lswarm recv t --ready --keep -o "$WORK/pipe"
  # It goes when all has been confirmed: who goes before has not read all, for all that recv knows.
  spawn reader bash -c '{ read -r line; echo "$line"; until [[ -e $1/go ]]; do sleep 0.02; done; } <"$1/pipe"' _ "$WORK"
  await_ready one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  touch "$WORK/go"
  expect one 0
  expect reader 0
  assert_equal "$(<"$WORK/reader.out")" hello
}
