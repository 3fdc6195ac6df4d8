# Helpers of the bats files about --dht: `load helpers/network` after common; it has their setup and teardown.

setup() {
  lswarm_setup
  # Two machines: what they share is the network.
  mkdir -m 700 "$WORK/a" "$WORK/b" "$WORK/c" "$WORK/alice" "$WORK/bob"
  (umask 077 && lswarm key new >"$WORK/key")
}

teardown() {
  lswarm_teardown
}

# network: starts the first node, and sets NETWORK to the options that reach it with the key.
network() {
  spawn first lswarm bootstrap --host 127.0.0.1 --port 0
  await_line "$WORK/first.out" '^--bootstrap '
  NODE=$(<"$WORK/first.out")
  NETWORK="--dht $NODE --key-file $WORK/key"
}

# on MACHINE ARG...: runs lswarm there.
on() {
  LSWARM_DIR=$WORK/$1 lswarm "${@:2}"
}

# spawn_on MACHINE NAME ARG...: starts lswarm there.
spawn_on() {
  spawn "$2" env "LSWARM_DIR=$WORK/$1" lswarm "${@:3}"
}

# await_peers COUNT MACHINE ARG...: asks `peers` there until it sees so many; then `lines` are what it printed.
# Who looks once, on a machine that is busy, may be done before a distant peer has answered.
await_peers() {
  _poll 60 _sees "$@" || fail "${lines[*]} $stderr"
}

_sees() {
  run --separate-stderr on "$2" peers t "${@:3}"
  ((${#lines[@]} > $1))
}
