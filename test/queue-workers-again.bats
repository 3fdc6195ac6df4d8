#!/usr/bin/env bats
# Work queues: workers on odd machines, and workers that can start commands again.

load helpers/common
load helpers/queue
load helpers/workers

setup() {
  queue_setup
}

teardown() {
  lswarm_teardown
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
