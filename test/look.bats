#!/usr/bin/env bats
# The verbs that only look: wait, peers, topics and limits. Who meets whom, and who does not.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# names FILE: the names in the output of `peers --json`.
names() {
  objects "$1" 'o.name'
}

# kill_hard NAME: kill -9, and its end.
kill_hard() {
  kill -KILL "${PIDS[$1]}"
  await_exit "$1"
}

# --- wait

@test "wait opens when so many are there, and not before" {
  spawn waiting lswarm wait room -n 3 --ready --timeout 60s
  await_ready waiting
  listen alice
  listen bob
  run -124 lswarm wait room -n 3 --timeout 1s
  run -0 kill -0 "${PIDS[waiting]}"
  listen carol
  await_exit waiting
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/waiting.out")" ''
}

@test "wait without -n waits for one" {
  spawn waiting lswarm wait room --ready --timeout 60s
  await_ready waiting
  listen alice
  await_exit waiting
  assert_equal "$status" 0
}

@test "wait opens at once when they are there already" {
  listen alice
  listen bob
  run -0 --separate-stderr lswarm wait room -n 2 --timeout 20s
  assert_output ''
  assert_equal "$stderr" ''
}

@test "wait -n N counts who is there now, not who has been there" {
  spawn waiting lswarm wait room -n 2 --ready --timeout 60s
  await_ready waiting
  listen alice
  kill -TERM "${PIDS[alice]}"
  await_exit alice
  listen bob
  run -124 lswarm wait room -n 2 --timeout 1s
  run -0 kill -0 "${PIDS[waiting]}"
  listen carol
  await_exit waiting
  assert_equal "$status" 0
}

@test "many waits open together" {
  local i
  for i in 1 2 3 4 5; do spawn "w$i" lswarm wait room -n 2 --timeout 60s; done
  listen alice
  listen bob
  for i in 1 2 3 4 5; do
    await_exit "w$i"
    assert_equal "$status" 0
  done
}

@test "a wait counts no other wait, and no one who only looks" {
  spawn one lswarm wait room -n 2 --ready --timeout 60s
  spawn two lswarm wait room -n 2 --ready --timeout 60s
  await_ready one
  await_ready two
  run -124 --separate-stderr lswarm wait room --timeout 1s
  assert_equal "$stderr" 'lswarm: gave up after 1 s (--timeout)'
}

@test "a wait is nobody's peer" {
  listen alice --json
  spawn waiting lswarm wait room -n 9 --name waiting --ready --timeout 60s
  await_ready waiting
  listen bob
  await_line "$WORK/alice.out" '"name":"bob"'
  run -0 names "$WORK/alice.out"
  assert_output bob
  run -0 --separate-stderr lswarm peers room --json
  assert_equal "${#lines[@]}" 2
}

@test "wait counts every verb that takes part" {
  spawn one lswarm recv room --ready
  await_ready one
  spawn_stdin <(echo hello) two lswarm send room -n 9 --ready
  await_ready two
  listen three
  run -0 lswarm wait room -n 3 --timeout 20s
}

@test "wait --timeout is status 124" {
  run -124 --separate-stderr lswarm wait room --timeout 300ms
  assert_output ''
  assert_equal "$stderr" 'lswarm: gave up after 0.3 s (--timeout)'
}

@test "wait --no-wait is status 3 when too few are there" {
  listen alice
  run -3 --separate-stderr lswarm wait room -n 2 --no-wait
  run -0 --separate-stderr lswarm wait room -n 1 --no-wait
}

@test "SIGINT ends a wait with 130" {
  spawn waiting lswarm wait room --ready
  await_ready waiting
  kill -INT "${PIDS[waiting]}"
  await_exit waiting
  assert_equal "$status" 130
}

@test "wait --gone NAME opens when that peer leaves" {
  listen alice
  listen bob
  spawn waiting lswarm wait room --gone alice --ready --timeout 60s
  await_ready waiting
  run -0 kill -0 "${PIDS[waiting]}"
  kill -TERM "${PIDS[alice]}"
  await_exit waiting
  assert_equal "$status" 0
}

@test "wait --gone NAME opens when that peer is killed" {
  listen alice
  spawn waiting lswarm wait room --gone alice --ready --timeout 60s
  await_ready waiting
  kill_hard alice
  await_exit waiting
  assert_equal "$status" 0
}

@test "wait --gone takes the beginning of an id" {
  listen alice
  spawn waiting lswarm wait room --gone "$(id_of alice)" --ready --timeout 60s
  await_ready waiting
  run -124 lswarm wait room --gone "$(id_of alice)" --timeout 1s
  kill -TERM "${PIDS[alice]}"
  await_exit waiting
  assert_equal "$status" 0
}

@test "wait --gone NAME stays shut while another of that name is there" {
  listen alice
  spawn other lswarm join room -d --keep --name alice --ready
  await_ready other
  kill -TERM "${PIDS[alice]}"
  await_exit alice
  run -124 lswarm wait room --gone alice --timeout 1s
}

