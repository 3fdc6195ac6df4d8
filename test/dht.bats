#!/usr/bin/env bats
# `--dht`: peers that are not on one machine, on a private network that `lswarm bootstrap` runs on loopback.

load helpers/common

setup() {
  lswarm_setup
  # Two machines: what they share is the network.
  mkdir -m 700 "$WORK/a" "$WORK/b"
  (umask 077 && lswarm key new >"$WORK/key")
}

teardown() {
  lswarm_teardown
}

# network: starts the first node, and sets NETWORK to the options that reach it with the key.
network() {
  spawn first lswarm bootstrap --host 127.0.0.1 --port 0
  await_line "$WORK/first.out" '^--bootstrap '
  NODE=$(<"$WORK/first.out")
  NETWORK="--dht $NODE --key-file $WORK/key"
}

# on MACHINE ARG...: runs lswarm there.
on() {
  LSWARM_DIR=$WORK/$1 lswarm "${@:2}"
}

# spawn_on MACHINE NAME ARG...: starts lswarm there.
spawn_on() {
  spawn "$2" env "LSWARM_DIR=$WORK/$1" lswarm "${@:3}"
}

@test "bootstrap prints the option for others and nothing else, and ends at a signal" {
  network
  assert_regex "$NODE" '^--bootstrap 127\.0\.0\.1:[0-9]+$'
  assert_equal "$(<"$WORK/first.err")" ''
  kill -TERM "${PIDS[first]}"
  await_exit first
  assert_equal "$status" 143
}

@test "a port that is taken is named" {
  network
  run -1 --separate-stderr lswarm bootstrap --host 127.0.0.1 --port "${NODE##*:}"
  assert_regex "$stderr" "cannot listen at 127.0.0.1:${NODE##*:}"
}

@test "a stream is exact and confirmed" {
  network
  head -c 5000000 /dev/urandom >"$WORK/in"
  spawn_on a sender send t "$WORK/in" $NETWORK
  on b recv t $NETWORK --timeout 30s >"$WORK/out"
  cmp "$WORK/in" "$WORK/out"
  await_exit sender
  assert_equal "$status" 0
}

@test "a receiver that comes first is found" {
  network
  spawn_on a receiver recv t $NETWORK --ready
  await_ready receiver
  echo hello | on b send t $NETWORK --timeout 30s
  await_exit receiver
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/receiver.out")" hello
}

@test "a command's reply and its exit status come back" {
  network
  spawn_on a server exec t $NETWORK --ready -- sh -c 'tr a-z A-Z; exit 7'
  await_ready server
  run -7 --separate-stderr on b connect t $NETWORK --timeout 30s < <(echo hello)
  assert_output HELLO
}

@test "a large reply is complete although the command left its input unread" {
  network
  spawn_on a server exec t $NETWORK --ready -- head -c 3000000 /dev/zero
  await_ready server
  run -0 bash -c 'head -c 2000000 /dev/zero | lswarm connect t "$@" --timeout 30s | wc -c' - $NETWORK
  assert_output 3000000
}

@test "commands at both ends speak to each other" {
  network
  spawn_on a server exec t $NETWORK --ready -- sh -c 'read x; echo "got $x"'
  await_ready server
  run -0 --separate-stderr on b connect t $NETWORK --timeout 30s -- sh -c 'echo hello; read x; echo "$x" >"$1"' - "$WORK/said"
  assert_equal "$(<"$WORK/said")" 'got hello'
}

@test "a command does not see the key" {
  network
  spawn server env "LSWARM_DIR=$WORK/a" "LSWARM_KEY=$(<"$WORK/key")" lswarm exec t --dht $NODE --ready -- sh -c 'echo "key: $LSWARM_KEY, by $LSWARM_TRANSPORT"'
  await_ready server
  run -0 --separate-stderr on b connect t $NETWORK --timeout 30s </dev/null
  assert_output 'key: , by dht'
}

@test "listen and connect are two ends of one connection" {
  network
  spawn_on a door listen t $NETWORK --ready
  await_ready door
  on b connect t $NETWORK --timeout 30s < <(echo hello)
  await_exit door
  assert_equal "$status" 0
  assert_equal "$(<"$WORK/door.out")" hello
}

