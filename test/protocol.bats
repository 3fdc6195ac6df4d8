#!/usr/bin/env bats
# lswarm-protocol(5) is enough to take part: a program written from that page alone, in python3, is one peer of two.

load helpers/common
load helpers/streams

PEER=$BATS_TEST_DIRNAME/fixtures/lswarm_peer.py

setup() {
  command -v python3 >/dev/null || skip 'python3 is not installed'
  lswarm_setup
}

teardown() {
  [[ -z ${WORK:-} ]] || lswarm_teardown
}

# stranger NAME FILE ROLE [ARG]: starts the python program in a role, with FILE as its stdin, and waits until it can be met.
stranger() {
  spawn_stdin "$2" "$1" python3 "$PEER" "$3" t "${@:4}"
  await_line "$WORK/$1.err" '^ready$'
}

@test "lines go both ways, and both ends leave when both have ended" {
  printf 'one\ntwo\n' >"$WORK/in"
  spawn_stdin "$WORK/in" alice lswarm join t --ready
  await_ready alice
  printf 'three\nfour\n' >"$WORK/other"
  stranger snake "$WORK/other" join
  await_exit alice
  assert_equal "$status" 0
  await_exit snake
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/alice.out")" $'three\nfour'
  assert_equal "$(<"$WORK/snake.out")" $'one\ntwo'
}

@test "what lswarm sends is received whole, and confirmed to it" {
  random 300000 "$WORK/in"
  stranger snake /dev/null recv
  run -0 --separate-stderr lswarm send t "$WORK/in"
  await_exit snake
  assert_equal "$status" 0
  same snake "$WORK/in"
}

@test "every digest that lswarm can be asked for is the one of the page" {
  random 300000 "$WORK/in"
  local digest
  for digest in sample crc32 blake2b; do
    stranger snake /dev/null recv
    run -0 --separate-stderr lswarm send t --digest "$digest" "$WORK/in"
    await_exit snake
    assert_equal "$status" 0
    same snake "$WORK/in"
  done
}

@test "what is sent to lswarm is received whole, and confirmed by it" {
  random 300000 "$WORK/in"
  receiver one
  stranger snake "$WORK/in" send
  await_exit snake
  assert_equal "$status" 0
  same one "$WORK/in"
}

@test "a sender that goes away without the end leaves recv with 4, and with what came" {
  random 300000 "$WORK/in"
  receiver one
  stranger snake "$WORK/in" cut
  await_exit one
  assert_equal "$status" 4
  head -c 150000 "$WORK/in" | cmp - "$WORK/one.out"
}

@test "a handler of lswarm is called, and its exit status is told" {
  printf 'some words' >"$WORK/in"
  spawn handler lswarm exec t --ready -- sh -c 'tr a-z A-Z; exit 3'
  await_ready handler
  stranger snake "$WORK/in" call
  await_exit snake
  assert_equal "$status" 3
  assert_equal "$(<"$WORK/snake.out")" 'SOME WORDS'
}

@test "a record is given to a worker of lswarm over the link, or over a stream, and its reply comes back" {
  export -nf $(declare -Fx | awk '{ print $3 }')
  spawn worker lswarm exec --queue t --ready -- sh -c 'read x; test "$x" != long || head -c 300000 /dev/zero; echo "<$x>"; exit 3'
  await_ready worker
  local role
  for role in give dial; do
    echo short >"$WORK/in"
    stranger snake "$WORK/in" "$role"
    await_exit snake
    assert_equal "$status" 3
    assert_equal "$(<"$WORK/snake.out")" '<short>'
    echo long >"$WORK/in"
    stranger snake "$WORK/in" "$role"
    await_exit snake
    assert_equal "$status" 3
    assert_equal "$(stat -c %s "$WORK/snake.out")" 300007
  done
}

@test "who does not come for the long reply to its record is told that it is lost" {
  export -nf $(declare -Fx | awk '{ print $3 }')
  spawn worker lswarm exec --queue t --max 1 --ready -- sh -c 'read x; test "$x" != long || head -c 300000 /dev/zero'
  await_ready worker
  echo long >"$WORK/in"
  stranger snake "$WORK/in" stay
  await_exit snake
  assert_equal "$status" 124
  await_line "$WORK/snake.err" '^nobody came for its reply$'
  echo short >"$WORK/in"
  stranger snake "$WORK/in" give
  await_exit snake
  assert_equal "$status" 0
}

@test "another program works off the records of lswarm" {
  stranger snake /dev/null work
  run -0 --separate-stderr lswarm send --queue t --ordered --timeout 60s < <(seq 20)
  assert_output "$(seq 20)"
  await_exit snake
  assert_equal "$status" 0
}

@test "messages of lswarm are verified, and those of another program by it" {
  stranger snake /dev/null sub
  run -0 --separate-stderr lswarm pub t 'one message'
  await_exit snake
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/snake.out")" 'one message'

  spawn alice lswarm sub t -n 2 --ready
  await_ready alice
  printf 'first\nsecond\n' >"$WORK/in"
  stranger snake "$WORK/in" pub
  await_exit alice
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/alice.out")" $'first\nsecond'
}

@test "a datagram of lswarm is opened, and one of another program by it" {
  port=$(node -e "const s = require('dgram').createSocket('udp4').bind(0, '127.0.0.1', () => { console.log(s.address().port); s.close() })")
  stranger snake /dev/null hear "$port"
  run -0 --separate-stderr lswarm pub t --public --connect "udp://127.0.0.1:$port" 'one message'
  await_exit snake
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/snake.out")" 'one message'

  spawn alice lswarm sub t -n 1 --public --listen "udp://127.0.0.1:$port" --ready
  await_ready alice
  run -0 python3 "$PEER" tell t "$port" <<<'from a snake'
  await_exit alice
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/alice.out")" 'from a snake'
}
