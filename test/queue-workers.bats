#!/usr/bin/env bats
# Work queues: a worker that cannot start commands gives its records back; it failed, not they.

load helpers/common
load helpers/queue

setup() {
  queue_setup
}

teardown() {
  lswarm_teardown
}

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

@test "a worker without room in /dev/shm gives its records back" {
  need_namespaces
  worker_where "$NO_ROOM" bad --max 2 -- cat
  gives_back 'no space left on device'
}

@test "a worker whose /proc went away gives its records back" {
  need_namespaces
  worker_where "$NO_PROC" bad --max 2 -- cat
  gives_back 'a shell cannot open its record in /proc'
}

@test "a worker whose /proc went away under its shells gives its records back" {
  need_namespaces
  worker_where '[[ $2 == before ]] || mount -t tmpfs none /proc' bad -- cat
  begin_with_one
  echo >"$WORK/again"
  await_line "$WORK/bad.err" '^changed again$'
  good
  : >"$WORK/more"
  all_answered 'a shell cannot open its record in /proc'
}

@test "a worker without free descriptors gives its records back" {
  [[ $(type -P prlimit) ]] || skip 'no prlimit to take descriptors away with'
  worker bad --max 2 -- cat
  begin_with_one
  prlimit --pid "${PIDS[bad]}" --nofile=10:
  good
  : >"$WORK/more"
  all_answered 'too many open files'
}

@test "a worker without processes gives its records back" {
  ((UID > 0)) || skip 'root may start as many processes as it likes'
  [[ $(type -P prlimit) ]] || skip 'no prlimit to take processes away with'
  worker bad --max 2 -- cat
  prlimit --pid "${PIDS[bad]}" --nproc=1:
  gives_back '.*'
}

@test "a worker whose command was removed gives its records back" {
  cp "$(type -P cat)" "$WORK/command"
  worker bad --max 2 -- "$WORK/command"
  rm "$WORK/command"
  gives_back '.*/command: command not found'
}

@test "a worker with streams whose command was removed gives its records back" {
  cp "$(type -P cat)" "$WORK/command"
  worker_without_shells bad --max 2 -- "$WORK/command"
  rm "$WORK/command"
  gives_back '.*/command: command not found'
}

@test "a worker in another pid namespace than its /proc answers all the same" {
  # As root without a user namespace, for there /proc/1 is open to it, and is somebody else.
  local -a own=(unshare -Urpf)
  unshare -pf true 2>/dev/null && own=(unshare -pf)
  "${own[@]}" true 2>/dev/null || skip 'no pid namespaces'
  spawn one "${own[@]}" lswarm exec --queue jobs --ready --name one -- cat
  await_ready one
  run -0 --separate-stderr lswarm send --queue jobs --timeout 60s < <(seq 3)
  assert_output "$(seq 3)"
  kill -KILL -- "-${PIDS[one]}"
}

@test "a worker with a full /dev/shm from the start answers all the same" {
  need_namespaces
  spawn one unshare -Urm bash -c 'mount -t tmpfs -o size=64k none /dev/shm; head -c 100000 /dev/zero >/dev/shm/full 2>&-
    exec lswarm exec --queue jobs --ready --name one -- cat'
  await_ready one
  run -0 --separate-stderr lswarm send --queue jobs --timeout 60s < <(seq 3)
  assert_output "$(seq 3)"
}

@test "a worker that can start commands again takes records again" {
  need_namespaces
  worker_where "$NO_ROOM" bad --max 2 -- cat
  seq 40 >"$WORK/records"
  spawn sender lswarm send --queue jobs --timeout 60s "$WORK/records"
  await_line "$WORK/sender.err" 'no space left on device$'
  echo >"$WORK/again"
  all_answered 'no space left on device'
}

@test "when no worker can start commands the records have failed, with status 4 and the reason" {
  local name
  for name in one two; do
    cp "$(type -P cat)" "$WORK/$name.command"
    worker "$name" -- "$WORK/$name.command"
    rm "$WORK/$name.command"
  done
  mkfifo "$WORK/records"
  # More may come: it is not waited for.
  spawn_stdin "$WORK/records" sender lswarm send --queue jobs -n 2 --ordered
  spawn mouth bash -c 'exec 5>"$1"; seq 30 >&5; exec tail -f /dev/null' - "$WORK/records"
  await_exit sender
  assert_equal "$status" 4
  assert_equal "$(<"$WORK/sender.out")" ''
  assert_equal "$(grep -c 'is unable to start commands' "$WORK/sender.err")" 3
  assert_regex "$(tail -n 1 "$WORK/sender.err")" \
    '^lswarm: failed: record 1 \((one|two) is unable to start commands: [^)]*command not found\), .* and 11 more$'
}

@test "a worker that is hung up gives its records back, and takes new ones" {
  worker one -- "$WORK/staged" started "$WORK"
  sender 's1'
  await_files started.s1
  kill -HUP "${PIDS[one]}"
  await_line "$WORK/sender.err" '^lswarm: one is ending its commands \(SIGHUP\)$'
  go s1
  answered s1
}

@test "a command with pipes whose shell was lost is not taken for done" {
  worker_with_pipes one -- sh -c 'kill -9 "$PPID"'
  sender s1
  await_exit sender
  assert_equal "$status" 4
  assert_regex "$(<"$WORK/sender.err")" 'failed: record 1 '
}
