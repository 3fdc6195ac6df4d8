#!/usr/bin/env bats
# What lies in a topic's directory and is not ours, or belongs to a stopped peer: it is not removed.

load helpers/common
load helpers/rooms
load helpers/directories

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
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
