#!/usr/bin/env bats
# What we share with other programs stays as it was.

load helpers/common

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# flags NAME FD: the open flags of a descriptor of a running command, octal.
flags() {
  sed -n 's/^flags:\s*//p' "/proc/${PIDS[$1]}/fdinfo/$2"
}

@test "a pipe on stdin or stdout is not made non-blocking for everyone who shares it" {
  [[ -d /proc/self/fdinfo ]] || skip 'no /proc'
  mkfifo "$WORK/in" "$WORK/out"
  exec {IN}<>"$WORK/in" {OUT}<>"$WORK/out"
  for verb in send recv join listen; do
    spawn "$verb" bash -c 'exec "$@" <"$0/in" >"$0/out"' "$WORK" lswarm "$verb" "t-$verb" --ready
    await_ready "$verb"
    (((8#$(flags "$verb" 0) & 8#4000) == 0))
    (((8#$(flags "$verb" 1) & 8#4000) == 0))
  done
}
