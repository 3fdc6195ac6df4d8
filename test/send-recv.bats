#!/usr/bin/env bats
# `send` and `recv`: bytes of every kind, who takes part, and every way in which it can go wrong.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# same NAME FILE: NAME has ended with 0, and printed exactly FILE.
same() {
  expect "$1" 0
  cmp "$2" "$WORK/$1.out"
}

# --- Bytes

@test "every byte value passes from a pipe" {
  every_byte "$WORK/in"
  receiver one
  run -0 --separate-stderr bash -o pipefail -c 'cat "$1" | lswarm send t' _ "$WORK/in"
  same one "$WORK/in"
}

@test "NULs, CRLF, a lone CR and a last line without its end stay as they are" {
  printf 'one\r\ntwo\rthree\0\0\n\n\xff\xfe\xc3no end' >"$WORK/in"
  receiver one
  run -0 --separate-stderr bash -o pipefail -c 'cat "$1" | lswarm send t' _ "$WORK/in"
  same one "$WORK/in"
}

@test "lengths around the sizes of buffers pass from a pipe" {
  for bytes in 1 65535 65536 65537 131072 524287 524288 524289 1048575 1048576 1048577; do
    random "$bytes" "$WORK/in"
    spawn one lswarm recv t
    run -0 --separate-stderr bash -o pipefail -c 'cat "$1" | lswarm send t' _ "$WORK/in"
    same one "$WORK/in"
  done
}

@test "what many small writes gave is one stream" {
  seq 20000 >"$WORK/in"
  receiver one
  run -0 --separate-stderr bash -c 'for ((i = 1; i <= 20000; i++)); do echo $i; done | lswarm send t'
  same one "$WORK/in"
}

@test "bytes arrive while the input is still open" {
  receiver one
  sender two
  for word in one two three; do
    echo "$word" >"$WORK/word"
    feed two "$WORK/word"
    await_line "$WORK/one.out" "^$word\$"
  done
  finish two
  expect two 0
  expect one 0
}

@test "a FILE of - is stdin, and an -o of - is stdout" {
  every_byte "$WORK/in"
  receiver one -o -
  run -0 --separate-stderr lswarm send t - <"$WORK/in"
  same one "$WORK/in"
}

@test "stdin is sent from where it stands" {
  receiver one
  run -0 --separate-stderr bash -c 'read -r; lswarm send t' < <(printf 'first\nsecond\n')
  expect one 0
  printf 'first\nsecond\n' >"$WORK/in"
  receiver two
  run -0 --separate-stderr bash -c 'read -r; lswarm send t' <"$WORK/in"
  expect two 0
  assert_equal "$(cat "$WORK/one.out" "$WORK/two.out")" $'second\nsecond'
}

@test "recv writes to its stdout from where that stands" {
  spawn one bash -c 'echo before; lswarm recv t; echo after'
  run -0 --separate-stderr lswarm send t < <(echo between)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" $'before\nbetween\nafter'
}

@test "a FILE that does not tell its length is sent to its end" {
  [[ -r /proc/version ]] || skip 'no /proc/version'
  receiver one
  run -0 --separate-stderr lswarm send t /proc/version
  same one /proc/version
}

@test "a FILE whose name is odd is found, and made" {
  every_byte "$WORK/in"
  odd=$'  \n"$(x)" é -'
  cp "$WORK/in" "$WORK/$odd"
  receiver one -o "$WORK/out$odd"
  run -0 --separate-stderr lswarm send t "$WORK/$odd"
  expect one 0
  cmp "$WORK/in" "$WORK/out$odd"
}

