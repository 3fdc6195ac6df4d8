# Command lines that are refused, or taken: `load helpers/refusals` after helpers/common.

# refused ARG...: the command is refused with status 2 and one line, which is set as `line`; nothing is made.
refused() {
  run -2 --separate-stderr lswarm "$@" </dev/null
  assert_output ''
  assert_equal "${#stderr_lines[@]}" 1
  line=${stderr_lines[0]}
  assert_regex "$line" '^(lswarm: |\{"level":)'
  run -0 ls -A "$LSWARM_DIR"
  assert_output ''
}

# as_object ARG...: refused, in one JSON object whose message is set as `message`.
as_object() {
  refused "$@"
  assert_regex "$line" '^\{"level":"error","message":"(.*)","code":"[A-Z_]+","status":2\}$'
  message=${BASH_REMATCH[1]//\\\"/\"}
}

# taken ARG...: the command is not refused: it looks, and finds nobody.
taken() {
  run -3 --separate-stderr lswarm "$@" --no-wait </dev/null
}
