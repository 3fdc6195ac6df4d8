#!/usr/bin/env bats
# `recv -o FILE` on what cannot simply be replaced: refused before anybody is met, or written in place.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# obeying COMMAND...: runs it so that permissions count, also for root.
obeying() {
  if ((UID != 0)); then "$@"; else setpriv --bounding-set -all --inh-caps -all "$@"; fi
}

need_permissions() {
  mkdir -m 555 "$WORK/probe"
  obeying true 2>/dev/null || skip 'root ignores permissions, and there is no setpriv'
  ! obeying touch "$WORK/probe/file" 2>/dev/null || skip 'permissions do not count here'
}

# receive NAME FILE [OPTION...]: a recv on t for which permissions count, ready to be met.
receive() {
  local name=$1
  shift
  spawn "$name" obeying lswarm recv t --ready --name "$name" -o "$@"
  await_ready "$name"
}

# refused FILE REASON: recv -o FILE fails before it meets anybody.
refused() {
  run -1 --separate-stderr obeying lswarm recv t --ready --timeout 20s -o "$1"
  assert_equal "$stderr" "lswarm: $2"
  no_trace
}

# in_mounts SCRIPT...: runs a script of bash in a mount namespace of its own, in WORK.
in_mounts() {
  unshare -Urm bash -c 'cd "$0" && eval "$1"' "$WORK" "$@"
}

need_mounts() {
  unshare -Urm true 2>/dev/null || skip 'no user namespaces to mount in'
}

# --- In place

@test "-o writes a file in place whose directory is closed to us" {
  need_permissions
  mkdir "$WORK/closed"
  echo a longer old text >"$WORK/closed/file"
  chmod 666 "$WORK/closed/file"
  before=$(stat -c %i "$WORK/closed/file")
  chmod 555 "$WORK/closed"
  receive one "$WORK/closed/file"
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/closed/file")" hello
  assert_equal "$(stat -c %i "$WORK/closed/file")" "$before"
}

@test "-o in place empties the file for an empty stream" {
  need_permissions
  mkdir "$WORK/closed"
  echo old >"$WORK/closed/file"
  chmod 555 "$WORK/closed"
  receive one "$WORK/closed/file"
  run -0 --separate-stderr lswarm send t </dev/null
  expect one 0
  assert_equal "$(stat -c %s "$WORK/closed/file")" 0
}

@test "-o in place says that the file is a beginning when the stream breaks off" {
  need_permissions
  mkdir "$WORK/closed"
  echo a longer old text >"$WORK/closed/file"
  chmod 555 "$WORK/closed"
  receive one "$WORK/closed/file"
  run -1 --separate-stderr lswarm send t -- sh -c 'printf half; exit 3'
  expect one 4
  assert_equal "$(<"$WORK/closed/file")" half
  run -0 grep -A 1 -F 'in place' "$WORK/one.err"
  assert_line --index 0 "lswarm: $WORK/closed/file could only be written in place: it holds the first 4 bytes, and no more"
  assert_line --index 1 --partial 'broke off after 4 bytes'
}

@test "-o in place leaves the file as it is until a byte comes" {
  need_permissions
  mkdir "$WORK/closed"
  echo old >"$WORK/closed/file"
  chmod 555 "$WORK/closed"
  receive one "$WORK/closed/file"
  spawn two bash -c 'tail -f /dev/null | exec lswarm send t --name two --ready'
  await_ready two
  await_line "$WORK/two.err" '^lswarm: ready'
  kill -TERM "${PIDS[one]}"
  expect one 143
  assert_equal "$(<"$WORK/closed/file")" old
  run -1 grep -c 'in place' "$WORK/one.err"
}

@test "-o of a file that is mounted on its own is written in place" {
  need_mounts
  for name in file 'a name with spaces'; do
    spawn one in_mounts "
      mkdir -p here && echo inside >'here/$name' && echo outside >'outside $name'
      mount --bind 'outside $name' 'here/$name' && exec lswarm recv t --ready -o 'here/$name'"
    await_ready one
    run -0 --separate-stderr lswarm send t < <(echo hello)
    expect one 0
    assert_equal "$(<"$WORK/outside $name")" hello
    assert_equal "$(<"$WORK/here/$name")" inside
    assert_equal "$(ls -A "$WORK/here")" "$name"
    rm -r "$WORK/here"
  done
}

@test "-o of a mounted file on a disk that gets full says that the file is a beginning" {
  need_mounts
  mkdir "$WORK/small"
  spawn one in_mounts '
    mount -t tmpfs -o size=64k none small && echo old >small/file && touch file
    mount --bind small/file file
    lswarm recv t --ready -o file; echo "status $?"; stat -c %s file'
  await_ready one
  run -4 --separate-stderr lswarm send t < <(head -c 1000000 /dev/zero)
  assert_regex "$stderr" 'no space left on device'
  expect one 0
  assert_equal "$(<"$WORK/one.out")" $'status 1\n65536'
  await_line "$WORK/one.err" '^lswarm: .*file could only be written in place: it holds the first 65536 bytes, and no more$'
}

