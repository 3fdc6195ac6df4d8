#!/usr/bin/env bats
# README.md tells the truth: its examples are run as they stand.

load helpers/common
load helpers/readme

# prints_what_it_says LINE: runs the example that begins at this line; it leaves no file behind.
prints_what_it_says() {
  local before
  before=$(ls -A)
  block "$1" >"$WORK/example"
  # The pipe ends when everything that the example has started has ended.
  local around=()
  # An example with a port has a network of its own, where that can be had: the port may be taken in this one.
  if grep -q tcp: "$WORK/example" && unshare --map-root-user --net true 2>/dev/null; then
    around=(unshare --map-root-user --net sh -c 'ip link set lo up && exec "$@"' _)
  fi
  spawn example "${around[@]}" bash -c 'set -o pipefail; bash "$1" | cat' _ "$WORK/example"
  await_exit example 60
  assert_equal "$(<"$WORK/example.out")" "$(output_of "$1")"
  assert_equal "$status" 0
  assert_equal "$(ls -A)" "$before"
}

# heading_of LINE: the heading of the section.
heading_of() {
  sed -n "1,$1s/^##* //p" "$README" | tail -n 1
}

for line in $(starts_of sh); do
  bats_test_function --description "the example in line $line ($(heading_of "$line")) prints what it says and leaves nothing behind" \
    -- prints_what_it_says "$line"
done

# --- What is interactive

@test "the library's example looks as it is shown" {
  local name
  for name in alice bob claire; do
    spawn "$name" bash -c "exec $(command_of 'node greet.mjs mytopic alice' | sed "s/alice\$/$name/")"
  done
  await_line "$WORK/alice.out" '^bob: '
  await_line "$WORK/alice.out" '^claire: '
  assert_equal "$(sort "$WORK/alice.out")" "$(console 'node greet.mjs mytopic alice')"
}

@test "the library's example is the one that is tested" {
  local line
  line=$(starts_of js)
  block "$line" | diff - "$ROOT/test/fixtures/greet.mjs"
}

@test "there are examples, and each console is one that a test types at" {
  (($(starts_of sh | wc -l) >= 8))
  run -0 --separate-stderr bash -c 'sed -n "s/^\\$ //p" "$1"' _ "$README"
  assert_output 'node greet.mjs mytopic alice'
}

@test "every block has a tag that a test knows" {
  run -1 --separate-stderr awk '/^```/ { if (open) open = 0; else { open = 1; if ($0 !~ /^```(sh|text|console|js)$/) { print FNR ": " $0; bad = 1 } } } END { exit !bad }' "$README"
  assert_output ''
}
