#!/usr/bin/env bats
# What lies in a topic's directory beside the sockets of the living: leftovers of the killed, and things of others.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# topic_directory: the only one in the runtime directory.
topic_directory() {
  local found=("$LSWARM_DIR"/*)
  assert_equal "${#found[@]}" 1
  echo "${found[0]}"
}

# sockets: the names in the topic's directory.
sockets() {
  ls -A "$(topic_directory)"
}

# leftovers COUNT [PREFIX]: sockets of a process that was killed, in the topic's directory; their paths, one a line, in $WORK/dead.
leftovers() {
  node -e '
    const { createServer } = require("net")
    const [directory, count, prefix] = process.argv.slice(1)
    const letters = "abcdefghijklmnopqrstuvwxyz234567"
    const name = () => prefix + Array.from({ length: 26 }, () => letters[Math.floor(Math.random() * 32)]).join("")
    let open = Number(count)
    for (let i = 0; i < Number(count); i++) {
      const path = `${directory}/${name()}`
      createServer().listen(path, () => {
        console.log(path)
        if (--open === 0) process.kill(process.pid, "SIGKILL")
      })
    }' "$(topic_directory)" "$1" "${2:-p-}" >"$WORK/dead" || true
  [[ $(grep -c '' "$WORK/dead") == "$1" ]]
}

@test "a peer that was killed leaves a socket, and nobody minds" {
  listen alice
  listen bob
  kill -KILL "${PIDS[alice]}"
  await_exit alice
  assert_equal "$(sockets | wc -l)" 2
  run -0 --separate-stderr lswarm join room <<<hello
  await_line "$WORK/bob.out" '^hello$'
}

@test "beside the leftovers of 200 killed processes, peers meet and see only each other" {
  listen alice
  leftovers 200
  run -0 --separate-stderr lswarm join room --timeout 20s <<<hello
  assert_equal "$stderr" ''
  await_line "$WORK/alice.out" '^hello$'
  lswarm peers room --json >"$WORK/peers"
  run -0 objects "$WORK/peers" 'o.name'
  assert_output alice
}

@test "leftovers that are young stay: their process may be about to listen" {
  listen alice
  leftovers 5
  # Long enough for alice to be refused twice.
  run -124 lswarm wait room -n 9 --timeout 8s
  local path
  while read -r path; do [[ -S $path ]]; done <"$WORK/dead"
}

@test "leftovers that are old are removed, those who are there are not" {
  listen alice
  listen bob
  leftovers 200
  xargs touch -d '2 hours ago' <"$WORK/dead"
  # The sockets of the living are as old.
  touch -d '2 hours ago' "$(topic_directory)"/*
  local -a dead
  mapfile -t dead <"$WORK/dead"
  await_gone "${dead[@]}"
  assert_equal "$(sockets | wc -l)" 2
  run -0 --separate-stderr lswarm join room -n 2 --timeout 20s <<<hello
  await_line "$WORK/alice.out" '^hello$'
  await_line "$WORK/bob.out" '^hello$'
}

@test "leftovers of processes that were killed before they could be met are removed when old" {
  listen alice
  leftovers 5 .p-
  xargs touch -d '2 hours ago' <"$WORK/dead"
  local -a dead
  mapfile -t dead <"$WORK/dead"
  await_gone "${dead[@]}"
  assert_equal "$(sockets | wc -l)" 1
}

@test "a stopped peer is not taken for a dead one, however old its socket" {
  listen alice
  listen bob
  touch -d '2 hours ago' "$(topic_directory)"/*
  kill -STOP "${PIDS[alice]}"
  run -124 lswarm wait room -n 9 --timeout 8s
  assert_equal "$(sockets | wc -l)" 2
  kill -CONT "${PIDS[alice]}"
  run -0 lswarm wait room -n 2 --timeout 20s
}

@test "what is not ours in a topic's directory is not touched, and disturbs nobody" {
  listen alice
  local directory name
  directory=$(topic_directory)
  (
    cd "$directory"
    mkfifo p-aaaaaaaaaaaaaaaaaaaaaaaaaa fifo
    mkdir p-bbbbbbbbbbbbbbbbbbbbbbbbbb directory
    echo precious | tee p-cccccccccccccccccccccccccc file ./-rf $'two\nlines' $'\xff\xfe' p- .p- p-short P-DDDDDDDDDDDDDDDDDDDDDDDDDD >/dev/null
    echo precious >.p-eeeeeeeeeeeeeeeeeeeeeeeeee
    ln -s nowhere p-ffffffffffffffffffffffffff
    ln -s p-gggggggggggggggggggggggggg p-gggggggggggggggggggggggggg
    ln -s "$WORK" p-hhhhhhhhhhhhhhhhhhhhhhhhhh
    touch -h -d '2 hours ago' ./* .p-*
  )
  find "$directory" -not -type s -printf '%p %i %T@ %s\n' | sort >"$WORK/before"
  run -0 --separate-stderr lswarm join room --timeout 20s <<<hello
  assert_equal "$stderr" ''
  await_line "$WORK/alice.out" '^hello$'
  # Long enough for alice to be refused twice.
  run -124 lswarm wait room -n 9 --timeout 8s
  kill -TERM "${PIDS[alice]}"
  await_exit alice
  find "$directory" -not -type s -printf '%p %i %T@ %s\n' | sort >"$WORK/after"
  # The directory itself has seen sockets come and go.
  diff <(grep -v "^$directory [0-9]" "$WORK/before") <(grep -v "^$directory [0-9]" "$WORK/after")
}

@test "a socket of somebody else's program under a name of ours is not removed, and disturbs nobody" {
  listen alice
  local socket
  socket=$(topic_directory)/p-aaaaaaaaaaaaaaaaaaaaaaaaaa
  spawn stranger node -e 'require("net").createServer((s) => s.end("220 hello\r\n")).listen(process.argv[1], () => console.log("ready"))' "$socket"
  await_line "$WORK/stranger.out" ready
  touch -d '2 hours ago' "$socket"
  run -0 --separate-stderr lswarm join room --timeout 20s <<<hello
  await_line "$WORK/alice.out" '^hello$'
  run -124 lswarm wait room -n 9 --timeout 8s
  [[ -S $socket ]]
}
