#!/usr/bin/env bats
# Topic keys on the command line: where they come from, and which are refused.

load helpers/common
load helpers/network

@test "a bare word is not enough, unless it is to be public" {
  run -2 --separate-stderr setsid -w lswarm peers t --dht </dev/null
  assert_regex "$stderr" 'needs a topic key: --key-file .* --public'
}

@test "a key file that others may read is refused" {
  chmod 640 "$WORK/key"
  run -2 --separate-stderr lswarm peers t --dht --key-file "$WORK/key"
  assert_regex "$stderr" "mode 0640, others may read it: chmod 600 $WORK/key"
}

@test "a key that is mistyped is refused, and not shown" {
  key=$(<"$WORK/key")
  printf '%s\n' "${key:0:30}0${key:31}" >"$WORK/key"
  run -2 --separate-stderr lswarm peers t --dht --key-file "$WORK/key"
  assert_equal "$stderr" "lswarm: $WORK/key: line 1: a key is mistyped: character 31 is in no key"
}

@test "a key that is not there is named" {
  run -2 --separate-stderr lswarm peers t --dht --key-file "$WORK/none"
  assert_equal "$stderr" "lswarm: cannot read $WORK/none: no such file or directory"
  run -2 --separate-stderr lswarm peers t --dht --key-fd 9
  assert_equal "$stderr" 'lswarm: --key-fd: descriptor 9 is not open'
}

@test "a key is asked for at a terminal, and not shown" {
  [[ $(script --version 2>&1) == *util-linux* ]] || skip 'no script(1) of util-linux'
  network
  spawn_on a alice join t $NETWORK -d --keep --ready
  await_ready alice
  mkfifo "$WORK/keys"
  spawn_stdin "$WORK/keys" asked env "LSWARM_DIR=$WORK/b" script --quiet --flush --return --command "exec lswarm wait t --dht $NODE --timeout 30s" /dev/null
  exec {KEYS}<>"$WORK/keys"
  await_line "$WORK/asked.out" 'topic key: '
  printf 'x\177%s\r' "$(<"$WORK/key")" >&"$KEYS"
  await_exit asked
  assert_equal "$status" 0
  run -1 grep -c lskey1 "$WORK/asked.out"
  exec {KEYS}>&-
}

@test "an id may be in a file with others" {
  network
  (umask 077 && lswarm key new >"$WORK/seed")
  printf '# my friends\n\n%s # carol\n' "$(lswarm key id --seed-file "$WORK/seed")" >"$WORK/friends"
  spawn_on a alice join t $NETWORK --allow "$WORK/friends" -d --keep --ready
  await_ready alice
  on b wait t $NETWORK --seed-file "$WORK/seed" --timeout 30s
  run -3 --separate-stderr on b wait t $NETWORK --no-wait
  echo oops >>"$WORK/friends"
  run -2 --separate-stderr on b peers t $NETWORK --deny "$WORK/friends"
  assert_equal "$stderr" "lswarm: --deny: line 4 of $WORK/friends is no id of 64 hex digits"
}

@test "what goes with --dht is refused without it" {
  for option in '--public' '--bootstrap h:1' '--key-file f' '--key-fd 3' '--allow x' '--deny x' '--seed-file f'; do
    run -2 --separate-stderr lswarm peers t $option
    assert_regex "$stderr" "^lswarm: ${option%% *} goes with --dht"
  done
  run -2 --separate-stderr lswarm peers t --dht --public --bootstrap nowhere
  assert_regex "$stderr" 'HOST:PORT, not "nowhere"'
  run -2 --separate-stderr lswarm peers t --dht --public --allow nobody
  assert_regex "$stderr" '--allow: takes an id of 64 hex digits'
}

@test "without its packages the network is not there, and the machine is" {
  mkdir "$WORK/installed"
  cp -R "$ROOT/bin" "$ROOT/dist" "$ROOT/package.json" "$WORK/installed"
  run -1 --separate-stderr "$WORK/installed/bin/lswarm.cjs" recv t --dht --key-file "$WORK/key" --timeout 30s
  assert_regex "$stderr" 'needs the package [a-z0-9]+, which is not installed: npm install hyperswarm'
  spawn receiver "$WORK/installed/bin/lswarm.cjs" recv t
  echo hello | "$WORK/installed/bin/lswarm.cjs" send t
  await_exit receiver
  assert_equal "$(<"$WORK/receiver.out")" hello
}
