#!/usr/bin/env bats
# `lswarm join` as a chat, in windows of tmux(1).

load helpers/common
load helpers/rooms

setup() {
  command -v tmux >/dev/null || skip 'no tmux'
  lswarm_setup
  # What would make a join plain, or colourless.
  unset CI INK_SCREEN_READER NO_COLOR FORCE_COLOR TMUX
  export PS1='$ ' TERM=xterm-256color
}

teardown() {
  [[ ! -v WORK ]] || {
    tmux_ kill-server 2>/dev/null || true
    lswarm_teardown
  }
}

tmux_() {
  tmux -S "$WORK/tmux" -f /dev/null "$@"
}

# window NAME COLUMNS ROWS: a shell in a window of that size.
window() {
  # Not the descriptors that bats waits for.
  tmux_ new-session -d -s "$1" -x "$2" -y "$3" 'exec bash --norc --noprofile -i' 3>&- 4>&-
}

# run_in NAME COMMAND...: types a command into its shell.
run_in() {
  local name=$1 command
  shift
  printf -v command '%q ' "$@"
  tmux_ send-keys -t "$name" -l "$command"
  tmux_ send-keys -t "$name" Enter
}

# sit NAME [OPTION...]: a chat in a window of its own, ready to be met.
sit() {
  local name=$1
  shift
  window "$name" "${COLUMNS_OF:-80}" "${ROWS_OF:-24}"
  run_in "$name" lswarm join room --ready --name "$name" "$@"
  await_screen "$name" '^-- ready: room as '
}

# keys NAME KEY...: keys by their names. type_in NAME TEXT: text as it is, and Enter.
keys() {
  tmux_ send-keys -t "$@"
}

type_in() {
  tmux_ send-keys -t "$1" -l -- "$2"
  tmux_ send-keys -t "$1" Enter
}

# screen NAME: what stands on it, and in its scrollback.
screen() {
  tmux_ capture-pane -p -S - -t "$1"
}

# await_screen NAME PATTERN: waits until a row of it matches.
await_screen() {
  _poll 20 _screen_has "$@" || {
    screen "$1" >&2
    _complain "no row of $1 that matches $2"
  }
}

_screen_has() {
  screen "$1" | grep -qE -e "$2"
}

# await_no_screen NAME PATTERN: waits until no row of it matches.
await_no_screen() {
  _poll 20 _screen_has_not "$@" || _complain "still a row of $1 that matches $2"
}

_screen_has_not() {
  ! _screen_has "$@"
}

# pid_of NAME: the process of the chat in its window.
pid_of() {
  ps -o pid= --ppid "$(tmux_ display -p -t "$1" '#{pane_pid}')" | tr -d ' '
}

# refute_on NAME PATTERN: no row of it matches now.
refute_on() {
  run screen "$1"
  refute_line --regexp "$2"
}

# named ID NAME: a join that listens, with a name that others may have.
named() {
  spawn "$1" lswarm join room -d --keep --ready --name="$2"
  await_ready "$1"
}

# is_given_back NAME: the shell's line is edited by the terminal again, and its cursor is shown.
is_given_back() {
  type_in "$1" 'stty -a | grep -o -e "-\?icanon" -e "-\?echo\b"; echo end of modes'
  await_screen "$1" '^end of modes$'
  run screen "$1"
  refute_line '-icanon'
  refute_line '-echo'
  assert_equal "$(tmux_ display -p -t "$1" '#{cursor_flag}')" 1
}

@test "two people talk, and each sees their own lines once" {
  sit alice
  sit bob
  await_screen alice '^-- bob joined$'
  type_in alice 'hi bob'
  await_screen bob '^alice: hi bob$'
  type_in bob 'hi alice'
  await_screen alice '^bob: hi alice$'
  assert_equal "$(screen alice | grep -c 'hi bob')" 1
  await_screen alice '^room · 1 peer'
  await_screen alice '^>'
  run -0 lswarm top room --once
  assert_line --regexp '^alice +[0-9a-f]{8} +join .* 9 +7 +1 +1 '
}

