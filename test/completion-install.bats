#!/usr/bin/env bats
# `completion zsh --install` asks zsh, which reads the user's start-up files: whatever these do, it ends.

load helpers/common

setup() {
  lswarm_setup
  command -v zsh >/dev/null || skip 'zsh is not installed'
  unset XDG_DATA_HOME XDG_CONFIG_HOME ZDOTDIR
  mkdir -p "$WORK/home/functions"
  export HOME=$WORK/home
  OWN=$HOME/functions/_lswarm
  OTHERWISE=$HOME/.local/share/zsh/site-functions/_lswarm
}

teardown() {
  lswarm_teardown
}

# zshrc LINE...: the user's start-up file, which adds a directory to fpath and then does this. What it starts with `&`
# is in ~/started.
zshrc() {
  printf '%s\n' 'fpath=(~/functions $fpath)' 'echo $$ >~/shell' "$@" >"$HOME/.zshrc"
}

# await_none: none of the processes of the start-up file is left.
await_none() {
  local pid
  for pid in $(cat "$HOME/shell" "$HOME/started" 2>/dev/null); do
    _poll 10 _is_no_more "$pid" || fail "$pid is left"
  done
}

# What nobody reaps, in a container, is no more either.
_is_no_more() {
  [[ ! -e /proc/$1 || $(ps -o stat= -p "$1") == Z* ]]
}

# installs PATH: it is written there, and nothing is left.
installs() {
  run -0 lswarm completion zsh --install
  assert_line --index 0 --regexp "^lswarm: wrote $1(, which a new shell reads)?\$"
  cmp "$1" <(lswarm completion zsh)
  rm "$1"
  await_none
}

@test "what start-up files leave running in the background does not hold it up, and is ended" {
  zshrc 'sleep 1000 & echo $! >~/started'
  installs "$OWN"
  zshrc 'sleep 1000 & echo $! >~/started' disown 'yes & echo $! >>~/started'
  installs "$OWN"
}

@test "what start-up files print, alias and read does not matter" {
  zshrc "printf '\\0\\377\\n/nowhere\\n'" 'alias print=false builtin=false' 'read x' 'read x </dev/tty'
  installs "$OWN"
}

@test "start-up files that end the shell or close its output leave the place that needs no answer" {
  for line in 'exit 3' 'exec true' 'exec >/dev/null' 'kill -KILL $$'; do
    zshrc "$line"
    installs "$OTHERWISE"
  done
}

@test "start-up files that never end are given up after a deadline" {
  local -a files=("trap '' TERM INT HUP; sleep 1000 & echo \$! >~/started; while :; do wait; sleep 1; done"
    'exec sleep 1000' 'kill -STOP $$' 'exec yes')
  for at in "${!files[@]}"; do
    HOME=$WORK/home/$at
    mkdir -p "$HOME/functions"
    zshrc "${files[at]}"
    spawn "installer$at" lswarm completion zsh --install
  done
  for at in "${!files[@]}"; do
    HOME=$WORK/home/$at
    await_exit "installer$at"
    assert_equal "$at: $status" "$at: 0"
    cmp "$HOME/.local/share/zsh/site-functions/_lswarm" <(lswarm completion zsh)
    await_none
  done
}

@test "it ends by TERM, INT and HUP while zsh is asked, writes nothing and leaves nothing" {
  zshrc "trap '' TERM INT HUP" 'sleep 1000 & echo $! >~/started' 'echo begun >~/begun' 'while :; do wait; sleep 1; done'
  for signal in 15 2 1; do
    rm -f "$HOME/begun"
    spawn installer lswarm completion zsh --install
    await_line "$HOME/begun" begun
    kill "-$signal" "${PIDS[installer]}"
    await_exit installer
    assert_equal "$status" $((128 + signal))
    await_none
    assert_equal "$(find "$HOME" -name _lswarm)" ''
  done
}

@test "without zsh the place is the one that needs no answer" {
  mkdir "$WORK/only"
  ln -s "$(command -v node)" "$(command -v env)" "$WORK/only"
  PATH=$WORK/only run -0 "$ROOT/bin/lswarm.cjs" completion zsh --install
  assert_line --index 0 "lswarm: wrote $OTHERWISE"
}
