# A topic of Hyperswarm's and programs on it: `load helpers/raw` after helpers/common; it has their setup and teardown.

setup() {
  lswarm_setup
  TOPIC=$(node -p "require('crypto').randomBytes(32).toString('hex')")
  spawn first lswarm bootstrap --host 127.0.0.1 --port 0
  await_line "$WORK/first.out" '^--bootstrap '
  NODE=$(<"$WORK/first.out")
  RAW="hex:$TOPIC --raw --dht $NODE --timeout 60s"
}

teardown() {
  lswarm_teardown
}

# program NAME ROLE DEED [WHAT]: starts one, that somebody else wrote.
program() {
  spawn "$1" node "$ROOT/test/fixtures/hyperswarm-program.mjs" "${NODE#--bootstrap }" "$TOPIC" "${@:2}"
}
