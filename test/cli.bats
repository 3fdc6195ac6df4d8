#!/usr/bin/env bats
# The command line: help, versions, options, names and topics.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

VERBS=(join send recv exec connect listen pub sub id bridge wait peers topics top key bootstrap limits)

# refused ARG...: the command is refused with status 2 and one line, which is set as `line`.
refused() {
  run -2 --separate-stderr lswarm "$@" </dev/null
  assert_output ''
  assert_equal "${#stderr_lines[@]}" 1
  line=${stderr_lines[0]}
  assert_regex "$line" '^lswarm: '
}

# taken ARG...: the command is not refused: it looks, and finds nobody.
taken() {
  run -3 --separate-stderr lswarm "$@" --no-wait </dev/null
}

# --- Help and versions

@test "--version prints the program and its version" {
  run -0 --separate-stderr lswarm --version
  assert_output "lswarm $(node -p 'require(process.argv[1]).version' "$ROOT/package.json")"
  assert_regex "${lines[0]}" '^lswarm [0-9]+\.[0-9]+\.[0-9]+$'
  assert_equal "$stderr" ''
  run -0 --separate-stderr lswarm -V
  assert_regex "${lines[0]}" '^lswarm [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "every verb has --version" {
  local verb
  for verb in "${VERBS[@]}"; do
    run -0 --separate-stderr lswarm "$verb" --version
    assert_regex "$output" '^lswarm [0-9]+\.[0-9]+\.[0-9]+$'
  done
}

@test "--help shows every verb and the exit statuses, on stdout" {
  run -0 --separate-stderr lswarm --help
  assert_equal "$stderr" ''
  local verb
  for verb in "${VERBS[@]}"; do assert_regex "$output" "lswarm $verb" ; done
  for verb in 0 1 2 3 4 5 6 124 126 127; do assert_regex "$output" $'\n'"  $verb +[a-z-]" ; done
  local help=$output
  run -0 --separate-stderr lswarm -h
  assert_output "$help"
  run -0 --separate-stderr lswarm help
  assert_output "$help"
}

@test "every verb has --help with a summary, its options and examples, on stdout" {
  local verb
  for verb in "${VERBS[@]}"; do
    run -0 --separate-stderr lswarm "$verb" --help
    assert_equal "$stderr" ''
    assert_regex "${lines[0]}" "^lswarm $verb"
    assert_regex "$output" 'Options:'
    assert_regex "$output" '--help'
    assert_regex "$output" "Examples:.*lswarm $verb"
    local help=$output
    run -0 --separate-stderr lswarm "$verb" -h
    assert_output "$help"
  done
}

@test "no help text names the types of the parser's options, nor has an empty line among its options" {
  local verb
  for verb in '' "${VERBS[@]}"; do
    run -0 --separate-stderr lswarm ${verb:+"$verb"} --help
    refute_output --regexp '\[(string|boolean|array|number|count)\]'
    run -0 awk '/^Options:/ { inside = 1; blank = 0; next } /^(Examples|Options together):/ { inside = 0 }
      inside && blank && NF { print; inside = 0 } { blank = !NF }' <<<"$output"
    refute_output
  done
}

@test "help VERB shows the verb's page of the manual" {
  command -v man >/dev/null || skip 'man is not installed'
  local verb
  for verb in "${VERBS[@]}"; do
    MANWIDTH=100 run -0 --separate-stderr lswarm help "$verb"
    assert_equal "$stderr" ''
    assert_regex "$output" "lswarm-$verb . "
    assert_regex "$output" 'OPTIONS'
    assert_regex "$output" 'SEE ALSO'
  done
}

