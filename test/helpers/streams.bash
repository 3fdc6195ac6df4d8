# Helpers for `send` and `recv` on the topic `t`: `load helpers/streams` after helpers/common.

# receiver NAME [OPTION...]: a recv on t, ready to be met.
receiver() {
  spawn "$1" lswarm recv t --ready --name "$@"
  await_ready "$1"
}

# sender NAME [OPTION...]: a send on t whose stdin stays open, ready to be met: `feed NAME FILE`, then `finish NAME`.
sender() {
  mkfifo "$WORK/$1.in"
  # Not a descriptor of this shell: every process that is started later would hold it too.
  spawn "$1.mouth" bash -c 'exec tail -f /dev/null >"$1"' _ "$WORK/$1.in"
  spawn_stdin "$WORK/$1.in" "$1" lswarm send t --ready --name "$@"
  await_ready "$1"
}

# feed NAME FILE: begins to give it bytes, once it has taken those of before. The process that does is "NAME.food".
feed() {
  [[ -z ${PIDS["$1.food"]:-} ]] || await_exit "$1.food"
  spawn "$1.food" bash -c 'exec cat "$1" >"$2"' _ "$2" "$WORK/$1.in"
}

# overwhelm RECEIVER SENDER: stops a receiver that has begun to take a stream, with more to come than there is room for.
overwhelm() {
  echo begin >"$WORK/begin"
  feed "$2" "$WORK/begin"
  await_line "$WORK/$1.out" begin
  kill -STOP "${PIDS[$1]}"
  random 30000000 "$WORK/much"
  feed "$2" "$WORK/much"
}

# finish NAME: ends its stdin, once all food is given.
finish() {
  [[ -z ${PIDS["$1.food"]:-} ]] || await_exit "$1.food"
  kill -TERM "${PIDS["$1.mouth"]}"
  await_exit "$1.mouth"
}

# expect NAME STATUS: waits for its end, which has this status.
expect() {
  await_exit "$1" 60
  assert_equal "$1: $status" "$1: $2"
}

# same NAME FILE: NAME has ended with 0, and printed exactly FILE.
same() {
  expect "$1" 0
  cmp "$2" "$WORK/$1.out"
}

# await_bytes FILE BYTES [SECONDS=30]: waits until FILE is at least that long.
await_bytes() {
  _poll "${3:-30}" _has_bytes "$1" "$2" || _complain "$1 is not $2 bytes long" "$WORK"/*.err
}

_has_bytes() {
  [[ -e $1 ]] && (($(stat -Lc %s -- "$1") >= $2))
}

# await_sockets COUNT: waits until so many sockets are in the runtime directory.
await_sockets() {
  _poll 20 _are_sockets "$1" || _complain "not $1 sockets: $(find "$LSWARM_DIR" -type s)"
}

_are_sockets() {
  (($(find "$LSWARM_DIR" -type s | wc -l) == $1))
}

# let_pass: a moment in which something must not happen.
let_pass() {
  run -124 lswarm wait nobody-at-all --timeout 1500ms
}

# random BYTES FILE: makes a file of bytes that no fault could leave as they are.
random() {
  head -c "$1" /dev/urandom >"$2"
}

# every_byte FILE: makes a file of each byte value, in both orders.
every_byte() {
  node -e 'const all = [...Array(256).keys()]; process.stdout.write(Buffer.from([...all, ...all.reverse()]))' >"$1"
}

# no_trace: nothing is left in the runtime directory.
no_trace() {
  run -0 ls -A "$LSWARM_DIR"
  assert_output ''
}

# need_small_disk: skips where `in_small_disk` cannot be had.
need_small_disk() {
  mkdir -p "$WORK/small"
  in_small_disk true 2>/dev/null || skip 'no user namespaces to mount a small disk in'
}

# in_small_disk COMMAND...: runs it where $WORK/small is a disk of 1 MiB.
in_small_disk() {
  unshare -Urm bash -c 'mount -t tmpfs -o size=1m none "$1" && shift && exec "$@"' _ "$WORK/small" "$@"
}

# temporaries DIRECTORY: prints what an unfinished -o has left there.
temporaries() {
  find "$1" -maxdepth 1 -name '*.lswarm'
}
