#!/usr/bin/env bats
# What a shell completes, by Tab, in the real shells.

load helpers/common
load helpers/screen
load helpers/shells

setup() {
  lswarm_setup
}

teardown() {
  shell_teardown
  lswarm_teardown
}

# complete_in SHELL: the shell with its completion, at its prompt.
complete_in() {
  shell_setup "$1"
  install_completion "$1"
  shell_screen "$1"
}

# here NAME TOPIC [ARGUMENT...]: a peer of that name.
here() {
  local name=$1 topic=$2
  shift 2
  spawn "$name" lswarm join -d "$topic" --name "$name" --ready "$@"
  await_ready "$name"
}

completes_a_verb() {
  complete_in "$1"
  types 'lswarm jo' room
  gets join room
}

completes_an_option() {
  complete_in "$1"
  types 'lswarm join room --loc'
  gets join room --local-only
}

completes_a_value() {
  complete_in "$1"
  types 'lswarm join --slow dr' room
  gets join --slow drop room
  types 'lswarm join --slow=cu' room
  gets join --slow=cut room
  types 'lswarm key wo'
  gets key word
}

completes_a_file() {
  complete_in "$1"
  mkdir "$WORK/here/sub dir"
  touch "$WORK/here/my file" "$WORK/here/sub dir/deep"
  types 'lswarm send backup my'
  gets send backup 'my file'
  types 'lswarm recv backup -o sub' de Tab
  gets recv backup -o 'sub dir/deep'
}

completes_a_topic() {
  complete_in "$1"
  here alice room
  here bob kitchen
  types 'lswarm send ro'
  gets send room
  types 'lswarm wait --timeout 1s ki'
  gets wait --timeout 1s kitchen
}

completes_a_peer() {
  complete_in "$1"
  here alice room
  here alan kitchen
  types 'lswarm join room --to al'
  gets join room --to alice
  types 'lswarm wait kitchen --gone al'
  gets wait kitchen --gone alan
}

completes_in_a_directory() {
  complete_in "$1"
  mkdir -m 700 "$WORK/here/other"
  here alice yard --dir "$WORK/here/other"
  types 'lswarm join --dir other ya'
  gets join --dir other yard
}

completes_a_command() {
  complete_in "$1"
  touch "$WORK/here/a-file"
  types 'lswarm exec upper -- basena' a-f Tab
  gets exec upper -- basename a-file
}

quotes_what_is_odd() {
  local odd
  complete_in "$1"
  odd='a b$(touch owned)`touch owned`;"c'\''d\e*~#é'
  here alice "$odd"
  spawn bob lswarm join -d '!odd&name:it is' --name 'b o$b:|b' --ready
  await_ready bob
  here carol plain:colon
  types 'lswarm join a'
  gets join "$odd"
  types 'lswarm join plain:c'
  gets join plain:colon
  types "lswarm join 'a b"
  gets join "$odd"
  types 'lswarm join plain:colon --to b'
  gets join plain:colon --to b
  types 'lswarm peers --timeout 1s \!'
  gets peers --timeout 1s '!odd&name:it is'
  types 'lswarm wait --gone b'
  gets wait --gone 'b o$b:|b'
  run -0 ls -A "$WORK/here"
  assert_output ''
}

does_not_trust_what_it_reads() {
  local label
  complete_in "$1"
  here alice room
  label=("$LSWARM_DIR"/.names/*)
  printf '%s\n' 'x$(touch owned)`touch owned`' 'evil;touch owned' >"${label[0]}"
  types 'lswarm join ev'
  gets join 'evil;touch owned'
  types 'lswarm wait --gone x'
  gets wait --gone 'x$(touch owned)`touch owned`'
  printf 'e\033[2Jv\nevi\tl\nmore' >"${label[0]}"
  types 'lswarm join ev'
  gets join ev
  : >"${label[0]}"
  types 'lswarm join -d ev'
  gets join -d ev
  run -0 ls -A "$WORK/here"
  assert_output ''
}

leaves_out_who_was_killed() {
  [[ -r /proc/net/unix ]] || skip 'sockets are not listed here'
  complete_in "$1"
  here alice room
  kill -KILL "${PIDS[alice]}"
  await_exit alice
  types 'lswarm join ro'
  gets join ro
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

@test 'bash completes without bash-completion, and without compopt' {
  shell_setup bash
  { echo 'enable -n compopt' && lswarm completion bash; } >>"$WORK/home/.bashrc"
  shell_screen bash bare=1
  here alice 'the room'
  touch "$WORK/here/my file"
  types 'lswarm jo' the Tab --to Space a Tab
  gets join 'the room' --to alice
  types 'lswarm send backup my'
  gets send backup 'my file'
  types 'lswarm exec t -- basena' my Tab
  gets exec t -- basename 'my file'
}

# --- In each shell

for shell in bash zsh fish; do
  bats_test_function --description "$shell completes a verb" -- completes_a_verb "$shell"
  bats_test_function --description "$shell completes an option" -- completes_an_option "$shell"
  bats_test_function --description "$shell completes the values of options and operands" -- completes_a_value "$shell"
  bats_test_function --description "$shell completes a file, where one is wanted" -- completes_a_file "$shell"
  bats_test_function --description "$shell completes a live topic" -- completes_a_topic "$shell"
  bats_test_function --description "$shell completes a live peer, of the topic that is typed" -- completes_a_peer "$shell"
  bats_test_function --description "$shell looks in the directory that is typed" -- completes_in_a_directory "$shell"
  bats_test_function --description "$shell completes the command after --" -- completes_a_command "$shell"
  bats_test_function --description "$shell quotes a topic and a name with odd characters" -- quotes_what_is_odd "$shell"
  bats_test_function --description "$shell never runs what a label says" -- does_not_trust_what_it_reads "$shell"
  bats_test_function --description "$shell offers no topic of a killed peer" -- leaves_out_who_was_killed "$shell"
done
