#!/usr/bin/env bats
# The command line: help and versions.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

VERBS=(join send recv exec connect listen pub sub id bridge wait peers topics top key bootstrap limits)

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
