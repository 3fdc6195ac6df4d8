#!/usr/bin/env bats
# `top`: as a table, as snapshots, and live on a terminal.

load helpers/common
load helpers/rooms
load helpers/screen

setup() {
  lswarm_setup
}

teardown() {
  screen_teardown
  lswarm_teardown
}

# live COLUMNS ROWS [ARGUMENT...]: a `top` on a terminal of that size.
live() {
  screen_setup
  local size=("$1" "$2")
  shift 2
  screen "${size[@]}" "lswarm top --name eye $*"
}

# peers_of FIELD...: of each peer in a snapshot on stdin, these fields.
peers_of() {
  node -e '
    const { peers } = JSON.parse(require("node:fs").readFileSync(0, "utf8").split("\n")[0])
    for (const peer of peers) console.log(process.argv.slice(1).map((field) => peer[field] ?? "-").join(" "))
  ' "$@"
}

# said FROM TO: three lines have gone from one to the other.
said() {
  say "$1" one two three
  await_line "$WORK/$2.out" three
}

@test 'top --once prints a table of the topic, with what each peer has counted' {
  listen alice
  talk bob
  said bob alice
  run -0 --separate-stderr lswarm top room --once
  assert_line --index 0 --regexp '^NAME +ID +VERB +PID +TRANSPORT +SINCE +IN +OUT +LINES IN +LINES OUT +RATE +QUEUE +DROPPED +ROUND TRIP$'
  assert_line --index 1 --regexp "^alice +$(id_of alice) +join +${PIDS[alice]} +local +[0-9:]+ +14 +0 +3 +0 "
  assert_line --index 2 --regexp "^bob +$(id_of bob) +join +${PIDS[bob]} +local +[0-9:]+ +0 +14 +0 +3 "
  assert_equal "${#lines[@]}" 3
}

@test 'without a topic it is all topics, and a pipe gets the table' {
  listen alice
  spawn up lswarm exec upper --ready --name up -- cat
  await_ready up
  lswarm top </dev/null >"$WORK/table"
  run -0 cat "$WORK/table"
  assert_line --index 0 --regexp '^TOPIC +NAME '
  assert_line --index 1 --regexp '^room +alice .* join '
  assert_line --index 2 --regexp '^upper +up .* exec .* -  *-  *-  *- '
}

@test 'where nobody is, that is said on stderr, and stdout is empty' {
  run -0 --separate-stderr lswarm top room --once
  assert_output ''
  assert_equal "$stderr" 'lswarm: nobody is on room'
  run -0 --separate-stderr lswarm top
  assert_equal "$stderr" 'lswarm: nobody is on any topic'
}

@test 'top --json --once is one snapshot, one line' {
  listen alice
  talk bob
  said bob alice
  lswarm top room --json --once >"$WORK/shot.json"
  assert_equal "$(wc -l <"$WORK/shot.json")" 1
  run -0 peers_of topic name verb pid transport bytesIn bytesOut linesIn linesOut queueBytes dropped <"$WORK/shot.json"
  assert_line --index 0 "room alice join ${PIDS[alice]} local 14 0 3 0 0 0"
  assert_line --index 1 "room bob join ${PIDS[bob]} local 0 14 0 3 0 0"
}

@test 'top --json goes on, until its reader has had enough' {
  listen alice
  lswarm top room --json --interval 100ms | head -n 3 >"$WORK/shots"
  assert_equal "${PIPESTATUS[*]}" '0 0'
  assert_equal "$(grep -c '"name":"alice"' "$WORK/shots")" 3
}

@test 'send and recv count the bytes of their stream' {
  spawn to lswarm recv room --keep --ready --name to
  await_ready to
  head -c 100000 /dev/zero | lswarm send room --name from
  lswarm top room --json --once >"$WORK/shot.json"
  run -0 peers_of name bytesIn bytesOut linesIn <"$WORK/shot.json"
  assert_output 'to 100000 0 -'
}

@test 'what a receiver reads itself counts as sent, while it is' {
  spawn to lswarm recv room --ready --name to
  await_ready to
  spawn from bash -c '{ head -c 100000 /dev/zero; exec tail -f /dev/null; } | exec lswarm send room --name from'
  _poll 20 _counts 'from 0 100000' || _complain 'it never counts'
  _poll 20 _counts 'to 100000 0' || _complain 'it never counts'
}

# _counts LINE: a snapshot has a peer with this name, bytes in and bytes out.
_counts() {
  lswarm top room --json --once | peers_of name bytesIn bytesOut | grep -qxF "$1"
}

@test 'an interval below 100ms is a mistake' {
  run -2 --separate-stderr lswarm top room --interval 10ms
  assert_regex "$stderr" '--interval: takes 100ms or more'
}

@test 'other verbs, and top without a screen, never load what draws' {
  mkdir "$WORK/program"
  cp -R "$ROOT/bin" "$ROOT/dist" "$ROOT/package.json" "$WORK/program"
  rm "$WORK/program/dist/"{top,chat}.mjs
  ln -sf "$WORK/program/bin/lswarm.cjs" "$WORK/bin/lswarm"
  listen alice
  echo hello | lswarm join room
  await_line "$WORK/alice.out" '^hello$'
  spawn to lswarm recv data --ready
  await_ready to
  lswarm send data "$ROOT/package.json" --progress=bar 2>/dev/null
  await_exit to
  cmp "$ROOT/package.json" "$WORK/to.out"
  spawn upper lswarm exec upper --ready -- tr a-z A-Z
  await_ready upper
  run -0 lswarm connect upper <<<hello
  assert_output HELLO
  run -0 lswarm top room --once
  assert_line --index 1 --regexp '^alice '
  local verb
  for verb in peers\ room topics 'wait room' limits help; do run -0 lswarm $verb; done
}