@test "wait --gone NAME is open when nobody of that name is there" {
  listen alice
  run -0 lswarm wait room --gone bob --timeout 20s
  run -0 lswarm wait elsewhere --gone alice --timeout 20s
}

@test "wait --gone --no-wait is status 3 while the peer is there" {
  listen alice
  run -3 --separate-stderr lswarm wait room --gone alice --no-wait
}

# --- peers

@test "peers shows a table, by name" {
  listen bob
  spawn alice lswarm recv room --name alice --ready
  await_ready alice
  run -0 --separate-stderr lswarm peers room
  assert_equal "$stderr" ''
  assert_equal "${#lines[@]}" 3
  assert_regex "${lines[0]}" '^NAME  +ID  +VERB  +PID  +TRANSPORT$'
  assert_regex "${lines[1]}" "^alice  +$(id_of alice)  +recv  +${PIDS[alice]}  +local\$"
  assert_regex "${lines[2]}" "^bob  +$(id_of bob)  +join  +${PIDS[bob]}  +local\$"
}

@test "peers --json gives an object for each peer" {
  listen bob
  listen alice
  lswarm peers room --json >"$WORK/peers"
  run -0 objects "$WORK/peers" '[o.name, o.id.slice(0, 8), o.id.length, o.verb, o.pid, o.transport].join(" ")'
  assert_output "\
alice $(id_of alice) 32 join ${PIDS[alice]} local
bob $(id_of bob) 32 join ${PIDS[bob]} local"
}

@test "peers of a topic with nobody says so on stderr, and prints nothing" {
  run -0 --separate-stderr lswarm peers room
  assert_output ''
  assert_equal "$stderr" 'lswarm: nobody is on room'
}

@test "peers --json of a topic with nobody prints nothing" {
  run -0 --separate-stderr lswarm peers room --json
  assert_output ''
}

@test "peers shows only this topic" {
  listen alice
  spawn bob lswarm join elsewhere -d --keep --name bob --ready
  await_ready bob
  lswarm peers room --json >"$WORK/peers"
  run -0 names "$WORK/peers"
  assert_output alice
}

@test "peers does not show who was killed" {
  listen alice
  listen bob
  kill_hard alice
  lswarm peers room --json >"$WORK/peers"
  run -0 names "$WORK/peers"
  assert_output bob
}

@test "peers leaves no trace, not even of the dead" {
  listen alice
  kill_hard alice
  find "$LSWARM_DIR" | sort >"$WORK/before"
  run -0 lswarm peers room
  run -0 lswarm topics
  run -124 lswarm wait room --timeout 3s
  find "$LSWARM_DIR" | sort | diff "$WORK/before" -
}

@test "peers, topics and wait work without a runtime directory, and do not make one" {
  rmdir "$LSWARM_DIR"
  run -0 lswarm peers room
  run -0 lswarm topics
  run -124 lswarm wait room --timeout 300ms
  run -0 lswarm wait room --gone alice --timeout 20s
  [[ ! -e $LSWARM_DIR ]]
}

@test "wait sees who comes after the runtime directory was made" {
  rmdir "$LSWARM_DIR"
  spawn waiting lswarm wait room --ready --timeout 60s
  await_ready waiting
  listen alice
  await_exit waiting
  assert_equal "$status" 0
}

@test "the last one to leave leaves an empty runtime directory" {
  listen alice
  listen bob
  kill -TERM "${PIDS[alice]}" "${PIDS[bob]}"
  await_exit alice
  await_exit bob
  run -0 ls -A "$LSWARM_DIR"
  assert_output ''
}

# --- topics

@test "topics shows names, how many are there, and who" {
  listen alice
  listen bob
  spawn carol lswarm recv 'another topic' --name carol --ready
  await_ready carol
  run -0 --separate-stderr lswarm topics
  assert_equal "$stderr" ''
  assert_equal "${#lines[@]}" 3
  assert_regex "${lines[0]}" '^TOPIC  +PEERS  +NAMES$'
  assert_regex "${lines[1]}" '^another topic  +1  +carol$'
  assert_regex "${lines[2]}" '^room  +2  +alice, bob$'
}

@test "topics --json gives an object for each topic" {
  listen alice
  spawn bob lswarm join $'a "strange"\ntopic' -d --keep --name bob --ready
  await_ready bob
  lswarm topics --json >"$WORK/topics"
  run -0 objects "$WORK/topics" '`${JSON.stringify(o.name)} ${/^[0-9a-f]{64}$/.test(o.topic)} ${o.peers}`'
  assert_output '"a \"strange\"\ntopic" true bob
"room" true alice'
}

@test "topics shows the bytes of a topic that nobody told the name of" {
  local digits=00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
  spawn alice lswarm join "hex:$digits" -d --keep --ready
  await_ready alice
  run -0 --separate-stderr lswarm topics
  assert_regex "${lines[1]}" "^hex:$digits  +1  "
}

@test "what topics prints can be joined" {
  spawn alice lswarm join 'hex:00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff' -d --keep --name alice --ready
  await_ready alice
  run -0 --separate-stderr lswarm topics
  local topic=${lines[1]%% *}
  lswarm peers "$topic" --json >"$WORK/peers"
  run -0 names "$WORK/peers"
  assert_output alice
}

