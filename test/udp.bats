#!/usr/bin/env bats
# `sub --listen udp://` and `pub --connect udp://`: one signed message in each datagram.

load helpers/common
load helpers/rooms
load helpers/network

setup() {
  lswarm_setup
  # What they share is the network.
  mkdir -m 700 "$WORK/a" "$WORK/b" "$WORK/c"
  export XDG_CONFIG_HOME=$WORK/config
  (umask 077 && lswarm key new >"$WORK/key")
  KEY="--key-file $WORK/key"
  PORT=$(node -e "const s = require('dgram').createSocket('udp4').bind(0, '127.0.0.1', () => { console.log(s.address().port); s.close() })")
}

# subscribe NAME HOST [OPTION...]: a sub that hears datagrams at that address.
subscribe() {
  spawn_on a "$1" sub news --listen "udp://$2:$PORT" --ready -v "${@:3}"
  await_ready "$1"
}

# publish PLACE ARG...: on another machine.
publish() {
  on b pub news --connect "udp://$1" "${@:2}"
}

# weather FAULT...: sets PROXY to a port that leads to the sub, through bad weather.
weather() {
  spawn weather node --import "$ROOT/node_modules/tsx/dist/esm/index.mjs" "$ROOT/test/fixtures/proxy.ts" udp "127.0.0.1:$PORT" "$@"
  await_line "$WORK/weather.out" '^[0-9]+$'
  PROXY=$(<"$WORK/weather.out")
}

@test "messages reach one machine, and pub waits for nobody" {
  subscribe alice 127.0.0.1 -n 2 $KEY
  run -0 --separate-stderr publish "127.0.0.1:$PORT" $KEY one two
  await_exit alice
  assert_equal "$(<"$WORK/alice.out")" $'one\ntwo'
  run -0 --separate-stderr publish "127.0.0.1:$PORT" $KEY unheard
}

@test "by IPv6 they do, too" {
  node -e "require('dgram').createSocket('udp6').on('error', () => process.exit(1)).bind(0, '::1', () => process.exit(0))" || skip 'no IPv6 here'
  subscribe alice '[::1]' -n 1 $KEY
  publish "[::1]:$PORT" $KEY hello
  await_exit alice
  assert_equal "$(<"$WORK/alice.out")" hello
}

@test "200 messages come exact and in order" {
  # So many fit the buffer of a receiver that is busy with something else.
  seq 200 >"$WORK/in"
  subscribe alice 127.0.0.1 -n 200 $KEY
  publish "127.0.0.1:$PORT" $KEY <"$WORK/in"
  await_exit alice
  cmp "$WORK/in" "$WORK/alice.out"
}

@test "a broadcast reaches all who listen to it" {
  subscribe alice 127.255.255.255 -n 1 $KEY
  subscribe bob 127.255.255.255 -n 1 $KEY
  publish "127.255.255.255:$PORT" $KEY hello
  for name in alice bob; do
    await_exit $name
    assert_equal "$(<"$WORK/$name.out")" hello
  done
}

@test "a group reaches all who have joined it, each message once" {
  [[ $(node -p "Object.values(os.networkInterfaces()).flat().some((a) => a.family === 'IPv4' && !a.internal)") == true ]] || skip 'no network but loopback'
  subscribe alice 239.192.7.7 -n 2 $KEY
  subscribe bob 239.192.7.7 -n 2 $KEY
  publish "239.192.7.7:$PORT" $KEY one two
  for name in alice bob; do
    await_exit $name
    assert_equal "$(<"$WORK/$name.out")" $'one\ntwo'
  done
}

@test "a peer that is linked as well gets each message once" {
  spawn alice lswarm sub news --listen "udp://127.0.0.1:$PORT" $KEY --ready
  await_ready alice
  lswarm pub news --connect "udp://127.0.0.1:$PORT" $KEY -n 1 one two
  publish "127.0.0.1:$PORT" $KEY last
  await_line "$WORK/alice.out" last
  assert_equal "$(<"$WORK/alice.out")" $'one\ntwo\nlast'
}

@test "who has another key is not heard, and counted" {
  subscribe alice 127.0.0.1 -n 1 $KEY
  publish "127.0.0.1:$PORT" --public stranger
  publish "127.0.0.1:$PORT" $KEY friend
  await_exit alice
  assert_equal "$(<"$WORK/alice.out")" friend
  await_line "$WORK/alice.err" 'datagrams not taken: 1 with another key, 0 forged or malformed, 0 again'
}

@test "what comes again is not heard again" {
  weather times=3
  subscribe alice 127.0.0.1 $KEY
  publish "127.0.0.1:$PROXY" $KEY one two
  publish "127.0.0.1:$PROXY" $KEY last
  await_line "$WORK/alice.out" last
  kill -TERM "${PIDS[alice]}"
  await_exit alice
  assert_equal "$(<"$WORK/alice.out")" $'one\ntwo\nlast'
  await_line "$WORK/alice.err" '0 with another key, 0 forged or malformed, [456] again'
}

