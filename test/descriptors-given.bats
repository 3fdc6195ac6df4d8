#!/usr/bin/env bats
# Only descriptors that lswarm was started with are used, and only for what they are open for. Node has others open.

load helpers/common
load helpers/streams

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# each_closed STATUS MESSAGE COMMAND...: runs COMMAND, with each N from 3 to 30 for @, where none of them is open.
each_closed() {
  local wanted=$1 message=$2 first number
  shift 2
  for first in 3 10 17 24; do
    for ((number = first; number < first + 7; number++)); do
      spawn "$number" bash -c 'for fd in {3..30}; do eval "exec $fd>&-"; done; exec "$@"' _ "${@//@/$number}"
    done
    for ((number = first; number < first + 7; number++)); do
      expect "$number" "$wanted"
      assert_equal "$(<"$WORK/$number.err")" "lswarm: ${message//@/$number}"
    done
  done
  no_trace
}

# both_ends BLOCKING COMMAND...: runs COMMAND with both ends of a pipe on 8 (to read) and 9 (to write), and prints
# what was written.
both_ends() {
  python3 -c '
import os, subprocess, sys
ends = os.pipe()
for end in ends:
    os.set_blocking(end, sys.argv[1] == "blocking")
# Above the numbers that are wanted, so that no dup2 closes one of them.
high = [os.dup2(end, 20 + at) for at, end in enumerate(ends)]
for at, end in enumerate(high):
    os.dup2(end, 8 + at)
status = subprocess.call(sys.argv[2:], pass_fds=(8, 9))
os.set_blocking(8, False)
try:
    sys.stdout.write(os.read(8, 1000).decode())
except BlockingIOError:
    pass
sys.exit(status)' "$@"
}

# wrong_stdin STATUS COMMAND...: it is refused where stdin is open for writing only, before anybody is met.
wrong_stdin() {
  local wanted=$1
  shift
  run "-$wanted" --separate-stderr bash -c 'exec "$@" 0>"$0"' "$WORK/file" "$@" --ready --timeout 20s
  assert_equal "$stderr" 'lswarm: cannot read the input: stdin is open for writing only'
}

# wrong_stdout STATUS COMMAND...: the same of a stdout that is open for reading only.
wrong_stdout() {
  local wanted=$1
  shift
  run "-$wanted" --separate-stderr bash -c 'exec "$@" 1</dev/null' _ "$@"
  assert_equal "$stderr" 'lswarm: cannot write the output: stdout is open for reading only'
}

# --- Not open

@test "send takes no descriptor that was not given to it" {
  each_closed 1 'cannot open /dev/fd/@: descriptor @ is not open' lswarm send t --ready --no-wait /dev/fd/@
}

@test "recv -o takes no descriptor that was not given to it" {
  each_closed 1 'cannot write /dev/fd/@: descriptor @ is not open' lswarm recv t --ready --no-wait -o /dev/fd/@
}

@test "--ready-fd takes no descriptor that was not given" {
  each_closed 2 '--ready-fd: descriptor @ is not open' lswarm wait t --no-wait --ready-fd @
}

@test "--key-fd and --key-file take no descriptor that was not given" {
  each_closed 2 '--key-fd: descriptor @ is not open' lswarm peers t --key-fd @ --connect tcp://127.0.0.1:9
  each_closed 2 'cannot read /dev/fd/@: descriptor @ is not open' \
    lswarm peers t --key-file /dev/fd/@ --connect tcp://127.0.0.1:9
}

@test "--seed-file takes no descriptor that was not given" {
  each_closed 2 'cannot read /dev/fd/@: descriptor @ is not open' lswarm key id --seed-file /dev/fd/@
}

@test "--allow and --deny take no descriptor that was not given" {
  for option in --allow --deny; do
    each_closed 2 "$option: takes an id of 64 hex digits, or a file of them, not \"/dev/fd/@\" (descriptor @ is not open)" \
      lswarm peers t --public --connect tcp://127.0.0.1:9 "$option" /dev/fd/@
  done
}

@test "--tls-key, --tls-cert and --tls-ca take no descriptor that was not given" {
  each_closed 2 'cannot read /dev/fd/@: descriptor @ is not open' \
    lswarm recv t --listen tls://127.0.0.1:1 --tls-key /dev/fd/@ --tls-cert "$WORK/none" --tls-ca "$WORK/none"
  : >"$WORK/file"
  for number in 3 4 6 7; do
    for files in "$WORK/file /dev/fd/$number $WORK/none" "$WORK/file $WORK/file /dev/fd/$number"; do
      read -r key cert ca <<<"$files"
      run -2 --separate-stderr bash -c 'exec "$@" 3>&- 4>&-' _ \
        lswarm recv t --listen tls://127.0.0.1:1 --tls-key "$key" --tls-cert "$cert" --tls-ca "$ca"
      assert_equal "$stderr" "lswarm: cannot read /dev/fd/$number: descriptor $number is not open"
    done
  done
}

@test "every other name of such a descriptor is refused too" {
  ln -s /dev/fd/6 "$WORK/link"
  for name in /proc/self/fd/6 /proc/thread-self/fd/6 "$WORK/link"; do
    run -1 --separate-stderr lswarm recv t --ready --no-wait -o "$name"
    assert_equal "$stderr" "lswarm: cannot write $name: descriptor 6 is not open"
    run -1 --separate-stderr lswarm send t --ready --no-wait "$name"
    assert_equal "$stderr" "lswarm: cannot open $name: descriptor 6 is not open"
  done
  no_trace
}