@test "a chat meets a join in a pipe" {
  sit alice
  listen bob
  await_screen alice '^-- bob joined$'
  type_in alice 'caf\u00e9 日本語 👩‍💻'
  await_line "$WORK/bob.out" '日本語 👩‍💻$'
  kill -TERM "${PIDS[bob]}"
  await_screen alice '^-- bob left'
}

@test "the keys of a shell edit the line, and Up brings it back" {
  sit alice
  listen bob
  await_screen alice '^-- bob joined$'
  tmux_ send-keys -t alice -l 'wrong world'
  keys alice C-w C-a C-k
  tmux_ send-keys -t alice -l 'orld'
  keys alice Home w C-e '!' Enter
  await_line "$WORK/bob.out" '^world!$'
  keys alice Up BSpace '?' Enter
  await_line "$WORK/bob.out" '^world\?$'
}

@test "a paste of many lines is said when Enter is pressed, and none of it is a command" {
  sit alice
  listen bob
  await_screen alice '^-- bob joined$'
  printf 'one\n/quit\nthree' | tmux_ load-buffer -
  tmux_ paste-buffer -p -t alice
  await_screen alice '^> one↵/quit↵three$'
  assert_equal "$(<"$WORK/bob.out")" ''
  keys alice Enter
  await_line "$WORK/bob.out" '^three$'
  assert_equal "$(<"$WORK/bob.out")" $'one\n/quit\nthree'
}

@test "a line longer than the window scrolls in its row" {
  COLUMNS_OF=40 ROWS_OF=10 sit alice
  tmux_ send-keys -t alice -l "$(printf 'abcdefgh%.0s' {1..20})END"
  await_screen alice '^> ‹[a-h]*END$'
  keys alice Home
  await_screen alice '^> abcdefgh[a-h]*›$'
}

@test "/to reaches one peer, and Tab completes its name" {
  sit alice
  listen bob
  listen carol
  await_screen alice 'room · 2 peers'
  tmux_ send-keys -t alice -l '/to ca'
  keys alice Tab
  await_screen alice '^> /to carol *$'
  type_in alice 'psst'
  await_screen alice '^alice → carol: psst$'
  type_in alice 'all'
  await_line "$WORK/carol.out" '^psst$'
  await_line "$WORK/bob.out" '^all$'
  assert_equal "$(<"$WORK/bob.out")" 'all'
}

@test "/who, /me, /help, and a line that begins with a slash" {
  sit alice
  sit bob
  await_screen alice '^-- bob joined$'
  type_in alice /who
  await_screen alice '^-- bob [0-9a-f]{8} \(join\)$'
  type_in alice '/me waves'
  await_screen bob '^\* alice waves$'
  type_in alice //etc
  await_screen bob '^alice: /etc$'
  type_in alice /nonsense
  await_screen alice '^-- there is no /nonsense'
  type_in alice /help
  await_screen alice '^-- /quit: '
}

@test "/quit leaves with 0" {
  sit alice
  sit bob
  await_screen alice '^-- bob joined$'
  type_in alice /quit
  await_screen bob '^-- alice left'
  type_in alice 'echo status $?'
  await_screen alice '^status 0$'
  is_given_back alice
}

@test "Ctrl-D leaves with 0" {
  sit alice
  sit bob
  await_screen alice '^-- bob joined$'
  keys alice C-d
  await_screen bob '^-- alice left'
  type_in alice 'echo status $?'
  await_screen alice '^status 0$'
  is_given_back alice
}

@test "Ctrl-D leaves though nobody came" {
  sit alice
  keys alice C-d
  await_no_screen alice '^> ?$'
  type_in alice 'echo status $?'
  await_screen alice '^status 0$'
}

@test "Ctrl-C leaves with 130, gives the terminal back, and leaves no trace" {
  sit alice
  keys alice C-c
  await_no_screen alice '^>'
  type_in alice 'echo status $?'
  await_screen alice '^status 130$'
  is_given_back alice
  run -0 ls -A "$LSWARM_DIR"
  assert_output ''
}

@test "Ctrl-Z gives the terminal back, and fg goes on" {
  sit alice
  sit bob
  await_screen alice '^-- bob joined$'
  keys alice C-z
  await_screen alice 'Stopped'
  is_given_back alice
  type_in alice fg
  await_screen alice '^room · 1 peer'
  type_in alice 'here again'
  await_screen bob '^alice: here again$'
}

