# Helpers for programs on a terminal: `load helpers/screen` after helpers/common. The terminal is a tmux of
# the test's own, whose socket is in WORK; screen_teardown ends it.

# screen_setup: skips where there is no tmux.
screen_setup() {
  command -v tmux >/dev/null || skip 'tmux is not installed'
}

# screen_teardown: ends the terminal and what runs in it.
screen_teardown() {
  [[ -n ${WORK-} ]] && _tmux kill-server 2>/dev/null
  return 0
}

# screen COLUMNS ROWS COMMAND: runs a command line of sh in a new terminal of that size, as at a user's: what a
# build server or a screen reader sets does not count. After it, `status N` stands on the screen.
screen() {
  env -u CI -u INK_SCREEN_READER -u NO_COLOR -u FORCE_COLOR -u TMUX TERM=xterm-256color tmux -S "$WORK/tmux" -f /dev/null new-session -d -x "$1" -y "$2" \
    "$3; echo \"status \$?\"; exec cat" 3>&- 4>&-
}

# keys KEY...: presses keys, as tmux names them.
keys() {
  _tmux send-keys "$@"
}

# resize COLUMNS ROWS: gives the window another size.
resize() {
  _tmux resize-window -x "$1" -y "$2"
}

# shot: what stands on the screen.
shot() {
  _tmux capture-pane -p
}

# await_screen PATTERN [SECONDS=20]: waits until a line on the screen matches the extended regular expression.
await_screen() {
  _poll "${2:-20}" _shows "$1" || _complain_of_screen "no line that matches $1"
}

# await_no_screen PATTERN [SECONDS=20]: waits until none does.
await_no_screen() {
  _poll "${2:-20}" _shows_not "$1" || _complain_of_screen "still a line that matches $1"
}

# pid_on_screen: the process of `lswarm` in the terminal.
pid_on_screen() {
  local shell children
  shell=$(_tmux display-message -p '#{pane_pid}')
  if read -r children 2>/dev/null <"/proc/$shell/task/$shell/children"; then
    echo "${children%% *}"
  else
    pgrep -P "$shell" node
  fi
}

_tmux() {
  tmux -S "$WORK/tmux" "$@"
}

_shows() {
  shot 2>/dev/null | grep -qE -e "$1"
}

_shows_not() {
  ! _shows "$1"
}

_complain_of_screen() {
  shot >"$WORK/shot"
  _complain "$1" "$WORK/shot"
}
