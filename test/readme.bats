#!/usr/bin/env bats
# README.md tells the truth: its examples are run as they stand, its words are those of the program.
#
# In README.md a block tagged `sh` is an example that ends by itself; the block tagged `text` right after it is what it
# prints. A block tagged `console` is what one sees on a terminal: the tests below type what is typed there.

load helpers/common

README=$BATS_TEST_DIRNAME/../README.md

setup_file() {
  local verb
  for verb in '' $(rows verb | cut -f 1); do
    # A verb that is not one is what a test is about.
    # shellcheck disable=SC2086
    node "$ROOT/bin/lswarm.cjs" $verb --help >"$BATS_FILE_TMPDIR/help$verb" || true
  done
}

setup() {
  lswarm_setup
  # What the examples find around them: a clone, as far as they look at it.
  mkdir -p "$WORK/here/node_modules"
  ln -s "$ROOT" "$WORK/here/node_modules/lswarm"
  cp -R "$ROOT/src" "$ROOT/test/fixtures/greet.mjs" "$WORK/here"
  cd "$WORK/here"
  # npm has done its part already, or there would be no test; npx finds the program on the PATH.
  printf '#!/bin/sh\n[ "$*" = ci ] || [ "$*" = test ]\n' >"$WORK/bin/npm"
  printf '#!/bin/sh\n[ "$1" = lswarm ] && exec "$@"\n' >"$WORK/bin/npx"
  chmod +x "$WORK/bin/npm" "$WORK/bin/npx"
}

teardown() {
  lswarm_teardown
}

# --- Blocks of the README

# block LINE: the body of the fenced block that begins at this line.
block() {
  awk -v from="$1" 'NR > from && /^```/ { exit } NR > from' "$README"
}

# starts_of TAG: the line of each block with this tag.
starts_of() {
  awk -v tag="$1" '/^```/ { if (open) open = 0; else { open = 1; if ($0 == "```" tag) print NR } }' "$README"
}

# output_of LINE: what the example that begins at this line prints.
output_of() {
  local next
  next=$(awk -v from="$1" 'NR > from && ended { if ($0 == "```text") print NR; exit } NR > from && /^```$/ { ended = 1 }' "$README")
  [[ -z $next ]] || block "$next"
}

# console VERB_OR_PROGRAM: the console block whose command begins with it, without its first line.
console() {
  local line
  for line in $(starts_of console); do
    [[ $(block "$line") != "\$ $1"* ]] || block "$line" | tail -n +2
  done
}

# command_of CONSOLE_PREFIX: the command that is typed there.
command_of() {
  local line
  for line in $(starts_of console); do
    [[ $(block "$line") != "\$ $1"* ]] || block "$line" | sed -n '1s/^\$ //p'
  done
}

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

# --- Set-up

@test "the set-up is these two commands" {
  run -0 --separate-stderr grep -E '^npm ' "$README"
  assert_output 'npm ci && (echo hello | npx lswarm send greeting & npx lswarm recv greeting)
npm ci && npm test'
}

@test "the npm scripts it names are there" {
  local name
  for name in $(grep -oE 'npm run [a-z]+' "$README" | awk '{ print $3 }') test; do
    run -0 --separate-stderr node -p 'require(process.argv[1]).scripts[process.argv[2]] ?? process.exit(1)' \
      "$ROOT/package.json" "$name"
  done
}

# --- Words

