#!/usr/bin/env bats
# The runtime directory: read-only, or with too few inodes or file descriptors.

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
  assert_regex "$stderr" "^lswarm: cannot listen in $LSWARM_DIR/[0-9a-f]{16}: read-only file system "
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
  assert_regex "$stderr" "^lswarm: cannot make $LSWARM_DIR/[0-9a-f]{16}: read-only file system "
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
  assert_regex "$stderr" "^lswarm: cannot listen in $LSWARM_DIR/[0-9a-f]{16}: no space left on device "
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