@test "help VERB shows the text of that page where man is missing" {
  mkdir "$WORK/without-man"
  ln -s "$(command -v node)" "$WORK/without-man/node"
  local verb node=$WORK/without-man/node
  for verb in "${VERBS[@]}"; do
    run -0 --separate-stderr lswarm "$verb" --help
    local help=$output
    run -0 --separate-stderr env PATH="$WORK/without-man" "$node" "$ROOT/bin/lswarm.cjs" help "$verb"
    assert_equal "$stderr" ''
    # What --help says, and what the page describes.
    assert_equal "${lines[0]}" "$(head -n 1 <<<"$help")"
    assert_regex "$output" 'Options:.*--help'
    ((${#output} > ${#help})) || fail "help $verb tells no more than $verb --help"
  done
}

@test "help on what is no verb says so, and names the nearest one" {
  run -2 --separate-stderr lswarm help sned
  assert_output ''
  assert_equal "$stderr" 'lswarm: unknown verb "sned", did you mean send?; see lswarm --help'
}

@test "--help wins over what is missing" {
  run -0 --separate-stderr lswarm exec room --help
  run -0 --separate-stderr lswarm join --help --name x
}

@test "no arguments at all: the help on stderr, and status 2" {
  run -2 --separate-stderr lswarm
  assert_output ''
  assert_equal "$stderr" "$(lswarm --help)"
}

@test "a reader that does not read the help to its end is no error" {
  run -0 --separate-stderr bash -o pipefail -c 'lswarm --help | true; lswarm --version | true; lswarm join --help | true; lswarm limits | true'
  assert_equal "$stderr" ''
}

@test "help, versions and limits that cannot be written are status 1" {
  [[ -c /dev/full ]] || skip 'no /dev/full'
  local arguments
  for arguments in --help --version 'join --help' 'join --version' limits 'limits --json'; do
    run -1 --separate-stderr bash -c "lswarm $arguments >/dev/full"
    assert_regex "$stderr" 'cannot write the output: no space left on device'
    assert_equal "${#stderr_lines[@]}" 1
  done
}

@test "peers and topics that cannot be written are status 1" {
  [[ -c /dev/full ]] || skip 'no /dev/full'
  listen alice
  local arguments
  for arguments in 'peers room' 'peers room --json' topics 'topics --json'; do
    run -1 --separate-stderr bash -c "lswarm $arguments >/dev/full"
    assert_regex "$stderr" 'cannot write the output: no space left on device'
    assert_equal "${#stderr_lines[@]}" 1
  done
}

@test "every option in the help of every verb is known, and so is its letter" {
  local verb text flag short value
  local option='^ +((-.), +)?(--?[a-z0-9-]+) +(([A-Z:]+):)?'
  for verb in "${VERBS[@]}"; do
    local -a long=() brief=()
    while IFS= read -r text; do
      [[ $text =~ $option ]] || continue
      flag=${BASH_REMATCH[3]} short=${BASH_REMATCH[2]} value=${BASH_REMATCH[5]}
      long+=("$flag" ${value:+x})
      [[ -z $short ]] || brief+=("$short" ${value:+x})
    done < <(lswarm "$verb" --help)
    ((${#long[@]} > 0))
    # With --help among them nothing is done, whatever goes together: test/unit/rules.test.ts sees to that.
    run -0 --separate-stderr lswarm "$verb" "${long[@]}"
    assert_equal "$output" "$(lswarm "$verb" --help)"
    run -0 --separate-stderr lswarm "$verb" "${brief[@]}"
  done
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

# --- Values

@test "--timeout takes durations above zero" {
  local value
  refused join room --timeout=-1s
  for value in -1 NaN 1e99 1e3 inf Infinity ∞ 0 0s 0ms 0.0 x 1x '1 s' ' 1' 1s2 s . 1. 0x10 +1 99999999999 597h; do
    refused join room --timeout "$value"
    assert_regex "$line" '^lswarm: --timeout: takes a duration'
    refused join room "--timeout=$value"
  done
  for value in 1 1s 500ms 2m 1h 1.5s 0.5 596h; do taken join room --timeout "$value"; done
}

@test "--linger takes durations, zero too" {
  local value
  for value in -1 NaN 1e99 inf x; do
    refused join room --linger "$value"
    assert_regex "$line" '^lswarm: --linger: takes a duration'
  done
  for value in 0 0s 1 1s 500ms; do taken join room --linger "$value"; done
}

@test "-n takes a whole number from 1" {
  local value
  for value in 0 -1 x 1.5 1e3 NaN inf 0x10 '1 ' ' ' 99999999999999999999; do
    refused join room -n "$value"
    assert_regex "$line" '^lswarm: -n: takes a whole number from 1'
  done
  for value in 1 30 1000; do
    taken join room -n "$value"
    assert_regex "$stderr" "0 peers of $value there"
  done
  taken join room -n2
  taken join room --count=2
}

@test "--slow takes wait, drop or cut" {
  local value
  for value in x Wait waitdrop; do
    refused join room --slow "$value"
    assert_regex "$line" '^lswarm: --slow: takes wait, drop, cut, not '
  done
  for value in wait drop cut; do taken join room --slow "$value"; done
}

@test "--name takes 1 to 64 bytes of printable text" {
  local value long
  long=$(printf 'x%.0s' {1..64})
  for value in "${long}x" "$(printf 'é%.0s' {1..33})" $'a\nb' $'a\x1bb' $'a\x7fb' $'a\tb' $'a\u0085b' $'a\u202eb' $'a\u2028b'; do
    refused join room --name "$value"
    assert_regex "$line" '^lswarm: --name: takes 1 to 64 bytes of printable text'
  done
  for value in x "$long" "$(printf 'é%.0s' {1..32})" 'two words' 'x;$(id)' '[alice]' 日本 🐟; do taken join room --name "$value"; done
  taken join room --name=-x
}

@test "a message shows a long or strange value short and safe" {
  refused join room --name "$(printf 'x%.0s' {1..100000})"
  ((${#line} < 200))
  refused join room --slow $'\x1b[31mred'
  refute_regex "$line" $'\x1b'
  refused "$(printf '\x1b[31m%.0s' {1..1000})" room
  refute_regex "$line" $'\x1b'
}

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
