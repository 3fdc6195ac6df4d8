# README.md as the tests read it: `load helpers/readme` after helpers/common; it has their setup and teardown.
#
# In README.md a block tagged `sh` is an example that ends by itself; the block tagged `text` right after it is what it
# prints. A block tagged `console` is what one sees on a terminal: a test types what is typed there.

README=$ROOT/README.md

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
