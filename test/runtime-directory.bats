#!/usr/bin/env bats
# The runtime directory: where it is, what is refused, and what survives whatever happens to it.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
  export TMPDIR=$WORK/tmp
  mkdir "$TMPDIR"
}

teardown() {
  lswarm_teardown
}

# mode PATH: its permissions, in octal.
mode() {
  node -p '(require("fs").lstatSync(process.argv[1]).mode & 0o7777).toString(8)' "$1"
}

# topic_directory: the only one in the runtime directory.
topic_directory() {
  local found=("$LSWARM_DIR"/*)
  assert_equal "${#found[@]}" 1
  echo "${found[0]}"
}

# sockets: the names in the topic's directory.
sockets() {
  ls -A "$(topic_directory)"
}

# refused_with REASON: join, send, recv and the verbs that look are refused with status 1, and nothing is made.
refused_with() {
  local arguments
  find "$WORK" | sort >"$BATS_TEST_TMPDIR/before"
  for arguments in 'join room' 'send room' 'recv room' 'peers room' 'wait room' topics; do
    # shellcheck disable=SC2086
    run -1 --separate-stderr lswarm $arguments --timeout 20s </dev/null
    assert_output ''
    assert_equal "${#stderr_lines[@]}" 1
    assert_equal "${stderr_lines[0]}" "lswarm: $1 (choose another with --dir or \$LSWARM_DIR)"
  done
  find "$WORK" | sort | diff "$BATS_TEST_TMPDIR/before" -
}

# is_at DIRECTORY: what alice, who listens, has made her own is there, and nowhere else.
is_at() {
  assert_regex "$(ls "$1")" '^[0-9a-f]{16}$'
  assert_equal "$(find "$WORK" -type s | wc -l)" 1
  assert_equal "$(mode "$1")" 700
}

# --- Where it is

@test "the directory is LSWARM_DIR" {
  export LSWARM_DIR=$WORK/chosen XDG_RUNTIME_DIR=$WORK
  listen alice
  is_at "$WORK/chosen"
}

@test "--dir comes before LSWARM_DIR" {
  listen alice --dir "$WORK/chosen"
  is_at "$WORK/chosen"
  run -0 lswarm wait room --no-wait --dir "$WORK/chosen"
}

@test "--dir may be relative" {
  mkdir "$WORK/here"
  cd "$WORK/here"
  listen alice --dir chosen
  is_at "$WORK/here/chosen"
}

@test "a directory with spaces, newlines and a dash works" {
  export LSWARM_DIR=$WORK/$'- a\nb %n é'
  listen alice
  run -0 --separate-stderr lswarm join room <<<hello
  await_line "$WORK/alice.out" '^hello$'
}

@test "without LSWARM_DIR it is lswarm in XDG_RUNTIME_DIR" {
  unset LSWARM_DIR
  mkdir -m 700 "$WORK/xdg"
  export XDG_RUNTIME_DIR=$WORK/xdg
  listen alice
  is_at "$WORK/xdg/lswarm"
}

@test "an empty LSWARM_DIR is none" {
  mkdir -m 700 "$WORK/xdg"
  export LSWARM_DIR='' XDG_RUNTIME_DIR=$WORK/xdg
  listen alice
  is_at "$WORK/xdg/lswarm"
}

@test "without XDG_RUNTIME_DIR it is lswarm-UID in the temporary directory" {
  unset LSWARM_DIR XDG_RUNTIME_DIR
  listen alice
  is_at "$TMPDIR/lswarm-$UID"
}

@test "a relative XDG_RUNTIME_DIR is not used" {
  unset LSWARM_DIR
  mkdir -m 700 "$WORK/xdg"
  cd "$WORK"
  export XDG_RUNTIME_DIR=xdg
  listen alice
  is_at "$TMPDIR/lswarm-$UID"
}

@test "an XDG_RUNTIME_DIR that does not exist is not used, and not made" {
  unset LSWARM_DIR
  export XDG_RUNTIME_DIR=$WORK/xdg
  listen alice
  is_at "$TMPDIR/lswarm-$UID"
  [[ ! -e $WORK/xdg ]]
}

@test "an XDG_RUNTIME_DIR that is a file is not used" {
  unset LSWARM_DIR
  touch "$WORK/xdg"
  export XDG_RUNTIME_DIR=$WORK/xdg
  listen alice
  is_at "$TMPDIR/lswarm-$UID"
}

@test "an XDG_RUNTIME_DIR of another user is not used" {
  ((EUID == 0)) || skip 'only root can give a directory away'
  unset LSWARM_DIR
  mkdir -m 700 "$WORK/xdg"
  chown 12345 "$WORK/xdg"
  export XDG_RUNTIME_DIR=$WORK/xdg
  listen alice
  is_at "$TMPDIR/lswarm-$UID"
}

@test "the directory is made 0700, its parents are not made" {
  rmdir "$LSWARM_DIR"
  listen alice
  assert_equal "$(mode "$LSWARM_DIR")" 700
  export LSWARM_DIR=$WORK/no/such/place
  run -1 --separate-stderr lswarm join room
  assert_equal "$stderr" "lswarm: cannot make $LSWARM_DIR: ENOENT (choose another with --dir or \$LSWARM_DIR)"
  [[ ! -e $WORK/no ]]
}

# --- What is refused

@test "a directory that the group can enter is refused" {
  chmod 710 "$LSWARM_DIR"
  refused_with "$LSWARM_DIR has mode 0710; it must be 0700"
}

@test "a directory that others can read is refused" {
  chmod 755 "$LSWARM_DIR"
  refused_with "$LSWARM_DIR has mode 0755; it must be 0700"
}

@test "a directory that everyone can write is refused, sticky or not" {
  chmod 1777 "$LSWARM_DIR"
  refused_with "$LSWARM_DIR has mode 0777; it must be 0700"
}

@test "a symbolic link is refused, also to a directory that would do" {
  mv "$LSWARM_DIR" "$WORK/real"
  ln -s "$WORK/real" "$LSWARM_DIR"
  refused_with "$LSWARM_DIR is a symbolic link, not a directory"
}

@test "a dangling symbolic link is refused" {
  rmdir "$LSWARM_DIR"
  ln -s "$WORK/nowhere" "$LSWARM_DIR"
  refused_with "$LSWARM_DIR is a symbolic link, not a directory"
}

@test "a file is refused" {
  rmdir "$LSWARM_DIR"
  touch "$LSWARM_DIR"
  refused_with "$LSWARM_DIR is not a directory"
}

@test "a directory of another user is refused" {
  ((EUID == 0)) || skip 'only root can give a directory away'
  chown 12345 "$LSWARM_DIR"
  refused_with "$LSWARM_DIR belongs to user 12345, not to you (0)"
}

@test "the directory in the temporary one is refused when somebody else could have made it" {
  unset LSWARM_DIR XDG_RUNTIME_DIR
  mkdir -m 777 "$TMPDIR/lswarm-$UID"
  chmod 777 "$TMPDIR/lswarm-$UID"
  refused_with "$TMPDIR/lswarm-$UID has mode 0777; it must be 0700"
}

@test "a file where the topic's directory should be is refused, and stays" {
  listen alice
  local directory
  directory=$(topic_directory)
  kill -TERM "${PIDS[alice]}"
  await_exit alice
  echo precious >"$directory"
  run -1 --separate-stderr lswarm join room --timeout 20s
  assert_regex "$stderr" "^lswarm: cannot (make|listen in) $directory: "
  assert_equal "$(<"$directory")" precious
}

# --- Modes and lengths

# has_private_modes UMASK: under it the directories are 0700 and the socket is 0600.
has_private_modes() {
  rmdir "$LSWARM_DIR"
  spawn alice bash -c 'umask "$1"; exec lswarm join room -d --keep --ready' _ "$1"
  # Our umask is not that of alice: her files can be read.
  await_ready alice
  assert_equal "$(mode "$LSWARM_DIR")" 700
  assert_equal "$(mode "$(topic_directory)")" 700
  assert_equal "$(mode "$(topic_directory)/$(sockets)")" 600
  run -0 lswarm wait room --no-wait
}

@test "umask 0: the directories are 0700, the socket is 0600" {
  has_private_modes 0
}

@test "umask 0277: the directories are 0700, the socket is 0600" {
  has_private_modes 0277
}

@test "umask 0777: the directories are 0700, the socket is 0600" {
  has_private_modes 0777
}

# of_length BYTES: a path of so many bytes in WORK, which is made but for its last part.
of_length() {
  local path=$WORK
  while ((${#path} + 102 < $1)); do path+=/$(printf 'd%.0s' {1..100}); done
  mkdir -p "$path"
  local rest=$(($1 - ${#path} - 1))
  ((rest > 0))
  printf '%s/%s' "$path" "$(printf 'x%.0s' $(seq "$rest"))"
}

# works_at BYTES: in a directory of so many bytes two joins meet and a stream arrives, and every name is whole.
works_at() {
  LSWARM_DIR=$(of_length "$1")
  assert_equal "${#LSWARM_DIR}" "$1"
  listen alice
  run -0 --separate-stderr lswarm join room <<<hello
  await_line "$WORK/alice.out" '^hello$'
  run -0 --separate-stderr lswarm send room <<<stream
  await_line "$WORK/alice.out" '^stream$'
  assert_regex "$(sockets)" '^p-[a-z2-7]{26}$'
  kill -TERM "${PIDS[alice]}"
  await_exit alice
  assert_equal "$(find "$WORK" -type s)" ''
  assert_equal "$(ls -A "$LSWARM_DIR")" ''
}

@test "a directory whose sockets have paths of 106 to 110 bytes works" {
  # A socket's name and that of its topic add 46 bytes, and one more while it is hidden.
  local bytes
  ((${#WORK} < 57)) || skip "the temporary directory has a long name: $WORK"
  for bytes in 60 61 62 63 64; do works_at "$bytes"; done
}

@test "a directory of 200 bytes works, and nothing is left under a name that was cut" {
  works_at 200
}

@test "a directory of 1000 bytes works" {
  works_at 1000
}

# --- What happens to it while it is used

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

# --- Limits of the system

# in_namespace MOUNT: in a mount namespace of its own, as if we were root, runs MOUNT; then `inside COMMAND...` runs there.
in_namespace() {
  spawn namespace unshare --user --map-root-user --mount bash -c "$1 && echo mounted && exec tail -f /dev/null"
  _poll 20 _is_mounted || true
  grep -q mounted "$WORK/namespace.out" || skip "no namespaces here: $(head -n 1 "$WORK/namespace.err")"
}

_is_mounted() {
  grep -q mounted "$WORK/namespace.out" || _has_ended "${PIDS[namespace]}"
}

inside() {
  nsenter --preserve-credentials --user --mount --target "${PIDS[namespace]}" "$@"
}

@test "a read-only directory: joining is refused with EROFS, looking works, and those who are there are not harmed" {
  talk alice
  listen bob
  in_namespace 'mount --bind "$LSWARM_DIR" "$LSWARM_DIR" && mount -o remount,bind,ro "$LSWARM_DIR"'
  run -1 --separate-stderr inside lswarm join room --timeout 20s
  assert_regex "$stderr" "^lswarm: cannot listen in $LSWARM_DIR/[0-9a-f]{16}: EROFS "
  assert_equal "${#stderr_lines[@]}" 1
  run -0 inside lswarm wait room -n 2 --timeout 20s
  run -0 --separate-stderr inside lswarm peers room
  assert_equal "${#lines[@]}" 3
  run -0 --separate-stderr inside lswarm topics
  assert_regex "${lines[1]}" '^room  +2  +alice, bob$'
  say alice hello
  await_line "$WORK/bob.out" '^hello$'
}

@test "a read-only directory without the topic: joining is refused with EROFS" {
  in_namespace 'mount --bind "$LSWARM_DIR" "$LSWARM_DIR" && mount -o remount,bind,ro "$LSWARM_DIR"'
  run -1 --separate-stderr inside lswarm join room --timeout 20s
  assert_regex "$stderr" "^lswarm: cannot make $LSWARM_DIR/[0-9a-f]{16}: EROFS "
}

@test "a file system without free inodes: joining is refused with ENOSPC, those who are there are not harmed" {
  # One for the root, one for the topic, two for sockets.
  in_namespace 'mount -t tmpfs -o nr_inodes=4,mode=0700 tmpfs "$LSWARM_DIR"'
  local name
  for name in alice bob; do
    mkfifo "$WORK/$name.in"
    spawn "$name's mouth" bash -c 'exec tail -f /dev/null >"$1"' _ "$WORK/$name.in"
    spawn_stdin "$WORK/$name.in" "$name" inside lswarm join room --ready --name "$name"
    await_ready "$name"
  done
  run -1 --separate-stderr inside lswarm join room --timeout 20s
  assert_regex "$stderr" "^lswarm: cannot listen in $LSWARM_DIR/[0-9a-f]{16}: ENOSPC "
  run -0 inside lswarm wait room -n 2 --timeout 20s
  say alice hello
  await_line "$WORK/bob.out" '^hello$'
  # Room again: who left has left nothing.
  hush bob
  hush alice
  await_exit alice
  await_exit bob
  run -0 inside ls -A "$LSWARM_DIR"
  assert_output ''
}

# crowd COUNT: one process with so many peers that take lines.
crowd() {
  spawn crowd node --input-type=module -e '
    const [library, count] = process.argv.slice(1)
    const { Swarm } = await import(library)
    const options = { verb: "join", reads: ["lines"], writes: ["lines"], shortcircuit: false }
    const swarms = Array.from({ length: Number(count) }, (_, i) => new Swarm({ ...options, name: `crowd-${i}` }))
    for (const swarm of swarms) {
      swarm.on("connection", (stream) => stream.resume())
      swarm.join("room")
    }
    await Promise.all(swarms.map((swarm) => swarm.listen()))
    console.log("ready")' "$ROOT/dist/index.js" "$1"
  await_line "$WORK/crowd.out" ready 60
}

@test "with ulimit -n 40 a join in a crowd says so once, does not break, and hears newcomers when there is room again" {
  crowd 50
  spawn alice bash -c 'ulimit -n 40; exec lswarm join room -d --keep --json --ready --name alice'
  await_ready alice
  await_line "$WORK/alice.err" 'too few file descriptors'
  await_line "$WORK/alice.out" '"event":"join"'
  kill -TERM "${PIDS[crowd]}"
  await_exit crowd
  spawn_stdin <(echo hello) bob lswarm join room --name bob
  await_line "$WORK/alice.out" '"name":"bob","line":"hello"' 30
  assert_equal "$(grep -c 'too few file descriptors' "$WORK/alice.err")" 1
}

@test "a crowd that comes to a join with ulimit -n 40 does not break it" {
  spawn alice bash -c 'ulimit -n 40; exec lswarm join room -d --keep --json --ready --name alice'
  await_ready alice
  crowd 50
  await_line "$WORK/alice.err" 'too few file descriptors'
  kill -TERM "${PIDS[crowd]}"
  await_exit crowd
  spawn_stdin <(echo hello) bob lswarm join room --name bob
  await_line "$WORK/alice.out" '"name":"bob","line":"hello"' 30
  assert_equal "$(grep -c 'too few file descriptors' "$WORK/alice.err")" 1
}