@test "a FILE that begins with a dash is taken after --" {
  [[ ! -e $WORK/-file ]]
  echo hello >"$WORK/-file"
  receiver one
  cd "$WORK"
  run -0 --separate-stderr lswarm send t ./-file
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "sockets as stdin and stdout carry every byte" {
  random 3000000 "$WORK/in"
  # What node gives a child as a pipe is a socket.
  run -0 --separate-stderr node -e '
    const { spawn } = require("child_process")
    const { createReadStream, createWriteStream } = require("fs")
    const recv = spawn("lswarm", ["recv", "t"], { stdio: ["ignore", "pipe", "inherit"] })
    const send = spawn("lswarm", ["send", "t"], { stdio: ["pipe", "ignore", "inherit"] })
    createReadStream(process.argv[1]).pipe(send.stdin)
    recv.stdout.pipe(createWriteStream(process.argv[2]))
    for (const child of [recv, send]) child.on("exit", (code) => console.log(code))' "$WORK/in" "$WORK/out"
  assert_output $'0\n0'
  cmp "$WORK/in" "$WORK/out"
}

@test "a FILE that is a fifo is read once somebody writes to it" {
  mkfifo "$WORK/fifo"
  random 1000000 "$WORK/in"
  receiver one
  spawn two lswarm send t "$WORK/fifo" --ready
  await_ready two
  cat "$WORK/in" >"$WORK/fifo"
  expect two 0
  same one "$WORK/in"
}

@test "send ends by SIGTERM while it waits for the writer of a fifo" {
  mkfifo "$WORK/fifo"
  receiver one
  spawn two lswarm send t "$WORK/fifo" --ready
  await_ready two
  kill -TERM "${PIDS[two]}"
  expect two 143
}

@test "the digest is told only when it was asked for" {
  receiver one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  assert_equal "$stderr" ''
  expect one 0
  run -1 grep -v ready "$WORK/one.err"
}

@test "--digest blake2b of an empty stream, with two receivers, is what b2sum prints" {
  command -v b2sum >/dev/null || skip 'no b2sum'
  read -r sum _ < <(b2sum </dev/null)
  receiver one
  receiver two
  run -0 --separate-stderr lswarm send t -n 2 --digest blake2b </dev/null
  assert_equal "$stderr" "lswarm: blake2b:$sum"
  for name in one two; do
    expect "$name" 0
    assert_equal "$(tail -n 1 "$WORK/$name.err")" "lswarm: blake2b:$sum"
  done
}

# --- Who takes part

@test "a receiver and a sender that start at once meet, every time" {
  for ((i = 1; i <= 10; i++)); do
    spawn one lswarm recv t
    spawn_stdin <(echo "$i") two lswarm send t
    expect one 0
    expect two 0
    assert_equal "$(<"$WORK/one.out")" "$i"
  done
}

@test "send -n 2 with three there takes all three" {
  for name in one two three; do receiver "$name"; done
  random 100000 "$WORK/in"
  run -0 --separate-stderr lswarm send t -n 2 "$WORK/in"
  for name in one two three; do same "$name" "$WORK/in"; done
}

@test "send -n 2 goes on waiting when one of two leaves before the second comes" {
  spawn_stdin <(echo hello) two lswarm send t -n 2 --ready
  await_ready two
  receiver leaver
  run -0 lswarm wait t -n 2 --timeout 20s
  kill -TERM "${PIDS[leaver]}"
  expect leaver 143
  receiver one
  let_pass
  assert_equal "$(<"$WORK/one.out")" ''
  receiver last
  expect two 0
  assert_equal "$(<"$WORK/one.out") $(<"$WORK/last.out")" 'hello hello'
}

@test "a sender that gives up before it starts is forgotten, and the receiver takes the next" {
  receiver one
  run -124 --separate-stderr lswarm send t -n 2 --timeout 1s < <(echo wrong)
  run -0 --separate-stderr lswarm send t < <(echo right)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" right
}

@test "when a receiver is lost before the start, send waits for another" {
  # The start waits a little for the one that never answers.
  spawn liar node "$ROOT/test/fixtures/false-receiver.mjs" mute
  receiver leaver
  spawn_stdin <(echo hello) two lswarm send t --ready
  await_line "$WORK/liar.out" '^asked$'
  kill -KILL "${PIDS[leaver]}"
  expect leaver 137
  receiver one
  expect two 0
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "who never takes the stream holds nobody up for ever" {
  spawn liar node "$ROOT/test/fixtures/false-receiver.mjs" mute
  run -0 lswarm wait t --timeout 20s
  receiver one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "a stopped receiver that was never met holds nobody up" {
  receiver stopped
  kill -STOP "${PIDS[stopped]}"
  receiver one
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "--to sends to that peer only, and another takes the next sender" {
  receiver one
  receiver other
  run -0 --separate-stderr lswarm send t --to one < <(echo first)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" first
  run -0 --separate-stderr lswarm send t < <(echo second)
  expect other 0
  assert_equal "$(<"$WORK/other.out")" second
}

@test "--to given twice sends to both" {
  for name in one two three; do receiver "$name"; done
  run -0 --separate-stderr lswarm send t --to one --to two -n 2 < <(echo hello)
  expect one 0
  expect two 0
  assert_equal "$(cat "$WORK/one.out" "$WORK/two.out" "$WORK/three.out")" $'hello\nhello'
}

@test "--to takes the beginning of an id" {
  receiver one
  receiver other
  id=$(sed -n 's/.*(\([0-9a-f]*\))$/\1/p' "$WORK/one.err")
  run -0 --separate-stderr lswarm send t --to "$id" < <(echo hello)
  expect one 0
  assert_equal "$(cat "$WORK/one.out" "$WORK/other.out")" hello
}

@test "--to waits for that peer, whoever else is there" {
  receiver other
  spawn_stdin <(echo hello) two lswarm send t --to one --ready
  await_ready two
  receiver one
  expect two 0
  expect one 0
  assert_equal "$(cat "$WORK/one.out" "$WORK/other.out")" hello
}

@test "--to somebody else with --no-wait is status 3" {
  receiver other
  run -3 --separate-stderr lswarm send t --to one --no-wait < <(echo hello)
  assert_equal "$stderr" 'lswarm: 0 receivers of 1 there'
}

@test "--no-wait with too few is status 3, and they stay" {
  receiver one
  run -3 --separate-stderr lswarm send t -n 2 --no-wait < <(echo wrong)
  assert_equal "$stderr" 'lswarm: 1 receiver of 2 there'
  run -0 --separate-stderr lswarm send t -n 1 --no-wait < <(echo right)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" right
}

@test "recv --no-wait takes the sender that is there" {
  spawn_stdin <(echo hello) two lswarm send t --ready
  await_ready two
  run -0 --separate-stderr lswarm recv t --no-wait
  assert_output hello
  expect two 0
}

@test "recv --keep takes sender after sender, each whole" {
  receiver one --keep
  for ((i = 1; i <= 3; i++)); do
    random 200000 "$WORK/$i"
    run -0 --separate-stderr lswarm send t "$WORK/$i"
  done
  cat "$WORK"/[123] | cmp - "$WORK/one.out"
  kill -TERM "${PIDS[one]}"
  expect one 143
}

@test "recv --keep says that a stream broke off, and takes the next" {
  receiver one --keep
  sender two
  echo half >"$WORK/in"
  feed two "$WORK/in"
  await_line "$WORK/one.out" half
  kill -KILL "${PIDS[two]}"
  await_line "$WORK/one.err" '^lswarm: the stream from two broke off after 5 bytes: '
  run -0 --separate-stderr lswarm send t < <(echo whole)
  assert_equal "$(<"$WORK/one.out")" $'half\nwhole'
}

@test "recv --keep -o has the last stream that was whole" {
  receiver one --keep -o "$WORK/file"
  run -0 --separate-stderr lswarm send t < <(echo first)
  assert_equal "$(<"$WORK/file")" first
  sender two
  echo half >"$WORK/in"
  feed two "$WORK/in"
  await_exit "two's food"
  kill -KILL "${PIDS[two]}"
  await_line "$WORK/one.err" 'broke off'
  assert_equal "$(<"$WORK/file")" first
  run -0 --separate-stderr lswarm send t < <(echo second)
  assert_equal "$(<"$WORK/file")" second
}

@test "of two senders to one recv the second waits for another receiver" {
  sender first
  receiver one
  echo first >"$WORK/in"
  feed first "$WORK/in"
  await_line "$WORK/one.out" first
  spawn_stdin <(echo second) second lswarm send t --ready
  await_ready second
  let_pass
  finish first
  expect first 0
  expect one 0
  assert_equal "$(<"$WORK/one.out")" first
  receiver two
  expect second 0
  expect two 0
  assert_equal "$(<"$WORK/two.out")" second
}

@test "eight senders to one recv --keep come one after the other" {
  receiver one --keep
  for ((i = 1; i <= 8; i++)); do
    yes "$i" | head -c 300000 >"$WORK/$i"
    spawn "s$i" lswarm send t "$WORK/$i"
  done
  for ((i = 1; i <= 8; i++)); do expect "s$i" 0; done
  # Each sender's lines stand together, and all of them are there.
  assert_equal "$(uniq "$WORK/one.out" | sort)" "$(seq 8)"
  assert_equal "$(wc -c <"$WORK/one.out")" 2400000
}

@test "a late comer gets nothing, is told so, and a --timeout ends it with 124" {
  receiver one
  sender two
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  await_line "$WORK/one.out" hello
  run -124 --separate-stderr lswarm recv t --timeout 2s
  assert_output ''
  assert_line --index 0 'lswarm: two: has begun to send without this receiver' <<<"$stderr"
  finish two
  expect two 0
  expect one 0
}

@test "peers of one name are different receivers" {
  spawn one lswarm recv t --name same --ready
  spawn two lswarm recv t --name same --ready
  await_ready one
  await_ready two
  run -0 --separate-stderr lswarm send t -n 2 < <(echo hello)
  expect one 0
  expect two 0
  assert_equal "$(cat "$WORK/one.out" "$WORK/two.out")" $'hello\nhello'
}

@test "a wait, a peers and a join on the topic take no part" {
  spawn watcher lswarm wait t -n 9 --ready --timeout 60s
  await_ready watcher
  receiver one
  run -0 lswarm peers t
  run -0 --separate-stderr lswarm send t < <(echo hello)
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "two topics do not mix" {
  spawn one lswarm recv t1 --ready
  spawn two lswarm recv t2 --ready
  await_ready one
  await_ready two
  run -0 --separate-stderr lswarm send t2 < <(echo second)
  run -0 --separate-stderr lswarm send t1 < <(echo first)
  expect one 0
  expect two 0
  assert_equal "$(cat "$WORK/one.out" "$WORK/two.out")" $'first\nsecond'
}

# --- A side that is lost

@test "kill -9 of the sender in a flood: recv ends with 4, after as many bytes as it says" {
  receiver one
  spawn two bash -c 'exec lswarm send t </dev/zero'
  await_bytes "$WORK/one.out" 5000000
  kill -KILL "${PIDS[two]}"
  expect one 4
  bytes=$(stat -c %s "$WORK/one.out")
  assert_regex "$(tail -n 1 "$WORK/one.err")" "^lswarm: the stream from .* broke off after $bytes bytes: the connection was lost\$"
  cmp -n "$bytes" /dev/zero "$WORK/one.out"
}

@test "kill -9 of the sender: a reader that stood still gets all that recv says" {
  mkfifo "$WORK/pipe"
  spawn one bash -c 'lswarm recv t --ready >"$1"' _ "$WORK/pipe"
  spawn reader bash -c 'read -r line; echo "$line"; kill -STOP $$; cat' <"$WORK/pipe"
  await_ready one
  { echo go && yes line | head -c 3000000; } >"$WORK/in"
  sender two
  feed two "$WORK/in"
  await_line "$WORK/reader.out" '^go$'
  kill -KILL "${PIDS[two]}"
  kill -CONT "${PIDS[reader]}"
  expect one 4
  await_exit reader
  bytes=$(stat -c %s "$WORK/reader.out")
  assert_regex "$(tail -n 1 "$WORK/one.err")" "broke off after $bytes bytes"
  cmp -n "$bytes" "$WORK/in" "$WORK/reader.out"
}

@test "kill -9 of the only receiver ends a send whose input is idle" {
  receiver one
  sender two
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  await_line "$WORK/one.out" hello
  kill -KILL "${PIDS[one]}"
  expect two 4
  assert_equal "$(tail -n 1 "$WORK/two.err")" 'lswarm: not confirmed by one (the connection was lost)'
}

@test "kill -9 of one of three receivers in a flood: the others get all, and it is named" {
  for name in one two doomed; do receiver "$name"; done
  random 60000000 "$WORK/in"
  spawn flood lswarm send t -n 3 "$WORK/in"
  await_bytes "$WORK/doomed.out" 1
  kill -KILL "${PIDS[doomed]}"
  await_exit doomed
  if cmp -s "$WORK/in" "$WORK/doomed.out"; then skip 'it was faster than the kill'; fi
  expect flood 4
  assert_equal "$(tail -n 1 "$WORK/flood.err")" 'lswarm: not confirmed by doomed (the connection was lost)'
  same one "$WORK/in"
  same two "$WORK/in"
}

@test "kill -9 of all receivers: send names them all" {
  receiver one
  receiver two
  sender three -n 2
  echo hello >"$WORK/in"
  feed three "$WORK/in"
  await_line "$WORK/one.out" hello
  await_line "$WORK/two.out" hello
  kill -KILL "${PIDS[one]}" "${PIDS[two]}"
  expect three 4
  last=$(tail -n 1 "$WORK/three.err")
  assert_regex "$last" '^lswarm: not confirmed by '
  assert_regex "$last" 'one \('
  assert_regex "$last" 'two \('
}

@test "a receiver that is interrupted is named, with what it said, and leaves no trace" {
  for signal in INT TERM HUP; do
    receiver one
    sender two
    echo hello >"$WORK/in"
    feed two "$WORK/in"
    await_line "$WORK/one.out" hello
    kill -"$signal" "${PIDS[one]}"
    expect one $((128 + $(kill -l "$signal")))
    expect two 4
    assert_equal "$(tail -n 1 "$WORK/two.err")" "lswarm: not confirmed by one (interrupted by SIG$signal)"
    no_trace
    rm "$WORK/two.in"
  done
}

@test "what a sender said when it was interrupted, recv says too" {
  receiver one
  sender two
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  await_line "$WORK/one.out" hello
  kill -TERM "${PIDS[two]}"
  expect two 143
  expect one 4
  assert_equal "$(tail -n 1 "$WORK/one.err")" \
    'lswarm: the stream from two broke off after 6 bytes: interrupted by SIGTERM'
  no_trace
}

@test "a stopped sender that goes on is still exact" {
  random 30000000 "$WORK/in"
  receiver one
  spawn two lswarm send t "$WORK/in"
  await_bytes "$WORK/one.out" 1
  kill -STOP "${PIDS[two]}"
  let_pass
  kill -CONT "${PIDS[two]}"
  expect two 0
  same one "$WORK/in"
}

@test "receivers that stop and go on by turns all get everything" {
  random 30000000 "$WORK/in"
  for name in one two three; do receiver "$name"; done
  spawn four lswarm send t -n 3 "$WORK/in"
  for name in one two three one; do
    kill -STOP "${PIDS[$name]}" || true
    run -124 lswarm wait nobody-at-all --timeout 200ms
    kill -CONT "${PIDS[$name]}" || true
  done
  expect four 0
  for name in one two three; do same "$name" "$WORK/in"; done
}

@test "a stopped receiver does not keep another from what the queue holds" {
  receiver stopped
  receiver one
  sender two -n 2
  random 1000000 "$WORK/in"
  kill -STOP "${PIDS[stopped]}"
  feed two "$WORK/in"
  await_bytes "$WORK/one.out" 1000000
  kill -CONT "${PIDS[stopped]}"
  finish two
  expect two 0
  same one "$WORK/in"
  same stopped "$WORK/in"
}

@test "who is slow to confirm is named" {
  receiver one
  sender two
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  await_line "$WORK/one.out" hello
  kill -STOP "${PIDS[one]}"
  finish two
  await_line "$WORK/two.err" '^lswarm: waiting for one'
  kill -CONT "${PIDS[one]}"
  expect two 0
  expect one 0
}

@test "--drop-slow does not give up who only has nothing to take" {
  receiver one
  sender two --drop-slow 500ms
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  await_line "$WORK/one.out" hello
  let_pass
  finish two
  expect two 0
  expect one 0
}

@test "--drop-slow of the only receiver is status 4, and names it" {
  receiver one
  sender two --drop-slow 1s
  random 30000000 "$WORK/in"
  feed two "$WORK/in"
  await_bytes "$WORK/one.out" 1
  kill -STOP "${PIDS[one]}"
  await_exit two
  [[ $status != 0 ]]
  kill -CONT "${PIDS[one]}"
  assert_equal "$status" 4
  assert_equal "$(tail -n 1 "$WORK/two.err")" 'lswarm: not confirmed by one (took nothing for 1 s)'
  expect one 4
  assert_regex "$(tail -n 1 "$WORK/one.err")" 'given up: took nothing for 1 s'
}

# --- Time and signals

@test "--timeout ends send and recv while they wait, with 124, and leaves no trace" {
  run -124 --separate-stderr lswarm send t --timeout 300ms < <(echo hello)
  assert_equal "$stderr" 'lswarm: gave up after 0.3 s (--timeout)'
  run -124 --separate-stderr lswarm recv t --timeout 300ms
  assert_equal "$stderr" 'lswarm: gave up after 0.3 s (--timeout)'
  assert_output ''
  no_trace
}

@test "--timeout of a sender in the middle is 124 there, and 4 at the receiver" {
  receiver one
  sender two --timeout 3s
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  expect two 124
  expect one 4
  assert_equal "$(<"$WORK/one.out")" hello
  assert_equal "$(tail -n 1 "$WORK/one.err")" \
    'lswarm: the stream from two broke off after 6 bytes: gave up after 3 s (--timeout)'
}

@test "--timeout of a receiver in the middle is 124 there, and 4 at the sender" {
  sender two
  receiver one --timeout 3s
  echo hello >"$WORK/in"
  feed two "$WORK/in"
  expect one 124
  assert_equal "$(<"$WORK/one.out")" hello
  expect two 4
  assert_equal "$(tail -n 1 "$WORK/two.err")" 'lswarm: not confirmed by one (gave up after 3 s (--timeout))'
}

@test "--timeout ends a send whose receiver is stopped" {
  receiver one
  sender two --timeout 4s
  random 30000000 "$WORK/in"
  feed two "$WORK/in"
  await_bytes "$WORK/one.out" 1
  kill -STOP "${PIDS[one]}"
  expect two 124
  kill -CONT "${PIDS[one]}"
  expect one 4
}

@test "send that is interrupted before anybody came has read nothing" {
  spawn two bash -c 'echo one | { trap : INT; lswarm send t --ready; echo "status $?"; cat; }'
  await_ready two
  kill -INT -- "-${PIDS[two]}"
  await_exit two
  assert_equal "$(<"$WORK/two.out")" $'status 130\none'
  no_trace
}

@test "a send that times out before anybody came has read nothing" {
  run -0 --separate-stderr bash -c 'seq 3 | { lswarm send t --timeout 300ms; cat; }'
  assert_output "$(seq 3)"
}

@test "a second SIGINT ends a send at once that is still saying goodbye to a stopped receiver" {
  receiver one
  # The first ends it by the signal itself, when all is done; the second by a status.
  mkfifo "$WORK/two.in"
  spawn mouth bash -c 'exec tail -f /dev/null >"$1"' _ "$WORK/two.in"
  spawn_stdin "$WORK/two.in" two node -e '
    const { spawn } = require("child_process")
    const child = spawn("lswarm", ["send", "t", "--ready"], { stdio: "inherit" })
    process.on("SIGINT", () => child.kill("SIGINT"))
    child.on("exit", (code, signal) => console.log(code, signal))'
  await_ready two
  echo hello >"$WORK/two.in"
  await_line "$WORK/one.out" hello
  kill -STOP "${PIDS[one]}"
  kill -INT "${PIDS[two]}"
  await_sockets 1
  kill -INT "${PIDS[two]}"
  await_exit two
  assert_equal "$(<"$WORK/two.out")" '130 null'
}

# --- A side that is wrong

@test "a stream that is not what its digest says is status 5" {
  spawn liar node "$ROOT/test/fixtures/false-sender.mjs" digest
  run -5 --separate-stderr lswarm recv t
  assert_equal "$stderr" 'lswarm: the stream from liar is not what was sent: crc32:363a3020'
}

@test "a stream that is not what its digest says makes no file" {
  spawn liar node "$ROOT/test/fixtures/false-sender.mjs" digest
  run -5 --separate-stderr lswarm recv t -o "$WORK/file"
  run -0 find "$WORK" -name '*file*'
  assert_output ''
}

@test "a stream that is longer than what came, or shorter, is status 4" {
  for wrong in long short; do
    spawn liar node "$ROOT/test/fixtures/false-sender.mjs" "$wrong"
    run -4 --separate-stderr lswarm recv t
    assert_regex "$stderr" '^lswarm: the stream from liar broke off after 6 bytes: [57] were sent$'
  done
}

@test "a sender that goes without saying that this was all is status 4" {
  for wrong in bye lost; do
    spawn liar node "$ROOT/test/fixtures/false-sender.mjs" "$wrong"
    run -4 --separate-stderr lswarm recv t
    assert_regex "$stderr" '^lswarm: the stream from liar broke off after 6 bytes: '
    assert_output hello
  done
}

@test "a sender that refuses its own stream is status 6" {
  spawn liar node "$ROOT/test/fixtures/false-sender.mjs" refuse
  run -6 --separate-stderr lswarm recv t
  assert_equal "$stderr" 'lswarm: not for you'
}

@test "a receiver that confirms something else, too early, or not at all is status 4 at the sender" {
  for wrong in digest bytes early bye; do
    spawn liar node "$ROOT/test/fixtures/false-receiver.mjs" "$wrong"
    run -4 --separate-stderr lswarm send t < <(echo hello)
    assert_regex "$stderr" '^lswarm: not confirmed by liar '
  done
}

@test "an input that cannot be read on is status 1, and 4 at the receiver" {
  [[ -r /proc/self/mem ]] || skip 'no /proc/self/mem, which cannot be read from its beginning'
  receiver one
  run -1 --separate-stderr lswarm send t /proc/self/mem
  assert_equal "$stderr" 'lswarm: cannot read the input: EIO'
  expect one 4
  assert_regex "$(tail -n 1 "$WORK/one.err")" 'broke off after 0 bytes: cannot read the input: EIO$'
}
