# Helpers for two machines, a and b, with a cable between them that has faults: `load helpers/cable` after helpers/common
# and helpers/network, whose setup and teardown it replaces.

setup() {
  lswarm_setup
  mkdir -m 700 "$WORK/a" "$WORK/b"
  (umask 077 && lswarm key new >"$WORK/key")
  KEY="--key-file $WORK/key"
  NET=lb$$
  [[ -w /dev/net/tun ]] || skip 'no /dev/net/tun here'
  { ip netns add "${NET}a" && ip netns add "${NET}b"; } 2>/dev/null || skip 'no network namespaces here'
}

teardown() {
  [[ -z ${WORK:-} ]] || lswarm_teardown
  ip netns del "${NET}a" 2>/dev/null || true
  ip netns del "${NET}b" 2>/dev/null || true
}

# cable FAULT...: lays it between the machines a (10.98.0.1) and b (10.98.0.2).
cable() {
  spawn cable python3 "$BATS_TEST_DIRNAME/fixtures/bad_cable.py" "${NET}a" "${NET}b" "$@"
  await_line "$WORK/cable.out" '^ready$'
  plug a 10.98.0.1
  plug b 10.98.0.2
}

# plug MACHINE ADDRESS
plug() {
  ip -n "$NET$1" link set lo up
  ip -n "$NET$1" address replace "$2/24" dev cable
  ip -n "$NET$1" link set cable up
}

# spawn_at MACHINE NAME COMMAND...
spawn_at() {
  spawn "$2" ip netns exec "$NET$1" env "LSWARM_DIR=$WORK/$1" "${@:3}"
}

# bootstrap: on the machine a, the first node of a network of their own.
bootstrap() {
  spawn_at a node lswarm bootstrap --host 10.98.0.1 --port 49737
  await_line "$WORK/node.out" '^--bootstrap'
}

# carries BYTES RECV-OPTIONS SEND-OPTIONS: a stream goes from b to a, and is the same there.
carries() {
  head -c "$1" /dev/urandom >"$WORK/sent"
  # shellcheck disable=SC2086
  spawn_at a receiver lswarm recv t $KEY $2
  # shellcheck disable=SC2086
  spawn_at b sender lswarm send t "$WORK/sent" $KEY $3
  await_exit sender 120
  assert_equal "$status" 0
  await_exit receiver 60
  assert_equal "$status" 0
  cmp "$WORK/sent" "$WORK/receiver.out"
}
