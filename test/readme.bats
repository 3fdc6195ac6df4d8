#!/usr/bin/env bats
# README.md tells the truth: its words are those of the program. Its examples: readme-examples.bats.

load helpers/common
load helpers/readme

setup_file() {
  local verb
  for verb in '' $(rows verb | cut -f 1); do
    # A verb that is not one is what a test is about.
    # shellcheck disable=SC2086
    node "$ROOT/bin/lswarm.cjs" $verb --help >"$BATS_FILE_TMPDIR/help$verb" || true
  done
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
