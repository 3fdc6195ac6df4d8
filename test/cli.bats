#!/usr/bin/env bats
# The command line: words that are refused, --ready, and default names.

load helpers/common
load helpers/rooms
load helpers/refusals

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# --- Wrong words

@test "an unknown verb is status 2, with the verb that was meant" {
  refused jion room
  assert_equal "$line" 'lswarm: unknown verb "jion", did you mean join?; see lswarm --help'
  refused peer room
  assert_regex "$line" 'did you mean peers\?'
  refused JOIN room
  refused '' room
  refused something-else
  refute_regex "$line" 'did you mean'
}

@test "an unknown option is status 2, with the option that was meant" {
  refused join room --timeuot 1s
  assert_equal "$line" 'lswarm: join has no option --timeuot, did you mean --timeout?; see lswarm join --help'
  refused join room --lingr 1s
  assert_regex "$line" 'did you mean --linger\?'
  refused join room --something-else
  refute_regex "$line" 'did you mean'
  refused join room -x
  assert_equal "$line" 'lswarm: join has no option -x; see lswarm join --help'
}

@test "an option of another verb is unknown" {
  refused peers room --slow drop
  refused limits --name x
  refused topics -n 1
}

@test "an option before the verb is status 2" {
  refused --quiet join room
  assert_regex "$line" 'the verb comes first'
  refused --verison
  assert_regex "$line" 'did you mean --version\?'
}

@test "an option without its value is status 2, and names the option" {
  local option
  for option in --timeout --name --count --to --slow --linger --prefix --dir --ready-fd; do
    refused join room "$option"
    assert_regex "$line" "^lswarm: $option takes "
    # A prefix may be empty: test/option-values.bats.
    [[ $option != --prefix ]] || continue
    refused join room "$option="
    assert_regex "$line" "^lswarm: $option takes "
    refused join room "$option" ''
    assert_regex "$line" "^lswarm: $option takes "
  done
}

@test "an option given twice is status 2, and names the option" {
  refused join room --timeout 1s --timeout 2s
  assert_equal "$line" 'lswarm: --timeout is given twice'
  refused join room -n 1 --count 2
  assert_equal "$line" 'lswarm: --count is given twice'
  refused join room --name a --name a
  assert_equal "$line" 'lswarm: --name is given twice'
}

@test "a switch with a value is status 2, and names the switch" {
  refused join room --keep=no
  assert_equal "$line" 'lswarm: --keep takes no value'
  refused join room --ready=false
  refused join room -d=true
  refused join room --no-keep
}

@test "an operand too few or too many is status 2" {
  refused join
  assert_equal "$line" 'lswarm: join takes a TOPIC'
  refused wait
  refused join room another
  assert_equal "$line" 'lswarm: join does not take "another"'
  refused peers room another
  refused topics room
  refused limits room
}

@test "a usage error makes nothing, and leaves stdin alone" {
  run -0 --separate-stderr bash -c 'echo one | { lswarm join room --timeout 0; echo "status $?"; cat; }'
  assert_output $'status 2\none'
  run -0 ls -A "$LSWARM_DIR"
  assert_output ''
}

# --- What --ready says, and default names

@test "--ready-fd writes the line to that descriptor, and closes it" {
  mkfifo "$WORK/fifo"
  spawn alice bash -c 'exec lswarm join room -d --name alice --ready-fd 7 7>"$1"' _ "$WORK/fifo"
  # cat ends because it is closed: alice goes on.
  run -0 --separate-stderr cat "$WORK/fifo"
  assert_regex "$output" '^ready: room as alice \([0-9a-f]{8}\)$'
  assert_equal "$(<"$WORK/alice.err")" ''
  run -0 kill -0 "${PIDS[alice]}"
}

@test "--ready and --ready-fd are one line, whatever the topic" {
  run -3 --separate-stderr lswarm join $'two\nlines' --no-wait --ready --ready-fd 7 7>"$WORK/ready"
  assert_equal "${#stderr_lines[@]}" 2
  assert_regex "${stderr_lines[0]}" '^lswarm: ready: two\\x0alines as '
  assert_equal "$(grep -c '' "$WORK/ready")" 1
}

@test "--ready-fd takes a descriptor that is open" {
  local value
  for value in 0 1 2 x -1; do refused join room --ready-fd "$value"; done
  refused join room --ready-fd 77
  assert_equal "$line" 'lswarm: --ready-fd: descriptor 77 is not open'
}

@test "--ready-fd whose reader is gone is no error" {
  run -3 --separate-stderr bash -c 'exec 7> >(:); wait $!; lswarm join room --no-wait --ready-fd 7'
  assert_equal "$stderr" 'lswarm: 0 peers of 1 there'
}

@test "--ready is one line on stderr, even with --quiet" {
  listen alice
  run -0 --separate-stderr lswarm join room --ready --quiet --name bob </dev/null
  assert_output ''
  assert_equal "${#stderr_lines[@]}" 1
  assert_regex "${stderr_lines[0]}" '^lswarm: ready: room as bob \([0-9a-f]{8}\)$'
}

@test "a verb that only waits says --ready too" {
  run -124 --separate-stderr lswarm wait room --ready --timeout 500ms
  assert_regex "${stderr_lines[0]}" '^lswarm: ready: room as '
}

@test "options may stand before and after the topic" {
  taken join --name bob room --quiet
  taken join room --name bob
  taken join --name bob -qd room
}

@test "names by default are different for each process" {
  spawn one lswarm join room -d --keep --ready
  spawn two lswarm join room -d --keep --ready
  await_ready one
  await_ready two
  lswarm peers room --json >"$WORK/peers"
  run -0 objects "$WORK/peers" 'o.name.replace(/^.*-/, "")'
  assert_equal "$(sort <<<"$output")" "$(printf '%s\n' "${PIDS[one]}" "${PIDS[two]}" | sort)"
}
