# What is completed in each shell: `load helpers/completing` after helpers/screen and helpers/shells, then completes_in SHELL.

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

# completes_in SHELL: makes a test of each of these in that shell.
completes_in() {
  bats_test_function --description "$1 completes a verb" -- completes_a_verb "$1"
  bats_test_function --description "$1 completes an option" -- completes_an_option "$1"
  bats_test_function --description "$1 completes the values of options and operands" -- completes_a_value "$1"
  bats_test_function --description "$1 completes a file, where one is wanted" -- completes_a_file "$1"
  bats_test_function --description "$1 completes a live topic" -- completes_a_topic "$1"
  bats_test_function --description "$1 completes a live peer, of the topic that is typed" -- completes_a_peer "$1"
  bats_test_function --description "$1 looks in the directory that is typed" -- completes_in_a_directory "$1"
  bats_test_function --description "$1 completes the command after --" -- completes_a_command "$1"
  bats_test_function --description "$1 quotes a topic and a name with odd characters" -- quotes_what_is_odd "$1"
  bats_test_function --description "$1 never runs what a label says" -- does_not_trust_what_it_reads "$1"
  bats_test_function --description "$1 offers no topic of a killed peer" -- leaves_out_who_was_killed "$1"
}