@test "where no shell can go on from it, Ctrl-Z does nothing" {
  tmux_ new-session -d -s alice -x 80 -y 24 "lswarm join room --name alice; exec cat" 3>&- 4>&-
  listen bob
  await_screen alice '^-- bob joined$'
  tmux_ send-keys -t alice -l 'half a '
  await_screen alice '^> half a ?$'
  keys alice C-z
  type_in alice line
  await_line "$WORK/bob.out" '^half a line$'
  await_screen alice '^>'
}

@test "TSTP from outside stops it as Ctrl-Z does" {
  sit alice
  listen bob
  await_screen alice '^-- bob joined$'
  tmux_ send-keys -t alice -l 'half a '
  await_screen alice '^> half a ?$'
  kill -TSTP "$(pid_of alice)"
  await_screen alice 'Stopped'
  is_given_back alice
  type_in alice fg
  await_screen alice '^> half a ?$'
  type_in alice line
  await_line "$WORK/bob.out" '^half a line$'
}

@test "TERM gives the terminal back" {
  sit alice
  kill -TERM "$(pid_of alice)"
  await_no_screen alice '^> ?$'
  type_in alice 'echo status $?'
  await_screen alice '^status 143$'
  is_given_back alice
}

@test "a crash gives the terminal back, and what it says can be read" {
  echo 'process.on("SIGUSR2", () => { throw new Error("boom") })' >"$WORK/crash.cjs"
  export NODE_OPTIONS="--require $WORK/crash.cjs"
  sit alice
  kill -USR2 "$(pid_of alice)"
  await_screen alice '^lswarm: internal error: boom'
  type_in alice 'echo status $?'
  await_screen alice '^status 1$'
  is_given_back alice
}

@test "a terminal that is closed ends it, and it leaves no trace" {
  sit alice
  listen bob
  await_screen alice '^-- bob joined$'
  tmux_ kill-session -t alice
  run -0 lswarm wait room --gone alice --timeout 20s
  assert_equal "$(find "$LSWARM_DIR" -type s | wc -l)" 1
}

@test "the status of a chat whose terminal was closed is that of a hangup" {
  window alice 80 24
  # A shell that outlives its terminal, to tell it.
  type_in alice "trap '' HUP; lswarm join room --ready --name alice; echo \$? >'$WORK/status'"
  await_screen alice '^-- ready: room as '
  tmux_ kill-session -t alice
  await_line "$WORK/status" '^129$'
}

@test "a window may be made small and large again" {
  sit alice
  talk bob
  await_screen alice '^-- bob joined$'
  local size
  for size in '40 10' '20 4' '80 2' '200 60'; do
    tmux_ resize-window -t alice -x "${size% *}" -y "${size#* }"
    say bob "at $size"
    await_screen alice "^bob: at $size\$"
    await_screen alice '^>'
  done
  await_screen alice '^room · 1 peer'
}

@test "what was said is kept while a window is made as small as can be" {
  sit alice
  talk bob
  await_screen alice '^-- bob joined$'
  say bob 'said before'
  await_screen alice '^bob: said before$'
  local rows
  for rows in 3 2 1; do
    tmux_ resize-window -t alice -x 80 -y "$rows"
    say bob "said in $rows"
    await_screen alice "^bob: said in $rows\$"
  done
  tmux_ resize-window -t alice -x 80 -y 24
  await_screen alice '^>'
  run screen alice
  assert_line '-- bob joined'
  for rows in before 'in 3' 'in 2' 'in 1'; do assert_line "bob: said $rows"; done
}

@test "escape sequences are shown, not obeyed" {
  sit alice
  talk bob
  say bob $'\e[2J\e]0;title\a\r\b\u009b1m\u202eabc' 'end of it'
  await_screen alice '^bob: end of it$'
  run screen alice
  assert_line 'bob: \x1b[2J\x1b]0;title\x07\x0d\x08\x9b1m\u{202e}abc'
}

