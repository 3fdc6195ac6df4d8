#!/usr/bin/env bats
# What a Node without WebAssembly cannot draw, and what its permission model forbids, is said in one line.

load helpers/common
load helpers/streams
load helpers/screen
load helpers/plain_node

setup() {
  lswarm_setup
  export XDG_CONFIG_HOME=$WORK/config
}

teardown() {
  screen_teardown
  lswarm_teardown
}

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
