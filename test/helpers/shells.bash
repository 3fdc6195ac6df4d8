# Helpers for lines that are typed in a shell: `load helpers/shells` after helpers/screen. The shell has a home of its
# own in WORK and the installed completion; its `lswarm` prints what words it got, each in <>, and its `node` leaves a
# trace: completions have to do without.

# shell_setup SHELL: skips where the shell, or what completes in it, is not installed.
shell_setup() {
  command -v "$1" >/dev/null || skip "$1 is not installed"
  [[ $1 != bash || -r /usr/share/bash-completion/bash_completion ]] || skip 'bash-completion is not installed'
  screen_setup
  mkdir -p "$WORK/home/functions" "$WORK/home/.config/fish" "$WORK/here" "$WORK/stubs"
  printf '#!/bin/sh\n: >"%s/started"\n' "$WORK" >"$WORK/stubs/node"
  chmod +x "$WORK/stubs/node"
  cat >"$WORK/home/.bashrc" <<'END'
PS1='> ' HISTFILE=
[ -n "$bare" ] || . /usr/share/bash-completion/bash_completion
lswarm() { printf '<%s>' "$@"; echo; }
END
  cat >"$WORK/home/.zshrc" <<'END'
PS1='> '
unsetopt prompt_sp
fpath=(~/functions $fpath)
autoload -Uz compinit && compinit -u -D
lswarm() { printf '<%s>' "$@"; echo; }
END
  cat >"$WORK/home/.config/fish/config.fish" <<'END'
set -g fish_greeting
set -g fish_autosuggestion_enabled 0
function fish_prompt
    echo '> '
end
function lswarm
    printf '<%s>' $argv
    echo
end
END
}

# install_completion SHELL: as a user does.
install_completion() {
  env -u XDG_DATA_HOME -u XDG_CONFIG_HOME -u BASH_COMPLETION_USER_DIR -u ZDOTDIR HOME="$WORK/home" \
    lswarm completion "$1" --install 2>"$WORK/installed"
}

# shell_screen SHELL [NAME=VALUE...]: the shell, in a directory of its own, at its prompt.
shell_screen() {
  local shell=$1
  shift
  screen 120 24 "cd '$WORK/here' && exec env -i HOME='$WORK/home' PATH='$WORK/stubs:/usr/bin:/bin' TERM=xterm-256color \
    LC_ALL=C.UTF-8 LSWARM_DIR='$LSWARM_DIR' $* $shell -i$([[ $shell != fish ]] || echo ' --private')"
  await_screen '^> ?$'
}

# shell_teardown: ends it, and waits until it has: a shell that is hung up on writes its history into WORK.
shell_teardown() {
  local shell
  shell=$(_tmux display-message -p '#{pane_pid}' 2>/dev/null) || true
  screen_teardown
  [[ -z $shell ]] || _poll 10 _has_ended "$shell"
}

# types TEXT [KEY...]: types it and presses Tab, then more keys, then Enter.
types() {
  _tmux send-keys -l -- "$1"
  shift
  _tmux send-keys Tab "$@" Enter
}

# gets WORD...: `lswarm` has got these words, and node was not started.
gets() {
  local said
  printf -v said '<%s>' "$@"
  _poll 20 _has_said "$said" || _complain_of_screen "not $said"
  [[ ! -e $WORK/started ]] || _complain 'node was started'
}

_has_said() {
  shot 2>/dev/null | grep -qxF -e "$1"
}
