# Rooms with a stopped peer: `load helpers/stopped` after helpers/rooms.

# beside_stopped OPTION...: alice and carol listen, writer has them both and an open stdin, then carol is stopped.
beside_stopped() {
  listen alice
  listen carol --verbose
  talk writer --json "$@"
  await_line "$WORK/writer.out" '"event":"join".*"name":"alice"'
  await_line "$WORK/writer.out" '"event":"join".*"name":"carol"'
  kill -STOP "${PIDS[carol]}"
}

# pour COUNT: so many lines of 1000 bytes into writer's stdin; returns when writer has read nearly all of them.
pour() {
  lines_of writer "$1" 1000 >"$WORK/in"
  cat "$WORK/in" 1<>"$WORK/writer.in"
}

# await_end: the end of writer, and of all that carol has of it.
await_end() {
  hush writer
  await_exit writer
  assert_equal "$status" 0
  await_line "$WORK/carol.err" '^lswarm: writer left$'
}

# missed_lines: how many lines carol was told that she missed.
missed_lines() {
  awk '/^lswarm: missed [0-9]+ lines? from writer$/ { sum += $3 } END { print sum + 0 }' "$WORK/carol.err"
}
