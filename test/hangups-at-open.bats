#!/usr/bin/env bats
# A terminal that hangs up in the moment in which it is opened.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/terminals

setup() {
  lswarm_setup
  export XDG_CONFIG_HOME=$WORK/config
  export TERM=xterm HANG_UP=$WORK/go
}

teardown() {
  lswarm_teardown
}

# hangs_up REDIRECTIONS ARG...: closes the window of lswarm, which leads its session, when Node opens the terminal.
hangs_up() {
  local redirections=$1
  shift
  rm -f "$HANG_UP" "$WORK/said"
  run timeout 60 python3 "$PTY" "@$HANG_UP" '' -- bash -c '
    eval "exec 2>\"$1\" $2"
    export NODE_OPTIONS="--require $3"
    shift 3
    exec "$@"' - "$WORK/said" "$redirections" "$BATS_TEST_DIRNAME/fixtures/hangs_up.cjs" lswarm "$@"
  [[ -e $HANG_UP ]] || _complain "$* opened no terminal"
  [[ $status == 129 ]] || _complain "$* ended with $status" "$WORK/said"
}

# is_silent ARG...: the same, and nothing is said.
is_silent() {
  hangs_up "$@"
  [[ ! -s $WORK/said ]] || _complain "${*:2} is not quiet" "$WORK/said"
}

@test "every verb that reads a terminal ends with 129 if it hangs up while it is opened" {
  spawn handler lswarm exec called --ready -- cat
  await_ready handler
  for verb in 'join t --plain' 'send t' 'send --queue t' 'listen t' 'connect called' 'connect --all t' 'pub t'; do
    is_silent '>/dev/null' $verb
  done
}

@test "every verb that writes to a terminal ends with 129 if it hangs up while it is opened" {
  for verb in 'recv t' 'sub t' 'join t -d' 'connect t' 'listen t' 'send --queue t' 'peers t' 'topics' 'key new' --help; do
    is_silent '</dev/null' $verb
  done
}

@test "a terminal that is named, and hangs up while it is opened, ends recv with 129" {
  is_silent '</dev/null' recv t -o /dev/tty
  is_silent '</dev/null' recv t -o /dev/stdout
}

@test "a chat and the live view end with 129 if their terminal hangs up while it is opened" {
  for verb in 'join t' 'top t'; do
    is_silent '' $verb
  done
}

@test "the question for a key ends with 129 if its terminal hangs up before it is asked" {
  is_silent '</dev/null >/dev/null' recv t --dht
  HANG_UP_AT=raw hangs_up '>/dev/null' recv t --dht
}

@test "a progress bar whose terminal hangs up while it is opened is no fault" {
  hangs_up '</dev/null >/dev/null 2>/dev/tty' recv t
}