@test "topics makes a name safe for the screen" {
  spawn alice lswarm join $'red \x1b[31m\u202etext' -d --keep --name alice --ready
  await_ready alice
  run -0 --separate-stderr lswarm topics
  assert_regex "${lines[1]}" '^red \\x1b\[31m\\u\{202e\}text  +1  +alice$'
}

@test "topics with nobody anywhere says so on stderr, and prints nothing" {
  run -0 --separate-stderr lswarm topics
  assert_output ''
  assert_equal "$stderr" 'lswarm: nobody is on any topic'
}

@test "topics does not show a topic whose peers were killed" {
  listen alice
  kill_hard alice
  spawn bob lswarm join alive -d --keep --name bob --ready
  await_ready bob
  lswarm topics --json >"$WORK/topics"
  run -0 names "$WORK/topics"
  assert_output alive
}

@test "topics shows no one who only looks" {
  spawn waiting lswarm wait room -n 9 --ready --timeout 60s
  await_ready waiting
  run -0 --separate-stderr lswarm topics --json
  assert_output ''
}

@test "topics finds its way around things that are not topics" {
  listen alice
  touch "$LSWARM_DIR/0123456789abcdef" "$LSWARM_DIR/file"
  mkdir "$LSWARM_DIR/fedcba9876543210" "$LSWARM_DIR/directory"
  ln -s nowhere "$LSWARM_DIR/aaaaaaaaaaaaaaaa"
  mkfifo "$LSWARM_DIR/bbbbbbbbbbbbbbbb"
  lswarm topics --json >"$WORK/topics"
  run -0 names "$WORK/topics"
  assert_output room
}

# --- Who meets whom

@test "30 processes that start at once: everyone sees 29" {
  local i
  for i in {1..30}; do spawn "p$i" lswarm join room -d --keep --json --name "p$i"; done
  for i in {1..30}; do await_lines "$WORK/p$i.out" 29 60; done
  lswarm peers room --json >"$WORK/peers"
  assert_equal "$(names "$WORK/peers" | sort)" "$(printf 'p%s\n' {1..30} | sort)"
  for i in {1..30}; do
    run -0 objects "$WORK/p$i.out" '`${o.event} ${o.name}`'
    assert_equal "$(sort <<<"$output")" "$(printf 'join p%s\n' {1..30} | grep -vx "join p$i" | sort)"
  done
}

@test "30 processes that start at once and wait for 29 all end with 0" {
  local i
  for i in {1..30}; do spawn "p$i" lswarm join room -d -n 29 --name "p$i" --json; done
  for i in {1..30}; do
    await_exit "p$i" 60
    assert_equal "p$i $status" "p$i 0"
  done
}

# apart ONE OTHER: two topics whose peers do not meet.
apart() {
  spawn one lswarm join "$1" -d --keep --name one --json --ready
  spawn other lswarm join "$2" -d --keep --name other --json --ready
  await_ready one
  await_ready other
  lswarm peers "$1" --json >"$WORK/peers1"
  lswarm peers "$2" --json >"$WORK/peers2"
  assert_equal "$(names "$WORK/peers1") $(names "$WORK/peers2")" 'one other'
  run -3 lswarm join "$1" --no-wait -n 2 </dev/null
  run -3 lswarm join "$2" --no-wait -n 2 </dev/null
  run -0 objects "$WORK/one.out" 'o.name === "other" ? "met" : undefined'
  assert_output ''
}

@test "two topics with a common prefix of 120 characters do not meet" {
  local prefix
  prefix=$(printf 'x%.0s' {1..120})
  apart "${prefix}1" "${prefix}2"
}

@test "topics that differ in case do not meet" {
  apart room Room
}

@test "topics that differ in a trailing space do not meet" {
  apart room 'room '
}

@test "topics that differ in a trailing newline do not meet" {
  apart room $'room\n'
}

@test "topics whose bytes begin alike do not meet" {
  apart hex:00112233445566770000000000000000000000000000000000000000000000{00,01}
}

@test "the same topic in two runtime directories is two rooms" {
  listen alice
  mkdir -m 700 "$WORK/other"
  run -3 lswarm join room --no-wait --dir "$WORK/other" </dev/null
  run -0 lswarm wait room --no-wait
}

# --- limits

@test "limits prints every limit of src/limits.ts" {
  cd "$ROOT"
  node --import tsx --input-type=module -e 'import { limits } from "./src/limits.ts"
    for (const [name, value] of Object.entries(limits)) console.log(`${name} ${value}`)' >"$WORK/expected"
  [[ -s $WORK/expected ]]
  run -0 --separate-stderr lswarm limits
  assert_output "$(<"$WORK/expected")"
}

@test "limits --json is the same, as one object" {
  lswarm limits >"$WORK/text"
  lswarm limits --json >"$WORK/json"
  run -0 objects "$WORK/json" 'Object.entries(o).map(([name, value]) => `${name} ${value}`).join("\n")'
  assert_output "$(<"$WORK/text")"
}
