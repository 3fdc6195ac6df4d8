# People in a room at terminals of their own, which script(1) gives them: `load helpers/seats` after helpers/rooms.

# sit NAME [OPTION...]: a join at a terminal of its own, ready to be met. The terminal's screen is $WORK/NAME.out, with
# what is typed; what is said on stderr is in $WORK/NAME.err, as everywhere.
sit() {
  local name=$1
  shift
  mkfifo "$WORK/$name.in"
  spawn "$name's hands" bash -c 'exec tail -f /dev/null >"$1"' _ "$WORK/$name.in"
  local command
  printf -v command '%q ' lswarm join room --plain --ready --name "$name" "$@"
  spawn_stdin "$WORK/$name.in" "$name" script --quiet --flush --return --command "exec $command 2>'$WORK/$name.talk'" /dev/null
  _poll 20 _has_line "$WORK/$name.talk" "$READY_LINE" || _complain "$name is not ready" "$WORK/$name.talk" "$WORK/$name.out"
}

# type_keys NAME TEXT: keys, as they are.
type_keys() {
  printf '%s' "$2" 1<>"$WORK/$1.in"
}

# screen NAME: what stands on it, without the carriage returns that a terminal puts before each newline.
screen() {
  sed 's/\r$//' "$WORK/$1.out"
}

# shown NAME LINE: sets `output` and `lines`, as `run` does, to the screen of a fresh terminal to which NAME says LINE.
shown() {
  sit alice
  spawn_stdin <(printf '%s\nend of it\n' "$2") "$1" lswarm join room --name "$1" --keep
  await_line "$WORK/alice.out" 'end of it'
  run -0 screen alice
}

# is_safe: nothing on alice's screen but letters, marks and newlines.
is_safe() {
  node -e '
    const text = new TextDecoder("utf-8", { fatal: true }).decode(require("fs").readFileSync(process.argv[1]))
    const bad = text.replaceAll("\r\n", "\n").match(/[^\n\t\P{C}\u200c\u200d]|\p{Zl}|\p{Zp}/u)
    if (bad) throw new Error(`U+${bad[0].codePointAt(0).toString(16)} after ${JSON.stringify(text.slice(0, bad.index))}`)' "$WORK/alice.out"
}
