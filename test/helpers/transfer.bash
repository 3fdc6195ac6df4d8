# Helpers for a stream on the topic `t`: `load helpers/transfer` after helpers/common.

# transfer FILE: sends FILE to one receiver on topic t, and compares.
transfer() {
  spawn receiver lswarm recv t --timeout 60s
  run -0 --separate-stderr lswarm send t "$1" --timeout 60s
  await_exit receiver
  assert_equal "$status" 0
  cmp "$1" "$WORK/receiver.out"
}

# half FILE OPTION...: begins to send FILE on topic t, from a pipe that stays open until `whole`; the
# sender is `sender`. FILE is written once $WORK/go exists.
half() {
  mkfifo "$WORK/half"
  touch "$WORK/go"
  hold "$@"
}

# hold FILE OPTION...: the same, but $WORK/go is for the test to make.
hold() {
  [[ -p $WORK/half ]] || mkfifo "$WORK/half"
  spawn holder bash -c 'exec >"$1/half"; until [[ -e $1/go ]]; do sleep 0.02; done; cat "$2"; touch "$1/given"; exec sleep 300' - "$WORK" "$1"
  spawn_stdin "$WORK/half" sender lswarm send t "${@:2}"
}

# whole: ends what `half` began.
whole() {
  kill "${PIDS[holder]}"
}

# await_bytes FILE BYTES: waits until FILE is that long.
await_bytes() {
  _poll 30 _is_long "$1" "$2" || _complain "$1 is not $2 bytes long" "$WORK"/*.err
}

_is_long() {
  (($(stat -c %s "$1") >= $2))
}