@test "lines go to every peer" {
  network
  spawn_on a alice join t $NETWORK -d --ready --name alice
  await_ready alice
  on b join t $NETWORK --timeout 30s < <(printf 'one\ntwo\n')
  await_exit alice
  assert_equal "$(<"$WORK/alice.out")" $'one\ntwo'
}

@test "wait opens, and peers says what carries a peer" {
  network
  spawn_on a alice join t $NETWORK -d --keep --name alice
  on b wait t $NETWORK --timeout 30s
  run -0 --separate-stderr on b peers t $NETWORK
  assert_regex "${lines[1]}" '^alice .* join .* dht$'
}

@test "peers of one machine are met there only" {
  network
  spawn_on a alice join t $NETWORK -d --keep --name alice --ready
  await_ready alice
  run -0 --separate-stderr on a peers t $NETWORK
  assert_equal "${#lines[@]}" 2
  assert_regex "${lines[1]}" '^alice .* local$'
}

@test "with another key nobody is there" {
  network
  spawn_on a alice join t $NETWORK -d --keep --ready
  await_ready alice
  run -0 --separate-stderr env "LSWARM_DIR=$WORK/b" "LSWARM_KEY=$(lswarm key new)" lswarm peers t --dht $NODE
  assert_output ''
  assert_equal "$stderr" 'lswarm: nobody is on t'
}

@test "a key is taken from a descriptor, and words are a key" {
  network
  lswarm key word >"$WORK/words"
  spawn_stdin "$WORK/words" alice env "LSWARM_DIR=$WORK/a" lswarm join t --dht $NODE --key-fd 0 -d --keep --name alice --ready
  await_ready alice
  on b wait t --dht $NODE --key-fd 7 --timeout 30s 7<"$WORK/words"
}

@test "a public topic needs no key" {
  network
  spawn_on a alice join t --dht $NODE --public -d --keep --ready
  await_ready alice
  on b wait t --dht $NODE --public --timeout 30s
}

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
  on b wait t $NETWORK --timeout 30s
}

@test "no answer from the network is said within 10 s, and peers of the machine meet meanwhile" {
  spawn_on a receiver recv t --dht --bootstrap 127.0.0.1:1 --key-file "$WORK/key" --ready
  await_ready receiver
  echo hello | on a send t --timeout 30s
  await_exit receiver
  assert_equal "$(<"$WORK/receiver.out")" hello
  spawn_on b alone join t --dht --bootstrap 127.0.0.1:1 --key-file "$WORK/key" -d --keep
  await_line "$WORK/alone.err" '^lswarm: no answer from the network yet: check --bootstrap' 10
}

@test "--timeout ends a wait for the network with 124" {
  run -124 --separate-stderr on a recv t --dht --bootstrap 127.0.0.1:1 --key-file "$WORK/key" --timeout 1s
}

@test "a stream whose sender was killed is incomplete" {
  network
  mkfifo "$WORK/in"
  spawn_stdin "$WORK/in" sender env "LSWARM_DIR=$WORK/a" lswarm send t $NETWORK
  exec {IN}<>"$WORK/in"
  spawn_on b receiver recv t $NETWORK
  echo half >&"$IN"
  await_line "$WORK/receiver.out" half
  kill -KILL "${PIDS[sender]}"
  await_exit receiver 60
  assert_equal "$status" 4
  exec {IN}>&-
}

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
  assert_equal "$stderr" 'lswarm: a key is mistyped: character 31 is in no key'
}

@test "a key that is not there is named" {
  run -2 --separate-stderr lswarm peers t --dht --key-file "$WORK/none"
  assert_equal "$stderr" "lswarm: cannot read $WORK/none: ENOENT"
  run -2 --separate-stderr lswarm peers t --dht --key-fd 9
  assert_equal "$stderr" 'lswarm: cannot read descriptor 9: EBADF'
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

@test "what goes with --dht is refused without it" {
  for option in '--public' '--bootstrap h:1' '--key-file f' '--key-fd 3' '--allow x' '--deny x' '--seed-file f'; do
    run -2 --separate-stderr lswarm peers t $option
    assert_equal "$stderr" "lswarm: ${option%% *} goes with --dht"
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
