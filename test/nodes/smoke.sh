#!/usr/bin/env bash
# smoke.sh [--local] COMMAND...: uses each verb of `COMMAND...` once, and prints a line for each: `ok VERB`, or what was wrong.
# Fails when any was. With --local nothing beyond this machine is tried, as where optional packages are missing. A verb that
# --help names and this file does not is wrong, too. What a verb says on stderr is nothing, but for what is expected.
# Each is called by its name, from what --help says.
# shellcheck disable=SC2317,SC2329,SC2034
set -u

ways=all
if [[ $1 == --local ]]; then
  ways=local
  shift
fi
command=("$@")
work=$(mktemp -d "${TMPDIR:-/tmp}/lss-XXXXXX")
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT
export LSWARM_DIR=$work/d XDG_CONFIG_HOME=$work/config
unset LSWARM_KEY LSWARM_LOCAL_ONLY
mkdir -m 700 "$LSWARM_DIR" "$work/far"
failed=0

# lswarm VERB ARGUMENT...: with a limit, so that nothing hangs.
lswarm() {
  "${command[@]}" "$1" --timeout 30s "${@:2}"
}

# starts NAME VERB ARGUMENT...: in the background, and ready; its stdout in NAME.out.
starts() {
  local name=$1
  shift
  # By exec: it is the program that is killed, and no shell before it.
  (exec "${command[@]}" "$1" --timeout 30s --ready-fd 3 "${@:2}") </dev/null >"$work/$name.out" 3>"$work/$name.ready" &
  pid=$!
  until [[ -s $work/$name.ready ]]; do
    kill -0 "$pid" 2>/dev/null || return
    sleep 0.05
  done
}

# shows FILE TEXT: waits until FILE has TEXT.
shows() {
  local tries=600
  until grep -qF -e "$2" "$1" 2>/dev/null; do
    ((tries-- > 0)) || return
    sleep 0.05
  done
}

# --- What each verb has to print

check_join() {
  starts bob join room -d --name bob
  seq 3 | lswarm join room --name alice
  wait "$pid"
  cat "$work/bob.out"
}
expect_join=$'1\n2\n3'

check_send() {
  lswarm recv file --quiet -o "$work/copy" &
  head -c 3000000 /dev/urandom >"$work/file"
  lswarm send file "$work/file" --digest crc32 --quiet
  wait $!
  cmp "$work/file" "$work/copy" && echo same
}
expect_send=same

check_recv() {
  lswarm send words -- echo hello &
  lswarm recv words -- cat
  wait
}
expect_recv=hello

check_exec() {
  starts upper exec upper -- tr a-z A-Z
  echo hello | lswarm connect upper
  kill "$pid"
}
expect_exec=HELLO

check_connect() {
  starts fails exec --once fails -- sh -c 'exit 7'
  lswarm connect fails </dev/null
  echo "$?"
}
expect_connect=7

check_listen() {
  lswarm listen door </dev/null &
  echo letter | lswarm connect door
  wait
}
expect_listen=letter

check_pub() {
  "${command[@]}" id new author >/dev/null
  starts reader sub news -n 2 --prefix '%n: '
  printf 'one\ntwo\n' | lswarm pub news --id author
  wait "$pid"
  cat "$work/reader.out"
}
expect_pub=$'author: one\nauthor: two'

check_sub() {
  lswarm sub once -n 1 &
  lswarm pub once hello
  wait
}
expect_sub=hello

check_id() {
  "${command[@]}" id new someone | cut -c 1-4
  "${command[@]}" id list | cut -d ' ' -f 1
}
expect_id=$'key:\nNAME\nsomeone'

check_wait() {
  starts there join hall -d
  lswarm wait hall && echo there
  kill "$pid"
}
expect_wait=there

check_peers() {
  starts carol join kitchen -d --name carol
  lswarm peers kitchen --json | grep -o '"name":"carol"'
  kill "$pid"
}
expect_peers='"name":"carol"'

check_topics() {
  starts dora join yard -d --name dora
  lswarm topics | awk 'NR == 2 { print $1, $2, $3 }'
  kill "$pid"
}
expect_topics='yard 1 dora'

check_top() {
  starts eve join attic -d --name eve-is-there
  lswarm top attic --once | awk 'NR == 2 { print $1 }'
  # The view itself, on a terminal.
  if [[ $(script --version 2>/dev/null) == *util-linux* ]]; then
    mkfifo "$work/typed"
    TERM=xterm script -qec "$(printf '%q ' "${command[@]}" top attic --timeout 30s)" /dev/null <"$work/typed" >"$work/top.out" 2>&1 &
    exec 4>"$work/typed"
    shows "$work/top.out" eve-is-there && echo seen
    printf q >&4
    exec 4>&-
    wait $!
  else
    echo seen
  fi
  kill "$pid"
}
expect_top=$'eve-is-there\nseen'

check_key() {
  lswarm key new | cut -c 1-5
  lswarm key word | wc -w | tr -d ' '
}
expect_key=$'lskey\n10'

check_limits() {
  "${command[@]}" limits | grep -c '^peers '
}
expect_limits=1

check_completion() {
  "${command[@]}" completion bash | bash -n && echo sound
}
expect_completion=sound

# A peer with a directory of its own is as far away as one on another machine.
check_bridge() {
  [[ $ways == all ]] || { echo across && return; }
  (umask 077 && lswarm key new >"$work/key")
  lswarm recv far --dir "$work/far" --listen "unix:$work/socket" --key-file "$work/key" &
  local receiver=$!
  starts bridge bridge far --connect "unix:$work/socket" --key-file "$work/key"
  echo across | lswarm send far
  wait "$receiver"
  kill "$pid"
}
expect_bridge=across

# The first node, and two peers that find each other by it: native code, where there is some.
check_bootstrap() {
  [[ $ways == all ]] || { echo found && return; }
  (umask 077 && lswarm key new >"$work/far key")
  "${command[@]}" bootstrap --host 127.0.0.1 --port 0 >"$work/node" &
  local node=$!
  shows "$work/node" --bootstrap
  # shellcheck disable=SC2046
  set -- --dht --key-file "$work/far key" $(<"$work/node")
  lswarm recv found --dir "$work/far" "$@" &
  echo found | lswarm send found "$@"
  wait $!
  kill "$node"
}
expect_bootstrap=found

check_help() {
  "${command[@]}" help | sed -n 1p
}
expect_help='lswarm VERB TOPIC [options]'

# --- All of them

verbs=$("${command[@]}" --help | sed -n 's/^  lswarm \([a-z]*\) .*/\1/p;s/^  lswarm \([a-z]*\)$/\1/p' | sort -u)
[[ -n $verbs ]] || verbs="(no verbs in --help)"
for verb in $verbs; do
  expected=expect_$verb
  if [[ $(type -t "check_$verb") != function ]]; then
    echo "$verb: there is no check of it"
    failed=1
    continue
  fi
  printed=$("check_$verb" 2>"$work/stderr")
  if [[ $printed == "${!expected}" && ! -s $work/stderr ]]; then
    echo "ok $verb"
  else
    failed=1
    echo "$verb: printed ${printed@Q}, not ${!expected@Q}; on stderr: $(head -c 400 "$work/stderr" | tr '\n' ' ')"
  fi
done
exit "$failed"
