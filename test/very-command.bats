#!/usr/bin/env bats
# The command that a handler starts is the program of that name, word for word, whatever a shell would make of the words.

load helpers/common
load helpers/streams
load helpers/very-command

@test "exec" {
  NAMES=(echo '[' a=b -x 'with space' $'two\nlines')
  said_by_all handled
}

@test "exec --pipes" {
  said_by_all handled --pipes
}

@test "exec --pipes: echo and printf of the system, not of a shell" {
  PATH=${PATH#*:}
  ARGUMENTS=('a\tb' -n)
  handled --pipes echo
  assert_equal "$SAID" 'a\tb -n'
  ARGUMENTS=('%s\n' -- x)
  handled --pipes printf
  assert_equal "$SAID" $'--\nx'
}

@test "exec --pipes: a command that is gone or cannot be run any more is told to the caller" {
  for how in 'rm' 'chmod -x'; do
    for name in gone -gone; do
      printf '#!/bin/bash\n' >"$WORK/my commands/$name"
      chmod +x "$WORK/my commands/$name"
      spawn server lswarm exec t --once --ready --pipes -- "$name"
      await_ready server
      $how -- "$WORK/my commands/$name"
      [[ $how == rm ]] && expected=127 || expected=126
      run -$expected --separate-stderr lswarm connect t --timeout 30s </dev/null
      await_exit server
    done
  done
}
