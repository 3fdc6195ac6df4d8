#!/usr/bin/env bats
# WebAssembly is a help, never a need: verbs work on a Node that has none, that has no address space
# for it, or whose permission model denies WASI. What such a Node forbids is said in one line.

load helpers/common
load helpers/streams
load helpers/screen

WAYS=(jitless ulimit permission)

setup() {
  lswarm_setup
  export XDG_CONFIG_HOME=$WORK/config
}

teardown() {
  screen_teardown
  lswarm_teardown
}

# on WAY [OPTION...]: from now on `lswarm` runs on such a Node, with these options of Node's too.
on() {
  local limit='' options=()
  case $1 in
    jitless) options=(--jitless) ;;
    ulimit) limit='ulimit -v 6000000 &&' ;;
    permission) options=("$(permission_option)" '--allow-fs-read=*' '--allow-fs-write=*' --allow-child-process) ;;
  esac
  if [[ $1 == permission ]] && has_option --allow-net; then options+=(--allow-net); fi
  node_with "$limit" "${options[@]}" "${@:2}"
}

# node_with LIMIT OPTION...: writes the `lswarm` of this test.
node_with() {
  rm "$WORK/bin/lswarm"
  printf '#!/bin/sh\n%s exec node %s "%s" "$@"\n' "$1" "${*:2}" "$ROOT/bin/lswarm.cjs" >"$WORK/bin/lswarm"
  # A star is for Node, not for the shell.
  sed -i 's/--allow-fs-[a-z]*=\*/"&"/g' "$WORK/bin/lswarm"
  chmod +x "$WORK/bin/lswarm"
}

permission_option() {
  if has_option --permission; then echo --permission; else echo --experimental-permission; fi
}

# has_option OPTION: whether this Node knows it.
has_option() {
  node -e 'process.exit(process.allowedNodeEnvironmentFlags.has(process.argv[1]) ? 0 : 1)' -- "$1"
}

# silent NAME...: they said nothing but that they are ready. Node itself warns of --jitless.
silent() {
  local name
  for name in "$@"; do
    run grep -vE "^Warning: disabling flag|$READY_LINE" "$WORK/$name.err"
    assert_output ''
  done
}

joins() {
  on "$1"
  seq 20000 >"$WORK/lines"
  spawn bob lswarm join room -d --name bob --keep --ready
  spawn carol lswarm join room -d --name carol --keep --ready
  await_ready bob
  await_ready carol
  spawn_stdin "$WORK/lines" alice lswarm join room --count 2 --name alice
  expect alice 0
  await_line "$WORK/carol.out" '^20000$'
  await_line "$WORK/bob.out" '^20000$'
  cmp "$WORK/lines" "$WORK/carol.out"
  cmp "$WORK/lines" "$WORK/bob.out"
  silent bob carol
}

sends_to_one() {
  on "$1"
  random 3000000 "$WORK/file"
  receiver one -o "$WORK/copy"
  run -0 --separate-stderr lswarm send t "$WORK/file"
  expect one 0
  cmp "$WORK/file" "$WORK/copy"
  silent one
}

sends_to_many() {
  on "$1"
  random 6000000 "$WORK/file"
  receiver one
  receiver two
  receiver three
  run -0 bash -c 'cat "$1" | lswarm send t -n 3' _ "$WORK/file"
  same one "$WORK/file"
  same two "$WORK/file"
  same three "$WORK/file"
  silent one two three
}

calls() {
  on "$1"
  seq 100000 >"$WORK/numbers"
  spawn handler lswarm exec t --ready -- tr 0-9 a-j
  await_ready handler
  spawn_stdin "$WORK/numbers" caller lswarm connect t
  expect caller 0
  tr 0-9 a-j <"$WORK/numbers" | cmp - "$WORK/caller.out"
  silent handler caller
}

publishes() {
  on "$1"
  run -0 lswarm id new author
  spawn reader lswarm sub news -n 2 --prefix '%n: ' --ready
  await_ready reader
  run -0 bash -c "printf 'one\ntwo\n' | lswarm pub news --id author"
  expect reader 0
  assert_equal "$(<"$WORK/reader.out")" $'author: one\nauthor: two'
  silent reader
}

looks() {
  on "$1"
  spawn carol lswarm join room -d --name carol --keep --ready
  await_ready carol
  run -0 --separate-stderr lswarm peers room
  assert_line --partial carol
  run -0 --separate-stderr lswarm top room --once
  assert_line --partial carol
  run -0 --separate-stderr lswarm topics
  assert_line --partial carol
  silent carol
}

idles() {
  on "$1"
  # A pipe that is watched for a hang-up, for longer than the first look takes to come.
  mkfifo "$WORK/pipe"
  spawn reader cat "$WORK/pipe"
  spawn idle bash -c 'exec lswarm join room -d --ready >"$1"' _ "$WORK/pipe"
  await_ready idle
  let_pass
  kill -0 "${PIDS[idle]}"
  silent idle
}

