#!/usr/bin/env bats
# `lswarm join` at a terminal, which script(1) gives it.

load helpers/common
load helpers/rooms

setup() {
  [[ $(script --version 2>&1) == *util-linux* ]] || skip 'no script(1) of util-linux'
  lswarm_setup
}

teardown() {
  [[ ! -v WORK ]] || lswarm_teardown
}

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

@test "at a terminal a name stands before each line" {
  sit alice
  talk bob
  say bob 'hello' 'how are you'
  await_line "$WORK/alice.out" '^bob: how are you'
  run screen alice
  assert_output $'bob: hello\nbob: how are you'
}

@test "at a terminal --prefix says what stands before each line" {
  sit alice --prefix '<%n> '
  talk bob
  say bob hello
  await_line "$WORK/alice.out" '^<bob> hello'
}

@test "at a terminal what is typed is said" {
  sit alice
  listen bob
  type_keys alice $'hello\n'
  await_line "$WORK/bob.out" '^hello$'
}

@test "two people talk" {
  sit alice
  sit bob
  type_keys alice $'hi bob\n'
  await_line "$WORK/bob.out" '^alice: hi bob'
  type_keys bob $'hi alice\n'
  await_line "$WORK/alice.out" '^bob: hi alice'
}

@test "at a terminal arrivals and departures are told on stderr" {
  sit alice
  listen bob
  await_line "$WORK/alice.talk" '^lswarm: bob joined$'
  kill -TERM "${PIDS[bob]}"
  await_line "$WORK/alice.talk" '^lswarm: bob left( |$)'
  assert_equal "$(screen alice)" ''
}

@test "at a terminal a peer that was killed is told of as lost" {
  sit alice
  listen bob
  await_line "$WORK/alice.talk" '^lswarm: bob joined$'
  kill -KILL "${PIDS[bob]}"
  await_line "$WORK/alice.talk" '^lswarm: bob left \(the connection was lost\)$'
}

@test "at a terminal it says that it waits, and for how many" {
  sit alice -n 2
  await_line "$WORK/alice.talk" '^lswarm: waiting for 2 peers on room$'
}

@test "--quiet tells of no arrival" {
  sit alice --quiet
  listen bob
  # Not before alice is there too: bob alone would do to be spoken to.
  talk carol -n 2
  say carol hello
  await_line "$WORK/alice.out" '^carol: hello'
  assert_equal "$(grep -v 'lswarm: ready' "$WORK/alice.talk")" ''
}

@test "Ctrl-D leaves with 0 while others are still there" {
  sit alice
  talk bob
  await_line "$WORK/alice.talk" 'bob joined'
  type_keys alice $'bye\n\x04'
  await_exit alice
  assert_equal "$status" 0
  await_line "$WORK/bob.out" '^bye$'
  run -0 lswarm wait room --gone alice --timeout 20s
}

@test "a Ctrl-D that was typed before anybody came counts when somebody comes" {
  sit alice
  type_keys alice $'\x04'
  run -124 lswarm wait room -n 9 --timeout 1s
  talk bob
  await_exit alice
  assert_equal "$status" 0
}

@test "a line that Ctrl-D sends off arrives whole" {
  sit alice
  listen bob
  await_line "$WORK/alice.talk" 'bob joined'
  type_keys alice $'no newline\x04\x04'
  await_exit alice
  await_line "$WORK/bob.out" '^no newline$'
}

@test "Ctrl-C leaves with 130, and leaves no trace" {
  sit alice
  type_keys alice $'\x03'
  await_exit alice
  assert_equal "$status" 130
  run -0 ls -A "$LSWARM_DIR"
  assert_output ''
}

@test "Ctrl-C in the middle of a line does not send it" {
  sit alice
  talk bob
  await_line "$WORK/alice.talk" 'bob joined'
  type_keys alice 'half a li'
  await_line "$WORK/alice.out" 'half a li'
  type_keys alice $'\x03'
  await_exit alice
  hush bob
  await_exit bob
  assert_equal "$(<"$WORK/bob.out")" ''
}

@test "a terminal that is closed ends it, and it leaves no trace" {
  sit alice
  listen bob
  await_line "$WORK/alice.talk" 'bob joined'
  kill -KILL "${PIDS[alice]}"
  run -0 lswarm wait room --gone alice --timeout 20s
  assert_equal "$(find "$LSWARM_DIR" -type s | wc -l)" 1
}