# rows HEADER: the cells of the table whose first cell is HEADER, without backquotes, tab-separated.
rows() {
  awk -F ' *[|] *' -v header="$1" -v OFS='\t' '
    /^[|]/ && $2 == header { on = 1; next }
    !/^[|]/ { on = 0 }
    on && !/^[|]-/ { print $2, $3, $4 }' "$README" | tr -d '`'
}

@test "its verbs are those of --help, in their order" {
  local verbs
  verbs=$(sed -n 's/^  lswarm \([a-z]*\) .*/\1/p' "$BATS_FILE_TMPDIR/help")
  assert_equal "$(rows verb | cut -f 1)" "$verbs"
}

@test "the options of a verb are in its --help" {
  local verb what options option missing=
  while IFS=$'\t' read -r verb what options; do
    for option in $(grep -oE '(^|[ ,])--?[A-Za-z0-9][a-z-]*' <<<"$what $options"); do
      has_option "$option" "$BATS_FILE_TMPDIR/help$verb" || missing+="$verb $option"$'\n'
    done
  done < <(rows verb)
  assert_equal "$missing" ''
}

# has_option OPTION FILE...: whether one of these help texts offers it.
has_option() {
  grep -hE '^ +(-[A-Za-z0-9], )?--?[A-Za-z0-9-]+ ' "${@:2}" | grep -qE -e "(^| )$1(,| )"
}

@test "the options in its examples are in the --help of their verbs" {
  local verb options option missing=
  while read -r _ verb options; do
    for option in $(grep -oE '(^| )--?[A-Za-z0-9][a-z-]*' <<<"$options"); do
      has_option "$option" "$BATS_FILE_TMPDIR/help$verb" || missing+="$verb $option"$'\n'
    done
  done < <(
    for line in $(starts_of sh) $(starts_of console); do block "$line"; done |
      grep -oE 'lswarm [a-z]+[^|&;)]*' | sed 's/ -- .*//'
  )
  assert_equal "$missing" ''
}

@test "every option it names anywhere is an option of some verb" {
  local option missing=
  for option in --help $(grep -oE '`[^`]*`' "$README" | grep -oE '(^`|[ (])--[a-z-]+' | tr -d '` (' | sort -u); do
    has_option "$option" "$BATS_FILE_TMPDIR"/help* || missing+="$option "
  done
  assert_equal "$missing" ''
}

@test "its table of exit statuses is that of --help" {
  local helped
  helped=$(sed -n '/^Exit status:/,$s/^  \([^ ]*\) *\(.*\)/\1\t\2/p' "$BATS_FILE_TMPDIR/help")
  assert_equal "$(rows status | cut -f 1,2)" "$helped"
}

@test "the environment it promises to a command is what a command gets" {
  spawn server lswarm exec env --ready -- env
  await_ready server
  run -0 --separate-stderr lswarm connect env
  local promised
  for promised in $(grep -oE '`(LSWARM_[A-Z]+|PROTO=LSWARM)`' "$README" | tr -d '`' | grep -vE 'LSWARM_(DIR|KEY)' | sort -u); do
    grep -qE "^$promised(=|\$)" <<<"$output" || fail "no $promised"
  done
}

@test "its links lead to files" {
  local path
  for path in $(grep -oE '\]\([^)]+\)' "$README" | tr -d '()]'); do [[ -e $ROOT/$path ]] || fail "no $path"; done
}

@test "it has fewer than 250 lines, none too long to read" {
  (($(wc -l <"$README") < 250))
  run -1 --separate-stderr grep -nE '^[^|].{125}' "$README"
  assert_output ''
}

# --- The map of the sources

@test "src/README.md names every file of src, and no other" {
  local named path missing= gone=
  named=$(sed -n '/^From the lowest rank/,/^## The way/p' "$ROOT/src/README.md" | grep -oE '`[a-z0-9./-]+`' | tr -d '`')
  cd "$ROOT/src"
  for path in $(find . -name '*.ts*' ! -name '*.d.ts'); do
    # A file is named without its suffix, and where it is clear without its folder.
    path=${path#./}
    grep -qE -e "^(${path%/*}/)?$(basename "${path%.ts*}")(\.ts)?\$" <<<"$named" || missing+="$path "
  done
  for path in $named; do
    [[ -n $(find . -path "*/$path" -o -path "*/$path.ts" -o -path "*/$path.tsx") || -e $ROOT/$path || $path == . ]] || gone+="$path "
  done
  assert_equal "$missing" ''
  assert_equal "$gone" ''
}

# --- The decisions

DECISIONS=$ROOT/src/DECISIONS.md

@test "each decision has a day, a reason and at most a screen of lines" {
  run -1 --separate-stderr awk '
    function check() { if (name != "" && (lines < 4 || lines > 24)) { print name ": " lines " lines"; bad = 1 } }
    /^##? / { check(); name = "" }
    /^### / { check(); name = substr($0, 5); lines = 0; at = FNR; next }
    name != "" && FNR == at + 1 && !/^20[0-9][0-9]-[01][0-9]-[0-3][0-9]$/ { print name ": no day"; bad = 1 }
    name != "" { lines++ }
    END { check(); exit !bad }' "$DECISIONS"
  assert_output ''
}

@test "no decision is written down twice, and there are many" {
  local headings
  headings=$(grep '^### ' "$DECISIONS")
  (($(wc -l <<<"$headings") >= 30))
  run -0 --separate-stderr uniq -d <(sort <<<"$headings")
  assert_output ''
}

@test "no line of the decisions is longer than 100 characters" {
  run -1 --separate-stderr grep -nE '^.{101}' "$DECISIONS"
  assert_output ''
}

@test "the map and the contribution guide point to the decisions, and all their links lead to files" {
  local page link
  grep -qF '(DECISIONS.md)' "$ROOT/src/README.md"
  grep -qF '(src/DECISIONS.md)' "$ROOT/CONTRIBUTING.md"
  for page in CONTRIBUTING.md src/README.md src/DECISIONS.md; do
    for link in $(grep -oE '\]\([^):]+\)' "$ROOT/$page" | tr -d '()]'); do
      [[ -e $ROOT/$(dirname "$page")/$link ]] || fail "$page: no $link"
    done
  done
}

@test "what the decisions name in backquotes as a source, a test or a built file is there" {
  local path
  for path in $(grep -oE '`[a-z/.-]+\.(ts|bats|cjs)`' "$DECISIONS" | tr -d '`'); do
    [[ -e $ROOT/$path || -e $ROOT/src/$path ]] || fail "no $path"
  done
}