@test "-o of a file that may be written but not replaced, which only the end shows, is copied" {
  need_permissions
  ((UID == 0)) || skip 'needs a file of another user'
  # In a directory like /tmp a file can be made, but that of somebody else not be replaced.
  mkdir "$WORK/sticky"
  echo a longer old text >"$WORK/sticky/file"
  chmod 666 "$WORK/sticky/file"
  chmod 1777 "$WORK/sticky"
  chown 65534:65534 "$WORK/sticky" "$WORK/sticky/file"
  receive one "$WORK/sticky/file"
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/sticky/file")" hello
  assert_equal "$(stat -c %u "$WORK/sticky/file")" 65534
  assert_equal "$(ls -A "$WORK/sticky")" file
}

# --- Refused

@test "-o of a file that may not be written is refused, and stays" {
  need_permissions
  echo old >"$WORK/file"
  chmod 444 "$WORK/file"
  refused "$WORK/file" "cannot write $WORK/file: permission denied"
  mkdir "$WORK/closed"
  echo old >"$WORK/closed/file"
  chmod 444 "$WORK/closed/file"
  chmod 555 "$WORK/closed"
  refused "$WORK/closed/file" "cannot write $WORK/closed/file: permission denied"
  assert_equal "$(<"$WORK/file")$(<"$WORK/closed/file")" oldold
}

@test "-o in a directory that is closed to us, or that we may not search, is refused" {
  need_permissions
  mkdir "$WORK/closed" "$WORK/dark"
  chmod 555 "$WORK/closed"
  chmod 666 "$WORK/dark"
  refused "$WORK/closed/file" "cannot write $WORK/closed/file: permission denied"
  refused "$WORK/dark/file" "cannot write $WORK/dark/file: permission denied"
  ln -s closed/file "$WORK/link"
  refused "$WORK/link" "cannot write $WORK/link: permission denied"
}

@test "-o of a device or a fifo that may not be written, and of a socket, is refused" {
  need_permissions
  mkfifo -m 444 "$WORK/pipe"
  refused "$WORK/pipe" "cannot write $WORK/pipe: permission denied"
  python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$WORK/socket"
  refused "$WORK/socket" "cannot write $WORK/socket: no such device or address"
}

@test "-o on a full disk is refused" {
  need_mounts
  mkdir "$WORK/small"
  run -1 --separate-stderr in_mounts '
    mount -t tmpfs -o size=64k none small && echo old >small/file
    head -c 100000 /dev/zero >small/ballast 2>/dev/null
    lswarm recv t --ready --timeout 20s -o small/new
    lswarm recv t --ready --timeout 20s -o small/file'
  assert_equal "$stderr" $'lswarm: cannot write small/new: no space left on device\nlswarm: cannot write small/file: no space left on device'
  no_trace
}

@test "-o of a directory to be, and below a file is refused" {
  echo old >"$WORK/file"
  run -1 --separate-stderr lswarm recv t --ready --timeout 20s -o "$WORK/new/"
  assert_equal "$stderr" "lswarm: cannot write $WORK/new/: no such file or directory"
  for path in "$WORK/file/" "$WORK/file/new"; do
    run -1 --separate-stderr lswarm recv t --ready --timeout 20s -o "$path"
    assert_equal "$stderr" "lswarm: cannot write $path: not a directory"
  done
  no_trace
}

@test "what is refused, and what is only waited for, leaves no trace beside FILE" {
  mkdir "$WORK/here"
  spawn one lswarm recv t --ready -o "$WORK/here/file"
  await_ready one
  assert_equal "$(ls -A "$WORK/here")" ''
}

# --- Links

@test "-o through a dangling link makes what the link leads to, and the link stays" {
  mkdir "$WORK/elsewhere"
  ln -s elsewhere/file "$WORK/link"
  receiver one -o "$WORK/link"
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(readlink "$WORK/link")" elsewhere/file
  assert_equal "$(<"$WORK/elsewhere/file")" hello
  assert_equal "$(ls -A "$WORK/elsewhere")" file
}

@test "-o through a chain of links, relative and absolute, makes what is at its end" {
  mkdir -p "$WORK/a/b" "$WORK/c"
  ln -s a/b "$WORK/directory"
  # Its .. is that of a/b, not of the link to it.
  ln -s ../../c/third "$WORK/a/b/second"
  ln -s "$WORK/directory/second" "$WORK/first"
  ln -s file "$WORK/c/third"
  for text in new replaced; do
    receiver one -o "$WORK/first"
    run -0 --separate-stderr lswarm send t < <(echo "$text")
    expect one 0
    assert_equal "$(<"$WORK/c/file")" "$text"
    [[ -L $WORK/first && -L $WORK/a/b/second && -L $WORK/c/third ]]
  done
}

@test "-o through a link that leads in a circle, or to a directory that is not there, is refused" {
  ln -s one "$WORK/two"
  ln -s two "$WORK/one"
  run -1 --separate-stderr lswarm recv t --ready --timeout 20s -o "$WORK/one"
  assert_equal "$stderr" "lswarm: cannot write $WORK/one: too many symbolic links encountered"
  ln -s none/file "$WORK/link"
  run -1 --separate-stderr lswarm recv t --ready --timeout 20s -o "$WORK/link"
  assert_equal "$stderr" "lswarm: cannot write $WORK/link: no such file or directory"
  no_trace
}

@test "-o through a link to a directory is refused" {
  ln -s . "$WORK/link"
  run -1 --separate-stderr lswarm recv t --ready --timeout 20s -o "$WORK/link"
  assert_equal "$stderr" "lswarm: $WORK/link is a directory"
}
