#!/usr/bin/env bats
# The runtime directory: what survives when it is removed, replaced or opened to others.

load helpers/common
load helpers/rooms
load helpers/directories

setup() {
  lswarm_setup
  export TMPDIR=$WORK/tmp
  mkdir "$TMPDIR"
}

teardown() {
  lswarm_teardown
}

@test "rm -rf of the directory: links stay, and a newcomer finds those who were there" {
  talk alice
  listen bob
  say alice before
  await_line "$WORK/bob.out" '^before$'
  rm -rf "$LSWARM_DIR"
  say alice after
  await_line "$WORK/bob.out" '^after$'
  spawn_stdin <(echo hello) carol lswarm join room -n 2 --timeout 30s
  await_line "$WORK/alice.out" '^hello$'
  await_line "$WORK/bob.out" '^hello$'
  say alice 'and now'
  await_line "$WORK/bob.out" '^and now$'
  assert_equal "$(grep -c 'and now' "$WORK/bob.out")" 1
}

@test "after rm -rf the directory is private again" {
  listen alice
  rm -rf "$LSWARM_DIR"
  run -0 lswarm wait room --timeout 30s
  assert_equal "$(mode "$LSWARM_DIR")" 700
  assert_equal "$(mode "$(topic_directory)")" 700
}

@test "after rm -rf those who leave leave no trace" {
  listen alice
  rm -rf "$LSWARM_DIR"
  run -0 lswarm wait room --timeout 30s
  kill -TERM "${PIDS[alice]}"
  await_exit alice
  run -0 ls -A "$LSWARM_DIR"
  assert_output ''
}

@test "a peer whose socket was removed is found again, under another name" {
  listen alice
  local socket
  socket=$(topic_directory)/$(sockets)
  rm "$socket"
  run -0 --separate-stderr lswarm join room --timeout 30s <<<hello
  await_line "$WORK/alice.out" '^hello$'
  [[ ! -e $socket ]]
}

@test "a peer whose socket was replaced by a file is found again, and the file stays" {
  listen alice
  local socket
  socket=$(topic_directory)/$(sockets)
  rm "$socket"
  echo precious >"$socket"
  run -0 --separate-stderr lswarm join room --timeout 30s <<<hello
  await_line "$WORK/alice.out" '^hello$'
  kill -TERM "${PIDS[alice]}"
  await_exit alice
  assert_equal "$(<"$socket")" precious
  assert_equal "$(sockets)" "${socket##*/}"
}

@test "a peer whose socket was replaced by another's leaves that one alone" {
  listen alice
  listen bob
  local directory first second
  directory=$(topic_directory)
  read -r -d '' first second < <(sockets) || true
  # Whose is whose does not matter: one is put in the other's place.
  mv "$directory/$first" "$directory/$second"
  run -0 --separate-stderr lswarm join room -n 2 --timeout 30s <<<hello
  await_line "$WORK/alice.out" '^hello$'
  await_line "$WORK/bob.out" '^hello$'
  kill -TERM "${PIDS[alice]}"
  await_exit alice
  run -0 --separate-stderr lswarm join room --timeout 30s <<<'still there'
  await_line "$WORK/bob.out" '^still there$'
}

@test "a directory that becomes open to others: nobody new is let in, the links stay" {
  talk alice
  listen bob
  say alice before
  await_line "$WORK/bob.out" '^before$'
  chmod 755 "$LSWARM_DIR"
  run -1 --separate-stderr lswarm join room --timeout 20s <<<hello
  say alice after
  await_line "$WORK/bob.out" '^after$'
}
