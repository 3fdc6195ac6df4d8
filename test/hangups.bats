#!/usr/bin/env bats
# A terminal that is gone: its end is not Ctrl-D, and it crashes nothing.
bats_require_minimum_version 1.5.0
load helpers/common
load helpers/terminals

setup() {
  lswarm_setup
  export XDG_CONFIG_HOME=$WORK/config
  export TERM=xterm
}

teardown() {
  lswarm_teardown
}

# unsignalled STEP... -- ARG...: runs lswarm on a terminal whose shell keeps the hangup to itself, and sets `status`
# to that of lswarm. What it says on stderr is in $WORK/said.
unsignalled() {
  local steps=()
  while [[ $1 != -- ]]; do
    steps+=("$1")
    shift
  done
  shift
  rm -f "$WORK/status"
  python3 "$PTY" "${steps[@]}" -- bash -c '
    trap : HUP
    status=$1 said=$2
    shift 2
    "$@" 2>"$said"
    echo $? >"$status"
  ' - "$WORK/status" "$WORK/said" lswarm "$@" || true
  _poll 20 test -s "$WORK/status"
  status=$(<"$WORK/status")
}

@test "what is typed to send when the window is closed is no file at the receiver" {
  spawn receiver lswarm recv t -o "$WORK/got" --ready
  await_ready receiver
  when_has "$WORK/.got.*.lswarm" half
  unsignalled "@$WORK/said" $'half a message\n' "@$WORK/go" '' -- send t --ready
  assert_equal "$status" 129
  await_exit receiver
  assert_equal "$status" 4
  assert_regex "$(<"$WORK/receiver.err")" 'broke off after 15 bytes: interrupted by SIGHUP'
  assert [ ! -e "$WORK/got" ]
}

@test "what is typed to send, then Ctrl-D, is a file at the receiver" {
  spawn receiver lswarm recv t -o "$WORK/got" --ready
  await_ready receiver
  unsignalled "@$WORK/said" $'a message\n\004' -- send t --ready
  assert_equal "$status" 0
  await_exit receiver
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/got")" 'a message'
}

@test "what is typed to connect when the window is closed is not taken for all of it" {
  spawn handler lswarm exec t --ready -- sh -c 'cat >"$1"; echo all of it >"$2"' - "$WORK/got" "$WORK/committed"
  await_ready handler
  when_has "$WORK/got" half
  unsignalled "@$WORK/said" $'half\n' "@$WORK/go" '' -- connect t --ready
  assert_equal "$status" 129
  assert [ ! -e "$WORK/committed" ]
}

# ends_with_its_window ARG...: closes the window of a verb that waits, as its only process.
ends_with_its_window() {
  : >"$WORK/said"
  run python3 "$PTY" "@$WORK/said" '' -- bash -c 'exec 2>"$1"; shift; exec "$@"' - "$WORK/said" lswarm "$@"
  [[ $status == 129 ]] || _complain "$* ended with $status" "$WORK/said"
  ! grep -vE '^lswarm: (ready:|waiting for|type) ?' "$WORK/said" || _complain "$* is not quiet" "$WORK/said"
}

@test "every verb that waits ends with 129 when its window is closed, and says nothing more" {
  for verb in 'join t --plain' 'join t -d' 'send t' 'send --queue t' 'recv t' 'listen t' 'connect t' 'connect --all t' \
    'pub t' 'sub t' 'wait t'; do
    ends_with_its_window $verb --ready
  done
}

@test "exec ends with 129 when its window is closed, and ends its commands" {
  ends_with_its_window exec t --ready -- cat
  ends_with_its_window exec --queue t --ready -- cat
}

@test "a chat and the live view end by SIGHUP when their window is closed" {
  for verb in 'join t' 'top t'; do
    run -129 python3 "$PTY" "t" '' -- lswarm $verb
  done
}

# reads_a_lost_terminal INPUT OUTPUT ARG...: with a closed window as stdin, or as stdout, from the start.
reads_a_lost_terminal() {
  run --separate-stderr python3 "$BATS_TEST_DIRNAME/fixtures/lost_terminal.py" "$@"
  [[ $status == 129 ]] || _complain "${*:2} on a lost terminal as $1 ended with $status"
  assert_equal "$stderr" ''
}

@test "a closed window as stdin or stdout ends a verb with 129 at once" {
  spawn receiver lswarm join t -d --ready
  spawn handler lswarm exec t --ready -- cat
  await_ready receiver
  await_ready handler
  for verb in 'send t' 'pub t' 'join t --plain' 'connect t' 'listen t' 'send --queue t' 'connect --all t'; do
    reads_a_lost_terminal stdin lswarm $verb
  done
  for verb in 'recv t' 'sub t' 'join t -d' 'connect t' 'peers t' topics 'key new' 'id new a' limits --help help --version; do
    reads_a_lost_terminal stdout lswarm $verb
  done
}

# outlives_its_window LINE: types LINE, which starts an exec in the background, closes the window, and calls it.
outlives_its_window() {
  : >"$WORK/said"
  python3 "$PTY" '$ ' "$1 2>'$WORK/said' &"$'\ndisown\n' "@$WORK/said" '' -- env PS1='$ ' bash --norc -i >/dev/null || true
  run -0 --separate-stderr lswarm connect t --timeout 20s < <(echo still here)
  assert_output 'still here'
}

@test "setsid keeps an exec when its window is closed, as the manual says" {
  outlives_its_window 'setsid lswarm exec --once t --ready -- cat'
}

@test "disown keeps an exec when its window is closed, as the manual says" {
  outlives_its_window 'lswarm exec --once t --ready -- cat'
}

@test "the first process of a container, which its own signals do not end, ends with 128+n" {
  unshare -Urpf --mount-proc true 2>/dev/null || skip 'no namespaces here'
  spawn first unshare -Urpf --mount-proc --kill-child lswarm recv t --ready
  await_ready first
  kill -TERM $(</proc/${PIDS[first]}/task/${PIDS[first]}/children)
  await_exit first
  assert_equal "$status" 143
}