@test 'a live view shows who is there, who comes and who goes, and q gives the terminal back' {
  listen alice
  live 80 24 room --interval 100ms
  await_screen '^room · 1 peer '
  await_screen '^▸ alice +[0-9a-f]{8} +join +0 +0 '
  talk bob
  await_screen '^  bob '
  said bob alice
  await_screen '^▸ alice .* 14 '
  kill -TERM "${PIDS[alice]}"
  await_no_screen 'alice'
  keys q
  await_screen '^status 0$'
  await_no_screen 'bob'
}

@test 'm says a line to one peer alone' {
  listen alice
  listen bob
  live 80 24 room
  await_screen '^  bob '
  keys Down
  await_screen '^▸ bob '
  keys m
  await_screen '^  to bob:'
  keys 'hello you' Enter
  await_line "$WORK/bob.out" '^hello you$'
  await_screen 'said to bob'
  assert_equal "$(cat "$WORK/alice.out")" ''
}

@test 'k asks, and a peer that is cut leaves and says by whom' {
  listen alice
  live 80 24 room
  await_screen '^▸ alice '
  keys k
  await_screen 'cut alice off\? It will leave\. y/N'
  keys n
  await_no_screen 'It will leave'
  keys k
  await_screen 'It will leave'
  keys y
  await_exit alice
  assert_equal "$status" 4
  await_line "$WORK/alice.err" '^lswarm: cut by eye$'
  await_screen 'nobody is here'
}

@test 'a topic opens into its peers, Enter shows one, Esc goes back' {
  listen alice
  live 80 24
  await_screen '^▸ room +1 '
  keys Enter
  await_screen '^▸ alice '
  keys Enter
  await_screen "^  does +join, process ${PIDS[alice]}, local"
  keys Escape
  await_no_screen '^  does '
  keys Escape
  await_screen '^▸ room '
}

@test 'the window may have any size, and another' {
  listen alice
  live 40 10 room
  await_screen '^▸ alice +join '
  resize 160 40
  await_screen "^▸ alice .* ${PIDS[alice]} +local "
  resize 12 4
  await_screen '^▸ alice( |$)'
  resize 80 24
  await_screen '^  \? help   q quit '
}

@test 'TERM gives the terminal back before it ends it' {
  listen alice
  live 80 24 room
  await_screen '^▸ alice '
  kill -TERM "$(pid_on_screen)"
  await_screen '^status 143$'
  await_no_screen 'alice'
  run -0 _tmux display-message -p '#{alternate_on} #{cursor_flag} #{wrap_flag}'
  assert_output '0 1 1'
}

@test 'a crash gives the terminal back, and what it says can be read' {
  screen_setup
  echo 'process.on("SIGUSR2", () => { throw new Error("boom") })' >"$WORK/crash.cjs"
  screen 80 24 "NODE_OPTIONS='--require $WORK/crash.cjs' lswarm top room"
  await_screen 'nobody is here'
  kill -USR2 "$(pid_on_screen)"
  await_screen '^lswarm: internal error: boom'
  await_screen '^status 1$'
  run -0 _tmux display-message -p '#{alternate_on} #{cursor_flag} #{wrap_flag}'
  assert_output '0 1 1'
}

@test 'a terminal that goes away takes it along' {
  listen alice
  live 80 24 room
  await_screen '^▸ alice '
  local pid
  pid=$(pid_on_screen)
  _tmux kill-server
  _poll 20 _has_ended "$pid"
}

@test 'Ctrl-C quits' {
  live 80 24 room
  await_screen 'nobody is here'
  keys C-c
  await_screen '^status 0$'
}

@test 'Ctrl-Z gives the terminal back, and fg takes it again' {
  listen alice
  screen_setup
  screen 80 24 'PS1="shell> " bash --norc -i'
  await_screen '^shell>'
  keys 'lswarm top room' Enter
  await_screen '^▸ alice '
  keys C-z
  await_screen 'Stopped'
  await_no_screen 'alice'
  keys fg Enter
  await_screen '^▸ alice '
  keys q
  await_no_screen 'alice'
}

@test 'NO_COLOR draws without colours' {
  listen alice
  screen_setup
  screen 80 24 'NO_COLOR=1 lswarm top room'
  await_screen '^▸ alice '
  run -0 _tmux capture-pane -pe
  refute_output --partial $'\e[3'
}

@test 'a dumb terminal gets the table' {
  listen alice
  screen_setup
  screen 160 24 'TERM=dumb lswarm top room'
  await_screen '^alice '
  await_screen '^status 0$'
}

@test 'a name that would move the cursor is shown as it is' {
  spawn evil lswarm join $'topic\e[2J' -d --keep --ready --name evil
  await_ready evil
  live 80 24
  await_screen '^▸ topic\\x1b\[2J '
}
