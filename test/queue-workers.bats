#!/usr/bin/env bats
# Work queues: a worker that cannot start commands gives its records back; it failed, not they.

load helpers/common
load helpers/queue
load helpers/workers

setup() {
  queue_setup
}

teardown() {
  lswarm_teardown
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