@test "OSC 52, DCS, links, titles and bells are shown, not obeyed" {
  sit alice
  talk bob
  tmux_ set-option -g set-clipboard on
  say bob $'\e]52;c;cm0gLXJm\a' $'\eP+q544e\e\\' $'\e]8;;http://x\e\\' $'\x1b_x\x1b\\' $'\a\x7f' 'end of it'
  await_screen alice '^bob: end of it$'
  run screen alice
  assert_line 'bob: \x1b]52;c;cm0gLXJm\x07'
  assert_line 'bob: \x1bP+q544e\x1b\'
  assert_line 'bob: \x1b]8;;http://x\x1b\'
  assert_line 'bob: \x1b_x\x1b\'
  assert_line 'bob: \x07\x7f'
  run ! tmux_ show-buffer
}

@test "ten thousand marks on one letter take one row, and bytes that are not UTF-8 are replaced" {
  sit alice
  talk bob
  say bob "e$(printf '\u0301%.0s' {1..10000})" $'\x9b2J\xff' 'end of it'
  await_screen alice '^bob: end of it$'
  run screen alice
  assert_line --regexp '^bob: e.* bytes not shown$'
  assert_line 'bob: �2J�'
}

@test "a record with a newline cannot forge a line of another, nor one of the program" {
  sit alice
  run -0 --separate-stderr lswarm join room -0 --linger 0 --name mallory < <(printf 'hello\nbob: I owe you\n-- bob left\0')
  await_screen alice '^mallory: .*I owe you'
  refute_on alice '^(bob:|-- bob)'
}

@test "neither a long line nor a name can seem to be another's" {
  COLUMNS_OF=40 ROWS_OF=10 sit alice
  talk bob
  sit carol
  await_screen alice '^-- .*carol joined$'
  await_screen alice '^-- .*bob'
  named second carol
  named forger '-- carol left'
  await_screen alice '^-- carol~[0-9a-f]{8}'
  await_screen alice '^-- .*"-- carol left"'
  say bob "$(printf 'x%.0s' {1..35})carol: I owe you 100" 'end of it'
  await_screen alice '^bob: end of it$'
  run screen alice
  assert_line --partial 'I owe you'
  refute_line --regexp '^carol: '
  refute_line --regexp '^-- carol left'
}

@test "a flood is counted, and the line can still be typed" {
  sit alice
  spawn_stdin <(exec yes 'a line of some forty bytes, give or take') flood lswarm join room --name flood
  await_screen alice 'lines not shown$'
  type_in alice 'still here'
  await_screen alice '^alice: still here$'
  kill -TERM "${PIDS[flood]}"
  await_screen alice '^-- flood left'
}

@test "names have colours, and with NO_COLOR none" {
  sit alice
  talk bob
  say bob hello
  await_screen alice '^bob: hello$'
  run tmux_ capture-pane -e -p -t alice
  assert_line --regexp $'\e\\[[0-9;]+mbob'
  keys alice C-c
  export NO_COLOR=1
  window plain 80 24
  run_in plain env NO_COLOR=1 lswarm join room --name carol
  await_screen plain '^-- bob joined$'
  say bob again
  await_screen plain '^bob: again$'
  run tmux_ capture-pane -e -p -t plain
  refute_line --partial $'\e[3'
}

@test "--time shows the time before each line, and a mention rings with --bell" {
  sit alice --time --bell
  talk bob
  tmux_ pipe-pane -t alice "cat >'$WORK/bytes'"
  say bob 'hello malice' 'hello alice'
  await_screen alice '^[0-2][0-9]:[0-5][0-9] bob: hello alice$'
  await_line "$WORK/bytes" $'\a'
  assert_equal "$(tr -dc '\a' <"$WORK/bytes" | wc -c)" 1
}

@test "--plain, a dumb terminal, CI and a screen reader get lines" {
  window alice 80 24
  listen bob
  local how
  for how in --plain TERM=dumb CI=true INK_SCREEN_READER=true; do
    if [[ $how == --plain ]]; then run_in alice lswarm join room --plain; else run_in alice env "$how" lswarm join room; fi
    await_screen alice '^lswarm: bob joined$'
    refute_on alice '^>'
    keys alice C-d
    await_line "$WORK/bob.err" ready
    type_in alice clear
    await_no_screen alice 'bob joined'
    tmux_ clear-history -t alice
  done
}

