#!/usr/bin/env bats
# A stdout that takes nothing (/dev/full) fails every verb that prints: status 1, and one line on stderr.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
  [[ -c /dev/full ]] || skip 'no /dev/full'
  export XDG_CONFIG_HOME=$WORK/config
}

teardown() {
  lswarm_teardown
}

FULL='cannot write the output: no space left on device'

# onto_full COMMAND...: runs it with /dev/full as stdout.
onto_full() {
  "$@" >/dev/full
}

# fails_full VERB...: that lswarm fails on a full stdout, and says why in one line.
fails_full() {
  run -1 --separate-stderr onto_full lswarm "$@"
  assert_equal "$stderr" "lswarm: $FULL"
}

@test "what is printed of the program itself fails on a full stdout" {
  local verb
  for verb in --help -h help 'send --help' 'help send' --version -V 'send --version' limits 'completion bash' 'completion zsh' 'completion fish'; do
    # shellcheck disable=SC2086
    fails_full $verb
  done
}

@test "help VERB fails on a full stdout with man and without" {
  command -v man >/dev/null || skip 'man is not installed'
  mkdir "$WORK/stubs"
  printf '#!/bin/sh\necho "the page of $1"\nexit 0\n' >"$WORK/stubs/man"
  chmod +x "$WORK/stubs/man"
  PATH=$WORK/stubs:$PATH run -0 --separate-stderr lswarm help send
  assert_output --partial 'the page of'
  PATH=$WORK/stubs:$PATH fails_full help send
  printf '#!/bin/sh\nexit 3\n' >"$WORK/stubs/man"
  PATH=$WORK/stubs:$PATH fails_full help send
}

@test "a key that goes nowhere is not status 0" {
  fails_full key new
  fails_full key word
  (umask 077 && lswarm key new >"$WORK/seed")
  fails_full key id --seed-file "$WORK/seed"
}

@test "an identity that was made and not printed is not status 0, and says that it was made" {
  run -1 --separate-stderr onto_full lswarm id new server
  assert_equal "$stderr" "lswarm: $FULL; the identity is made, and lswarm id show server prints its key"
  run -0 --separate-stderr lswarm id show server
  assert_regex "$output" '^key:'
  fails_full id show server
  fails_full id show
  fails_full id list
  run -1 --separate-stderr onto_full lswarm id list --json
  assert_equal "$stderr" "{\"level\":\"error\",\"message\":\"$FULL\",\"code\":\"OUTPUT\",\"status\":1}"
}

@test "the verbs that look fail on a full stdout, whoever is there" {
  local verb
  for verb in 'peers t' topics 'top --once' 'top t --once' top 'id list'; do
    # shellcheck disable=SC2086
    fails_full $verb
  done
  spawn peer lswarm join t -d --keep --ready
  await_ready peer
  for verb in 'peers t' topics 'top --once' 'top t --once' top; do
    # shellcheck disable=SC2086
    fails_full $verb
  done
  for verb in 'peers t' topics 'top --once' top; do
    # shellcheck disable=SC2086
    run -1 --separate-stderr onto_full lswarm $verb --json
    assert_equal "$stderr" "{\"level\":\"error\",\"message\":\"$FULL\",\"code\":\"OUTPUT\",\"status\":1}"
  done
}

@test "a stdout that is not open for writing fails them too" {
  local verb
  for verb in --help --version 'key new' limits 'peers t' topics 'id list'; do
    # shellcheck disable=SC2086
    run -1 --separate-stderr bash -c 'lswarm "$@" 1</dev/null' _ $verb
    assert_equal "$stderr" 'lswarm: cannot write the output: stdout is open for reading only'
  done
}

@test "a reader that has enough of what is printed is no failure" {
  local verb
  for verb in --help 'help send' --version 'key new' limits 'completion zsh'; do
    # shellcheck disable=SC2086
    run -0 --separate-stderr bash -o pipefail -c 'lswarm "$@" | true' _ $verb
    assert_equal "$stderr" ''
  done
}

@test "join, sub, connect, listen, recv and send --queue fail on a full stdout" {
  spawn join onto_full lswarm join t-join --ready
  spawn sub onto_full lswarm sub t-sub --ready
  spawn listen onto_full lswarm listen t-listen --ready
  spawn recv onto_full lswarm recv t-recv --ready
  spawn handler lswarm exec t-connect --ready -- echo hello
  spawn worker lswarm exec t-queue --queue --ready -- cat
  for name in join sub listen recv handler worker; do await_ready "$name"; done
  echo hello >"$WORK/in"
  run lswarm join t-join <"$WORK/in"
  run -0 lswarm pub t-sub hello
  run -1 lswarm connect t-listen <"$WORK/in"
  run -4 lswarm send t-recv <"$WORK/in"
  for name in join sub listen recv; do
    expect "$name" 1
    assert_equal "$(grep -v ready "$WORK/$name.err")" "lswarm: $FULL"
  done
  run -255 --separate-stderr onto_full lswarm connect t-connect </dev/null
  assert_equal "$stderr" "lswarm: $FULL"
  run -1 --separate-stderr onto_full lswarm send t-queue --queue "$WORK/in"
  assert_equal "$stderr" "lswarm: $FULL"
}

@test "bootstrap fails on a full stdout, and does not stay" {
  fails_full bootstrap --host 127.0.0.1 --port 0
}

@test "--ready-fd on a descriptor that takes nothing fails, whoever waits for it" {
  run -1 --separate-stderr bash -c 'lswarm join t -d --timeout 20s --ready-fd 3 3>/dev/full'
  assert_equal "$stderr" 'lswarm: --ready-fd: cannot write to descriptor 3: no space left on device'
  no_trace
}