@test "escape sequences are shown, not obeyed" {
  shown bob $'\x1b[2J\x1b[31mred\x1b[0m'
  assert_output $'bob: \\x1b[2J\\x1b[31mred\\x1b[0m\nbob: end of it'
  is_safe
}

@test "OSC 52, titles and links are shown, not obeyed" {
  shown bob $'\x1b]52;c;cm0gLXJm\x07\x1b]0;title\x1b\\\x1b]8;;http://x\x1b\\'
  assert_line --index 0 'bob: \x1b]52;c;cm0gLXJm\x07\x1b]0;title\x1b\\x1b]8;;http://x\x1b\'
  is_safe
}

@test "DCS, APC and PM are shown, not obeyed" {
  shown bob $'\x1bP+q544e\x1b\\\x1b_x\x1b\\\x1b^x\x1b\\'
  is_safe
}

@test "the controls of C1 are shown, not obeyed" {
  shown bob $'\u009b2J\u0090x\u009c\u0085next'
  assert_line --index 0 'bob: \x9b2J\x90x\x9c\x85next'
  is_safe
}

@test "bytes of C1 that are not UTF-8 are replaced" {
  shown bob $'\x9b2J \xff\xfe'
  assert_line --index 0 'bob: �2J ��'
  is_safe
}

@test "carriage returns and backspaces cannot write over a line" {
  shown bob $'harmless\rmalicious\b\b\b\x7f\x0b\x0c'
  assert_line --index 0 'bob: harmless\x0dmalicious\x08\x08\x08\x7f\x0b\x0c'
  is_safe
}

@test "a bell does not ring" {
  shown bob $'\a'
  assert_line --index 0 'bob: \x07'
  is_safe
}

@test "controls of direction cannot turn a line around" {
  shown bob $'\u202egnirts\u202c \u2066x\u2069 \u200f\u061c'
  assert_line --index 0 'bob: \u{202e}gnirts\u{202c} \u{2066}x\u{2069} \u{200f}\u{61c}'
  is_safe
}

@test "separators of lines cannot make a second line" {
  shown bob $'one\u2028two\u2029three'
  assert_line --index 0 'bob: one\u{2028}two\u{2029}three'
  is_safe
}

@test "a record with a newline cannot forge a line of another" {
  sit alice
  run -0 --separate-stderr lswarm join room -0 --linger 0 --name mallory < <(printf 'hello\nbob: I owe you\0')
  await_line "$WORK/alice.out" 'I owe you'
  assert_equal "$(screen alice | grep -v '^mallory: ')" ''
}

@test "ten thousand marks on one letter do not cover the screen" {
  shown bob "e$(printf '\u0301%.0s' {1..10000})"
  ((${#lines[0]} < 60))
}

@test "letters of every script, tabs and emoji are shown as they are" {
  shown bob $'caf\u00e9 \tदेवनागरी עברית 日本語 👩‍💻🏳️‍🌈'
  assert_line --index 0 $'bob: caf\u00e9 \tदेवनागरी עברית 日本語 👩‍💻🏳️‍🌈'
  is_safe
}

@test "what a send sends is made safe, too" {
  sit alice
  run -0 --separate-stderr lswarm send room --name bob <<<$'\x1b[2J'
  await_line "$WORK/alice.out" '2J'
  assert_equal "$(screen alice)" 'bob: \x1b[2J'
}

@test "--json at a terminal is safe, and still says the same" {
  sit alice --json
  spawn_stdin <(printf '\x1b[2J\u009b2J\u202eabc\x7f\U000e0041\n') bob lswarm join room --keep --name bob
  await_line "$WORK/alice.out" '"line":'
  is_safe
  screen alice | grep '"line":' >"$WORK/lines"
  run -0 objects "$WORK/lines" 'o.line === "\x1b[2J\x9b2J\u202eabc\x7f\u{e0041}"'
  assert_output true
}

@test "in a pipe the same line is left as it is" {
  sit alice
  spawn pipe bash -c 'set -o pipefail; lswarm join room -d --keep --ready | cat'
  await_ready pipe
  run -0 --separate-stderr lswarm join room -n 2 --linger 0 < <(printf '\x1b[2J\r\u202e\xff\n')
  await_line "$WORK/pipe.out" 2J
  printf '\x1b[2J\r\u202e\xff\n' | cmp - "$WORK/pipe.out"
}
