#!/usr/bin/env bats
# `--listen URL` and `--connect URL`: peers at named places.

load helpers/common
load helpers/streams
load helpers/network

# free_port: sets PORT to a TCP port of loopback at which nobody listens.
free_port() {
  PORT=$(node -e "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close() })")
}

@test "tcp: a stream is exact and confirmed, whoever starts first" {
  free_port
  head -c 5000000 /dev/urandom >"$WORK/in"
  spawn_on a sender send t "$WORK/in" --connect "tcp://127.0.0.1:$PORT" --retry 50ms --key-file "$WORK/key"
  on b recv t --listen "tcp://127.0.0.1:$PORT" --key-file "$WORK/key" --timeout 30s >"$WORK/out"
  cmp "$WORK/in" "$WORK/out"
  expect sender 0
}

@test "tcp: without a key it is refused, unless it is to be public" {
  free_port
  run -2 --separate-stderr setsid lswarm recv t --listen "tcp://127.0.0.1:$PORT" </dev/null
  assert_regex "$stderr" 'needs a topic key: --key-file FILE'
  spawn_on a receiver recv t --listen "tcp://127.0.0.1:$PORT" --public --ready
  await_ready receiver
  echo hello | on b send t --connect "tcp://127.0.0.1:$PORT" --public --timeout 30s
  expect receiver 0
  assert_equal "$(<"$WORK/receiver.out")" hello
}

@test "unix: a path is a meeting place of its own" {
  spawn_on a server exec t --listen "unix:$WORK/socket" --allow "$(seed_of seed)" --ready -- tr a-z A-Z
  await_ready server
  run -0 --separate-stderr on b connect t --connect "unix:$WORK/socket" --seed-file "$WORK/seed" --timeout 30s < <(echo hello)
  assert_output HELLO
  run -3 --separate-stderr on b connect t --connect "unix:$WORK/socket" --no-wait </dev/null
}

@test "tls: certificates of one CA meet" {
  command -v openssl >/dev/null || skip 'no openssl'
  free_port
  certificates
  local tls="--tls-key $WORK/peer.key --tls-cert $WORK/peer.pem --tls-ca $WORK/ca.pem"
  spawn_on a receiver recv t --listen "tls://127.0.0.1:$PORT" $tls --ready
  await_ready receiver
  echo hello | on b send t --connect "tls://127.0.0.1:$PORT" $tls --timeout 30s
  expect receiver 0
  assert_equal "$(<"$WORK/receiver.out")" hello
  run -2 --separate-stderr on b recv t --listen "tls://127.0.0.1:$PORT" --tls-key "$WORK/peer.key"
  assert_equal "$stderr" 'lswarm: --tls-key, --tls-cert and --tls-ca go together'
}

@test "after --max-retries a place is given up, and named" {
  free_port
  spawn_on a seeker join t --connect "tcp://127.0.0.1:$PORT" --retry 10ms --max-retries 2 --public -d --keep
  await_line "$WORK/seeker.err" "^lswarm: gave up tcp://127.0.0.1:$PORT: connection refused"
}

@test "what is no endpoint is refused" {
  for url in host:1 http://host:1 tcp://host tcp://host:65536 unix:; do
    run -2 --separate-stderr lswarm recv t --public --listen "$url"
    assert_regex "$stderr" '^lswarm: (an endpoint is|the place in) '
  done
  run -2 --separate-stderr lswarm recv t --retry 1s
  assert_equal "$stderr" 'lswarm: --retry goes with --connect'
}

# seed_of NAME: makes a seed file of that name, and prints its id.
seed_of() {
  (umask 077 && lswarm key new >"$WORK/$1")
  lswarm key id --seed-file "$WORK/$1"
}

# certificates: a CA, and a peer of 127.0.0.1 that it has signed.
certificates() {
  (
    cd "$WORK"
    local fresh='req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
    openssl $fresh -x509 -days 2 -subj /CN=ca -keyout ca.key -out ca.pem
    openssl $fresh -subj /CN=peer -keyout peer.key -out peer.csr
    echo subjectAltName=IP:127.0.0.1 >names
    openssl x509 -req -in peer.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out peer.pem
  ) 2>/dev/null
}

@test "beyond --max-peers nobody is met, until one has left" {
  free_port
  spawn_on a host join t --listen "tcp://127.0.0.1:$PORT" --key-file "$WORK/key" --max-peers 1 -d --keep --name host --ready -v
  await_ready host
  spawn_on b one join t --connect "tcp://127.0.0.1:$PORT" --key-file "$WORK/key" -d --keep --name one -v
  await_line "$WORK/host.err" '^lswarm: one joined$'
  spawn_on c two join t --connect "tcp://127.0.0.1:$PORT" --key-file "$WORK/key" -d --keep --name two --retry 50ms
  run -3 --separate-stderr on alice wait t --connect "tcp://127.0.0.1:$PORT" --key-file "$WORK/key" --no-wait
  kill -TERM "${PIDS[one]}"
  await_line "$WORK/host.err" '^lswarm: one left'
  await_line "$WORK/host.err" '^lswarm: two joined$'
}

# weather FAULT...: sets PROXY to a port that leads to PORT, through a network that does that.
weather() {
  spawn weather node --import "$ROOT/node_modules/tsx/dist/esm/index.mjs" "$ROOT/test/fixtures/proxy.ts" tcp "127.0.0.1:$PORT" "$@"
  await_line "$WORK/weather.out" '^[0-9]+$'
  PROXY=$(<"$WORK/weather.out")
}

# broken_by FAULT...: a stream that meets it is incomplete at both ends, and what came is the beginning of what was sent.
broken_by() {
  free_port
  weather "$@"
  head -c 3000000 /dev/urandom >"$WORK/in"
  spawn_on a sender send t "$WORK/in" --listen "tcp://127.0.0.1:$PORT" --key-file "$WORK/key" --ready
  await_ready sender
  spawn_on b receiver recv t --connect "tcp://127.0.0.1:$PROXY" --key-file "$WORK/key"
  await_exit receiver
  assert_equal "$status" 4
  await_exit sender
  assert_equal "$status" 4
  cmp -n "$(stat -c %s "$WORK/receiver.out")" "$WORK/in" "$WORK/receiver.out"
}

@test "an end that somebody on the way has made is no end of a stream" {
  broken_by fin=1000000
}

@test "a bit that somebody on the way has flipped ends a stream, and is in nobody's output" {
  broken_by flip=1000000
}

@test "a connection that is reset leaves both ends incomplete" {
  broken_by reset=1000000
}