# --- Open

@test "a descriptor that was given is used, whichever number it has" {
  for number in {3..30}; do
    run -3 --separate-stderr bash -c 'eval "exec $1> >(cat >\"\$2\")"; lswarm wait t --no-wait --ready-fd "$1"; code=$?
      eval "exec $1>&-"; wait $!; exit $code' _ "$number" "$WORK/$number"
    assert_equal "$stderr" 'lswarm: 0 peers there'
    assert_regex "$(<"$WORK/$number")" '^ready: t as '
  done
}

@test "streams pass through pipes with numbers that Node would take" {
  for number in 5 6 7 8 11 12; do
    spawn one bash -c 'eval "exec $1> >(cat >\"\$2\")"; lswarm recv t --ready -o "/dev/fd/$1"; code=$?
      eval "exec $1>&-"; wait $!; exit $code' _ "$number" "$WORK/got"
    await_ready one
    run -0 --separate-stderr bash -c 'eval "exec $1< <(echo hello)"; lswarm send t "/dev/fd/$1"' _ "$number"
    expect one 0
    assert_equal "$(<"$WORK/got")" hello
  done
}

@test "a pipe of which both ends were left open by the parent is used" {
  run -3 --separate-stderr both_ends blocking lswarm wait t --no-wait --ready-fd 9
  assert_equal "$stderr" 'lswarm: 0 peers there'
  assert_regex "$output" '^ready: t as '
}

# --- Open the wrong way

@test "a stdin that is open for writing only is refused by every verb that reads it" {
  for verb in send 'send --queue' join pub listen; do
    # shellcheck disable=SC2086
    wrong_stdin 1 lswarm ${verb%% *} t ${verb#"${verb%% *}"}
  done
  wrong_stdin 255 lswarm connect t
  wrong_stdin 255 lswarm connect t --all
  no_trace
}

@test "a stdout that is open for reading only is refused by every verb that writes to it" {
  for verb in recv 'recv -o -' join sub listen 'send --queue'; do
    # shellcheck disable=SC2086
    wrong_stdout 1 lswarm ${verb%% *} t ${verb#"${verb%% *}"} --ready --timeout 20s
  done
  wrong_stdout 255 lswarm connect t --ready --timeout 20s
  wrong_stdout 255 lswarm connect t --all --ready --timeout 20s
  for verb in 'peers t' topics 'top t --once' 'bootstrap --host 127.0.0.1 --port 0'; do
    # shellcheck disable=SC2086
    wrong_stdout 1 lswarm $verb --timeout 20s
  done
  no_trace
}

@test "id new makes no identity where stdout is open for reading only" {
  export XDG_CONFIG_HOME=$WORK/config
  mkdir -m 700 "$WORK/config"
  wrong_stdout 1 lswarm id new me
  run -0 find "$WORK/config" -name 'me*'
  assert_output ''
}

@test "a descriptor that is open the wrong way is refused by its name" {
  : >"$WORK/file"
  run -1 --separate-stderr lswarm recv t --ready --timeout 20s -o /dev/fd/7 7<"$WORK/file"
  assert_equal "$stderr" 'lswarm: cannot write /dev/fd/7: descriptor 7 is open for reading only'
  run -1 --separate-stderr bash -c 'exec lswarm recv t --ready --timeout 20s -o /dev/stdout 1<"$1"' _ "$WORK/file"
  assert_equal "$stderr" 'lswarm: cannot write /dev/stdout: stdout is open for reading only'
  run -1 --separate-stderr lswarm send t --ready --timeout 20s /dev/fd/7 7>"$WORK/file"
  assert_equal "$stderr" 'lswarm: cannot open /dev/fd/7: descriptor 7 is open for writing only'
  run -1 --separate-stderr lswarm send t --ready --timeout 20s /dev/stdin 0>"$WORK/file"
  assert_equal "$stderr" 'lswarm: cannot open /dev/stdin: stdin is open for writing only'
  run -2 --separate-stderr lswarm wait t --no-wait --ready-fd 7 7<"$WORK/file"
  assert_equal "$stderr" 'lswarm: --ready-fd: descriptor 7 is open for reading only'
  run -2 --separate-stderr lswarm peers t --connect tcp://127.0.0.1:9 --key-fd 7 7>"$WORK/file"
  assert_equal "$stderr" 'lswarm: --key-fd: descriptor 7 is open for writing only'
  run -2 --separate-stderr lswarm key id --seed-file /dev/fd/7 7>"$WORK/file"
  assert_equal "$stderr" 'lswarm: cannot read /dev/fd/7: descriptor 7 is open for writing only'
  no_trace
}

@test "descriptors that a verb does not use may be open the wrong way" {
  echo hello >"$WORK/in"
  receiver one
  run -0 --separate-stderr bash -c 'exec lswarm send t "$1" 0>"$2" 1</dev/null' _ "$WORK/in" "$WORK/file"
  assert_equal "$stderr" ''
  same one "$WORK/in"
  spawn one bash -c 'exec lswarm recv t --ready -o "$1" 0>"$2" 1</dev/null' _ "$WORK/got" "$WORK/file"
  await_ready one
  run -0 --separate-stderr lswarm send t "$WORK/in"
  expect one 0
  cmp "$WORK/in" "$WORK/got"
}
