#!/usr/bin/env bats
# The runtime directory: where it is, what is refused, and what survives whatever happens to it.

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
  assert_equal "$stderr" "lswarm: cannot make $LSWARM_DIR: no such file or directory (choose another with --dir or \$LSWARM_DIR)"
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
