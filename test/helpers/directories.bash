# What is in the runtime directory: `load helpers/directories` after helpers/common.

# mode PATH: its permissions, in octal.
mode() {
  node -p '(require("fs").lstatSync(process.argv[1]).mode & 0o7777).toString(8)' "$1"
}

# topic_directory: the only one in the runtime directory.
topic_directory() {
  local found=("$LSWARM_DIR"/*)
  assert_equal "${#found[@]}" 1
  echo "${found[0]}"
}

# sockets: the names in the topic's directory.
sockets() {
  ls -A "$(topic_directory)"
}

# refused_with REASON: join, send, recv and the verbs that look are refused with status 1, and nothing is made.
refused_with() {
  local arguments
  find "$WORK" | sort >"$BATS_TEST_TMPDIR/before"
  for arguments in 'join room' 'send room' 'recv room' 'peers room' 'wait room' topics; do
    # shellcheck disable=SC2086
    run -1 --separate-stderr lswarm $arguments --timeout 20s </dev/null
    assert_output ''
    assert_equal "${#stderr_lines[@]}" 1
    assert_equal "${stderr_lines[0]}" "lswarm: $1 (choose another with --dir or \$LSWARM_DIR)"
  done
  find "$WORK" | sort | diff "$BATS_TEST_TMPDIR/before" -
}

# is_at DIRECTORY: what alice, who listens, has made her own is there, and nowhere else.
is_at() {
  assert_regex "$(ls "$1")" '^[0-9a-f]{16}$'
  assert_equal "$(find "$WORK" -type s | wc -l)" 1
  assert_equal "$(mode "$1")" 700
}

# leftovers COUNT [PREFIX]: sockets of a process that was killed, in the topic's directory; their paths, one a line, in $WORK/dead.
leftovers() {
  node -e '
    const { createServer } = require("net")
    const [directory, count, prefix] = process.argv.slice(1)
    const letters = "abcdefghijklmnopqrstuvwxyz234567"
    const name = () => prefix + Array.from({ length: 26 }, () => letters[Math.floor(Math.random() * 32)]).join("")
    let open = Number(count)
    for (let i = 0; i < Number(count); i++) {
      const path = `${directory}/${name()}`
      createServer().listen(path, () => {
        console.log(path)
        if (--open === 0) process.kill(process.pid, "SIGKILL")
      })
    }' "$(topic_directory)" "$1" "${2:-p-}" >"$WORK/dead" || true
  [[ $(grep -c '' "$WORK/dead") == "$1" ]]
}
