#!/usr/bin/env bats
# The completions as they are printed and installed; what they do by Tab, in each shell: completion-SHELL.bats.

load helpers/common

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# --- Printed and installed

@test 'completion prints what is committed' {
  local file
  for file in bash:lswarm.bash zsh:_lswarm fish:lswarm.fish; do
    lswarm completion "${file%:*}" >"$WORK/printed"
    cmp "$WORK/printed" "$ROOT/completions/${file#*:}"
  done
}

@test 'completion of a shell that there is none for is refused' {
  run -2 --separate-stderr lswarm completion tcsh
  assert_equal "$stderr" 'lswarm: completion takes bash, zsh, fish, not "tcsh"'
  run -2 --separate-stderr lswarm completion
  assert_output ''
}

# installs SHELL PATH [NAME=VALUE...]: it is written there, in the home of this test, and that is said.
installs() {
  local shell=$1 path=$2
  shift 2
  run -0 --separate-stderr env -u XDG_DATA_HOME -u XDG_CONFIG_HOME -u BASH_COMPLETION_USER_DIR -u ZDOTDIR \
    HOME="$WORK/home" "$@" lswarm completion "$shell" --install
  assert_output ''
  assert_regex "${stderr_lines[0]}" "^lswarm: wrote $path(, which a new shell reads)?\$"
  cmp "$path" <(lswarm completion "$shell")
}

@test 'completion --install writes where the shell looks, and says where' {
  mkdir "$WORK/home"
  installs bash "$WORK/home/.local/share/bash-completion/completions/lswarm"
  installs bash "$WORK/data/bash-completion/completions/lswarm" XDG_DATA_HOME="$WORK/data"
  installs bash "$WORK/own/completions/lswarm" BASH_COMPLETION_USER_DIR="$WORK/own"
  installs fish "$WORK/home/.config/fish/completions/lswarm.fish"
  installs fish "$WORK/config/fish/completions/lswarm.fish" XDG_CONFIG_HOME="$WORK/config"
}

@test 'completion zsh --install takes a directory of the user that zsh looks in, or says what to add' {
  command -v zsh >/dev/null || skip 'zsh is not installed'
  mkdir -p "$WORK/home/functions"
  installs zsh "$WORK/home/.local/share/zsh/site-functions/_lswarm"
  assert_regex "${stderr_lines[1]}" "^lswarm: .* add to ~/.zshrc: fpath=\($WORK/home/.local/share/zsh/site-functions "
  echo 'echo hello; fpath=(~/none ~/functions $fpath)' >"$WORK/home/.zshrc"
  installs zsh "$WORK/home/functions/_lswarm"
  assert_equal "${#stderr_lines[@]}" 1
}

@test 'completion --install that cannot write says so' {
  : >"$WORK/home"
  run -1 --separate-stderr env HOME="$WORK/home" lswarm completion fish --install
  assert_regex "$stderr" '^lswarm: cannot write .*/lswarm.fish: not a directory$'
  run -1 --separate-stderr env -u HOME -u XDG_CONFIG_HOME lswarm completion fish --install
  assert_equal "$stderr" 'lswarm: no place to write to: neither XDG_CONFIG_HOME nor HOME is set'
}

# --- The bash of macOS, which no package of Debian's brings: its syntax, and what is not in it left away

@test 'the completion for bash has nothing that bash 3.2 has not' {
  run -1 --separate-stderr grep -nE -e 'mapfile|readarray|coproc|declare -[Agnl]|local -[An]|&>>|\|&|;&|\$\{[^}]*(\^|,,)|\$\{[^}]*@[A-Z]\}|\[\[ -v|printf .*%\(|EPOCH|BASHPID|\$\{[A-Za-z]+\[-1\]|wait -n' \
    "$ROOT/completions/lswarm.bash"
  assert_output ''
}

@test 'shellcheck finds no fault with the completion for bash' {
  command -v shellcheck >/dev/null || skip 'shellcheck is not installed'
  run -0 shellcheck "$ROOT/completions/lswarm.bash"
}
