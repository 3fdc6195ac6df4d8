#!/usr/bin/env bats
# What bash completes, by Tab.

load helpers/common
load helpers/screen
load helpers/shells
load helpers/completing

completes_in bash

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
