# Workers of a queue that cannot start commands: `load helpers/workers` after helpers/queue.

# need_namespaces: skips where mounts of our own cannot be had.
need_namespaces() {
  unshare -Urm mount -t tmpfs none /dev/shm 2>/dev/null || skip 'no user namespaces to mount in'
}

# worker_where SCRIPT NAME OPTION... -- COMMAND...: a worker with mounts of its own. Once it can be met bash runs SCRIPT there,
# and again whenever a line comes to the fifo $WORK/again, which is $1 to it.
worker_where() {
  mkfifo "$WORK/again"
  spawn "$2" unshare -Urm bash -c 'mount -t tmpfs -o size=1m none /dev/shm
    lswarm exec --queue jobs --ready "${@:3}" & pid=$!
    until [[ -s $2.err ]]; do sleep 0.02; done
    change() { eval "$1"; }
    change "$1" before && echo changed >&2
    read -r x <"${2%/*}/again" && change "$1" again && echo changed again >&2
    wait $pid' - "$1" "$WORK/$2" --name "$2" "${@:3}"
  await_line "$WORK/$2.err" '^changed$'
}

NO_ROOM='[[ $2 == again ]] && rm /dev/shm/full || ! head -c 2000000 /dev/zero >/dev/shm/full 2>&-'
NO_PROC='[[ $2 == again ]] && umount /proc || mount -t tmpfs none /proc'

# good: a worker that takes its time.
good() {
  worker good -- sh -c 'read x; sleep 0.02; echo "$x"'
}

# gives_back REASON: the worker bad cannot start anything now, and good answers all 40 records. Bad says so, and so does the sender.
gives_back() {
  good
  seq 40 >"$WORK/records"
  spawn sender lswarm send --queue jobs -n 2 --timeout 60s "$WORK/records"
  all_answered "$1"
}

# all_answered REASON: the sender has printed 1 to 40 once, and was told once by the worker bad why it gave records back.
all_answered() {
  await_exit sender
  assert_equal "$status" 0
  assert_equal "$(sort -n "$WORK/sender.out")" "$(seq 40)"
  assert_regex "$(<"$WORK/sender.err")" "^lswarm: bad is unable to start commands: $1"$
  assert_equal "$(grep -c 'unable to start commands' "$WORK/bad.err")" 1
}

# begin_with_one: a sender that has the answer to record 1; the others come when $WORK/more is there.
begin_with_one() {
  mkfifo "$WORK/records"
  spawn_stdin "$WORK/records" sender lswarm send --queue jobs --timeout 60s
  spawn mouth bash -c '{ echo 1; until [[ -e $1/more ]]; do sleep 0.02; done; seq 2 40; } >"$1/records"' - "$WORK"
  await_line "$WORK/sender.out" '^1$'
}
