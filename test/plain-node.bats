#!/usr/bin/env bats
# WebAssembly is a help, never a need: verbs work on a Node that has none, that has no address space
# for it, or whose permission model denies WASI.

load helpers/common
load helpers/streams
load helpers/plain_node

WAYS=(jitless ulimit permission)

setup() {
  lswarm_setup
  export XDG_CONFIG_HOME=$WORK/config
}

teardown() {
  lswarm_teardown
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