keeps_the_position() {
  on "$1"
  random 3000000 "$WORK/file"
  receiver one
  run -0 --separate-stderr bash -c 'lswarm send t <"$1" 2>/dev/null && cat' _ "$WORK/file"
  same one "$WORK/file"
  receiver two
  run -0 --separate-stderr bash -c '{ lswarm send t 2>/dev/null; wc -c; } <"$1"' _ "$WORK/file"
  assert_output 0
  same two "$WORK/file"
}

for way in "${WAYS[@]}"; do
  bats_test_function --description "$way: join says and prints lines" -- joins "$way"
  bats_test_function --description "$way: send and recv pass a file to one" -- sends_to_one "$way"
  bats_test_function --description "$way: send and recv pass a pipe to three" -- sends_to_many "$way"
  bats_test_function --description "$way: exec answers what connect asks" -- calls "$way"
  bats_test_function --description "$way: sub prints what pub signs" -- publishes "$way"
  bats_test_function --description "$way: peers, topics and top see who is there" -- looks "$way"
  bats_test_function --description "$way: a verb that waits for its reader goes on waiting" -- idles "$way"
  bats_test_function --description "$way: send leaves its stdin at the end" -- keeps_the_position "$way"
done

# --- What is drawn

# need_no_wasm WAY: skips where this Node needs no more address space than ulimit allows.
need_no_wasm() {
  [[ $1 == jitless ]] || ! (ulimit -v 6000000 && node -e 'new WebAssembly.Memory({ initial: 1 })' 2>/dev/null) ||
    skip 'this Node has WebAssembly there too'
}

# no_view WAY: `top` on a terminal is one table.
no_view() {
  screen_setup
  need_no_wasm "$1"
  on "$1"
  spawn carol lswarm join room -d --name carol --keep --ready
  await_ready carol
  screen 200 20 'lswarm top room'
  await_screen 'this Node cannot use WebAssembly, so it cannot draw the live view: showing one table, as with --once'
  await_screen '^carol '
  await_screen '^status 0$'
}

# no_chat WAY: `join` on a terminal is lines.
no_chat() {
  screen_setup
  need_no_wasm "$1"
  on "$1"
  spawn carol lswarm join room -d --name carol --keep --ready
  await_ready carol
  screen 200 20 'lswarm join room'
  await_screen 'this Node cannot use WebAssembly, so it cannot draw the chat: showing lines, as with --plain'
  keys 'hello' Enter C-d
  await_screen '^status 0$'
}

for way in jitless ulimit; do
  bats_test_function --description "$way: top on a terminal prints one table, and says why" -- no_view "$way"
  bats_test_function --description "$way: join on a terminal is lines, and says why" -- no_chat "$way"
done

# --- What the permission model forbids

@test "a native module that may not be loaded is one line that says how to allow it" {
  (umask 077 && lswarm key new >"$WORK/key")
  on permission
  run -1 --separate-stderr lswarm recv t --listen "unix:$WORK/socket" --key-file "$WORK/key"
  assert_equal "$stderr" \
    "lswarm: cannot load sodium-native, a native module that the network needs: Node's permission model forbids it; allow it with: node --allow-addons"
}

@test "a command that may not be started is one line that says how to allow it" {
  node_with '' "$(permission_option)" '--allow-fs-read=*' '--allow-fs-write=*' "$(has_option --allow-net && echo --allow-net)"
  receiver one
  run -1 --separate-stderr lswarm send t -- echo hello
  assert_regex "$stderr" "echo: cannot be started \(Node's permission model forbids it; allow it with: node --allow-child-process\)"
  expect one 4
}

@test "a runtime directory that may not be made is one line that says how to allow it" {
  node_with '' "$(permission_option)" '--allow-fs-read=*' "$(has_option --allow-net && echo --allow-net)"
  run -1 --separate-stderr lswarm join t
  assert_equal "$stderr" \
    "lswarm: cannot make $LSWARM_DIR: Node's permission model forbids it; allow it with: node --allow-fs-write"
}

@test "a Node that denies sockets says so, rather than that nobody is there" {
  has_option --allow-net || skip 'this Node never denies sockets'
  spawn carol lswarm join room -d --keep --ready
  await_ready carol
  node_with '' --permission '--allow-fs-read=*' '--allow-fs-write=*'
  local verb
  for verb in 'peers room' 'top room --once' topics 'wait room' 'recv room'; do
    # shellcheck disable=SC2086
    run -1 --separate-stderr lswarm $verb
    assert_equal "$stderr" "lswarm: cannot use sockets: Node's permission model forbids it; allow it with: node --allow-net"
  done
}
