#!/usr/bin/env bats
# `--dht`: `--allow` and `--deny`.

load helpers/common
load helpers/network

@test "exec runs in public only for those who are allowed" {
  network
  run -2 --separate-stderr on a exec t --dht $NODE --public -- cat
  assert_regex "$stderr" 'would run the command for anybody: .*--allow'
  (umask 077 && lswarm key new >"$WORK/seed")
  spawn_on a server exec t --dht $NODE --public --allow "$(lswarm key id --seed-file "$WORK/seed")" --ready -- echo yes
  await_ready server
  run -0 --separate-stderr on b connect t --dht $NODE --public --seed-file "$WORK/seed" --timeout 30s </dev/null
  assert_output yes
  run -3 --separate-stderr on b connect t --dht $NODE --public --no-wait </dev/null
}

@test "who is denied meets nobody" {
  network
  (umask 077 && lswarm key new >"$WORK/seed")
  spawn_on a alice join t $NETWORK --deny "$(lswarm key id --seed-file "$WORK/seed")" -d --keep --ready
  await_ready alice
  run -3 --separate-stderr on b wait t $NETWORK --seed-file "$WORK/seed" --no-wait
  spawn_on b denied join t $NETWORK --seed-file "$WORK/seed" -d --keep
  await_line "$WORK/denied.err" '^lswarm: somebody is on the topic, and refuses us or cannot be reached: '
  on b wait t $NETWORK --timeout 30s
}