@test "what was changed on the way is not heard" {
  weather flip=60
  subscribe alice 127.0.0.1 -n 2 $KEY
  publish "127.0.0.1:$PROXY" $KEY one changed three
  await_exit alice
  assert_equal "$(<"$WORK/alice.out")" $'one\nthree'
  await_line "$WORK/alice.err" '1 with another key'
}

@test "what was lost is counted and told, and is a failure where that is asked for" {
  weather lose=1
  subscribe alice 127.0.0.1 -n 3 $KEY
  subscribe_strictly
  publish "127.0.0.1:$PROXY" --connect "udp://127.0.0.1:$STRICT" $KEY one lost three four
  await_exit alice
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/alice.out")" $'one\nthree\nfour'
  await_line "$WORK/alice.err" '^lswarm: missed 1 message of key:'
  await_exit bob
  assert_equal "$status" 4
}

# subscribe_strictly: bob, behind weather of his own at STRICT.
subscribe_strictly() {
  local alice=$PORT proxy=$PROXY
  PORT=$(node -e "const s = require('dgram').createSocket('udp4').bind(0, '127.0.0.1', () => { console.log(s.address().port); s.close() })")
  spawn_on c bob sub news --listen "udp://127.0.0.1:$PORT" $KEY --strict --ready
  await_ready bob
  weather lose=1
  STRICT=$PROXY PORT=$alice PROXY=$proxy
}

@test "a flood of anything is bounded, and a message after it is heard" {
  subscribe alice 127.0.0.1 -n 1 $KEY
  node -e "
    const s = require('dgram').createSocket('udp4')
    let left = 20000
    const more = () => left-- > 0 ? s.send(require('crypto').randomBytes(left % 1400), $PORT, '127.0.0.1', more) : s.close()
    more()"
  # A datagram may be lost in it, as any may be.
  _poll 30 has_heard
  await_exit alice
  assert_equal "$(<"$WORK/alice.out")" hello
  assert_regex "$(<"$WORK/alice.err")" 'datagrams not taken: [0-9]+ with another key'
}

# has_heard: alice has ended, or is told once more.
has_heard() {
  _has_ended "${PIDS[alice]}" || { publish "127.0.0.1:$PORT" $KEY hello && false; }
}

@test "a message that fits no datagram is refused, and nothing before it is lost" {
  head -c 65001 /dev/zero | tr '\0' x >"$WORK/long"
  subscribe alice 127.0.0.1 -n 2 $KEY
  head -c 65000 "$WORK/long" >"$WORK/longest"
  { echo one && cat "$WORK/longest" && echo && cat "$WORK/long"; } >"$WORK/in"
  run -1 --separate-stderr publish "127.0.0.1:$PORT" $KEY <"$WORK/in"
  assert_equal "$stderr" 'lswarm: line 3 has 65001 bytes; a message has at most 65000, lswarm send carries more'
  await_exit alice
  assert_equal "$(<"$WORK/alice.out")" "$(echo one && cat "$WORK/longest")"
  run -2 --separate-stderr publish "127.0.0.1:$PORT" $KEY "$(<"$WORK/long")"
  assert_regex "$stderr" '^lswarm: message 1 has 65001 bytes'
}

@test "an address that is not ours, or is taken, is named" {
  run -1 --separate-stderr lswarm sub news --listen "udp://192.0.2.1:$PORT" $KEY
  assert_equal "$stderr" "lswarm: cannot listen at udp://192.0.2.1:$PORT: address not available"
  subscribe alice 127.0.0.1 $KEY
  run -1 --separate-stderr on b sub news --listen "udp://127.0.0.1:$PORT" $KEY
  assert_equal "$stderr" "lswarm: cannot listen at udp://127.0.0.1:$PORT: address already in use"
}

@test "what makes no sense with datagrams is refused" {
  local url=udp://127.0.0.1:1
  run -2 --separate-stderr lswarm join news --listen $url --public
  assert_equal "$stderr" 'lswarm: udp:// is for signed messages alone: pub and sub'
  run -2 --separate-stderr lswarm pub news --listen $url --public hello
  assert_equal "$stderr" 'lswarm: udp:// with pub is where others listen: pub --connect'
  run -2 --separate-stderr lswarm sub news --connect $url --public
  assert_equal "$stderr" 'lswarm: udp:// with sub is where it listens: sub --listen'
  run -2 --separate-stderr lswarm sub news --listen $url --public --allow "$(printf '%064d' 1)"
  assert_regex "$stderr" '^lswarm: udp:// and --allow exclude each other'
  run -2 --separate-stderr setsid -w lswarm sub news --listen $url </dev/null
  assert_regex "$stderr" 'needs a topic key'
  run -2 --separate-stderr lswarm sub news --listen udp://nowhere --public
  assert_equal "$stderr" 'lswarm: the place in udp:// is HOST:PORT, not "nowhere"'
  run -2 --separate-stderr env LSWARM_LOCAL_ONLY=1 lswarm sub news --listen $url --public
  assert_regex "$stderr" 'LSWARM_LOCAL_ONLY is set'
}
