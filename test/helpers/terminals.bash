# Helpers of the tests whose command runs on a terminal: `load helpers/terminals`. Needs helpers/common.

PTY=$BATS_TEST_DIRNAME/fixtures/on_terminal.py

# when_has GLOB TEXT: gives the file `go` content once a file that matches GLOB has TEXT.
when_has() {
  (_poll 20 _has_text "$@" && echo go >"$WORK/go") 3>&- 4>&- &
}

_has_text() {
  cat -- $1 2>/dev/null | grep -aqF -e "$2"
}
