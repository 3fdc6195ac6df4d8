# Helpers of the bats files: `load helpers/common`, then call lswarm_setup in setup() and
# lswarm_teardown in teardown(). Needs bash 5.
#
# What the tests see after lswarm_setup:
#   ROOT         the project
#   WORK         a fresh directory of this test
#   LSWARM_DIR   the runtime directory of this test, 0700 and empty, in WORK
#   PATH         begins with a directory that holds `lswarm`, the built program
#   PIDS[NAME]   the process that `spawn NAME` started
#
# A test never sleeps: it waits for a line or for an exit. Only the waits in here poll.

bats_require_minimum_version 1.5.0

ROOT=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
load "$ROOT/node_modules/bats-support/load.bash"
load "$ROOT/node_modules/bats-assert/load.bash"

# What `--ready` says, with and without `--json`.
READY_LINE='^(lswarm: ready|\{"level":"ready")'

# lswarm_setup: makes WORK, LSWARM_DIR and the PATH of one test.
# `lswarm` is a symbolic link to bin/lswarm.cjs, as npm installs it: the shebang's env execs node,
# so the pid of a background `lswarm` is that of node.
lswarm_setup() {
  WORK=$(mktemp -d "${TMPDIR:-/tmp}/w.XXXXXX")
  export LSWARM_DIR=$WORK/d
  mkdir -m 700 "$LSWARM_DIR"
  mkdir "$WORK/bin"
  ln -s "$ROOT/bin/lswarm.cjs" "$WORK/bin/lswarm"
  PATH=$WORK/bin:$PATH
  declare -gA PIDS=() STATUSES=()
  declare -ga GROUPS_STARTED=()
}

# lswarm_teardown: ends every process group that `spawn` started (TERM, after 3 s KILL) and removes WORK.
lswarm_teardown() {
  local group
  for group in $(_groups_left); do
    # CONT too: a test may have stopped it.
    kill -TERM -- "-$group" 2>/dev/null && kill -CONT -- "-$group" 2>/dev/null
  done
  if ! _poll 3 _no_group_left; then
    for group in $(_groups_left); do kill -KILL -- "-$group" 2>/dev/null; done
    _poll 3 _no_group_left || echo "a process that was killed is still there"
  fi
  wait 2>/dev/null
  rm -rf -- "$WORK"
}

# spawn NAME COMMAND...: starts a command in the background, in a process group of its own.
# Its stdin is /dev/null, its stdout $WORK/NAME.out, its stderr $WORK/NAME.err, its pid ${PIDS[NAME]}.
spawn() {
  spawn_stdin /dev/null "$@"
}

# spawn_stdin FILE NAME COMMAND...: the same with FILE (a named pipe, perhaps) as stdin.
spawn_stdin() {
  local file=$1 name=$2
  shift 2
  # Here, not by the command's own start: what a former NAME said must not be taken for its words.
  : >"$WORK/$name.out" 2>"$WORK/$name.err"
  # Job control gives it a group, and leaves SIGINT at its default. fds 3 and 4 are those of bats, which waits for them.
  set -m
  "$@" <"$file" >"$WORK/$name.out" 2>"$WORK/$name.err" 3>&- 4>&- &
  PIDS[$name]=$!
  set +m
  unset "STATUSES[$name]"
  GROUPS_STARTED+=("${PIDS[$name]}")
}

# await_line FILE PATTERN [SECONDS=20]: waits until a line of FILE matches the extended regular
# expression; fails with FILE's content.
await_line() {
  _poll "${3:-20}" _has_line "$1" "$2" && return
  _complain "no line that matches $2 in ${3:-20} s" "$1"
}

# await_ready NAME [SECONDS=20]: waits until the command that `spawn NAME` started says that it is
# ready; fails with its stderr, at once when it has ended instead.
await_ready() {
  local file=$WORK/$1.err
  _poll "${2:-20}" _is_ready_or_ended "$1" || true
  _has_line "$file" "$READY_LINE" || _complain "$1 is not ready" "$file"
}

# await_exit NAME [SECONDS=30]: waits until the command that `spawn NAME` started has ended, and sets
# `status` as `run` does; fails with its output when it has not. May be called again.
await_exit() {
  local pid=${PIDS[$1]}
  if [[ ! -v STATUSES[$1] ]]; then
    if ! _poll "${2:-30}" _has_ended "$pid"; then
      _complain "$1 has not ended in ${2:-30} s" "$WORK/$1.out" "$WORK/$1.err"
      return 1
    fi
    STATUSES[$1]=0
    wait "$pid" 2>/dev/null || STATUSES[$1]=$?
  fi
  status=${STATUSES[$1]}
}

# _poll SECONDS CONDITION...: runs CONDITION every 20 ms until it succeeds; fails when SECONDS have passed.
_poll() {
  local until=$((${EPOCHREALTIME/[^0-9]/} + $1 * 1000000))
  shift
  until "$@"; do
    ((${EPOCHREALTIME/[^0-9]/} < until)) || return 1
    sleep 0.02
  done
}

_has_line() {
  grep -qE -e "$2" -- "$1" 2>/dev/null
}

# _has_ended PID: for a process that `spawn` started its number does not count once it has ended.
_has_ended() {
  ! kill -0 "$1" 2>/dev/null || { _was_spawned "$1" && ! _is_running "$1"; }
}

_was_spawned() {
  [[ " ${GROUPS_STARTED[*]} " == *" $1 "* ]]
}

# _is_running PID: it is a job of this shell that has not ended.
_is_running() {
  [[ $'\n'$(jobs -pr && jobs -ps)$'\n' == *$'\n'"$1"$'\n'* ]]
}

_is_ready_or_ended() {
  _has_line "$WORK/$1.err" "$READY_LINE" || _has_ended "${PIDS[$1]}"
}

_no_group_left() {
  [[ -z $(_groups_left) ]]
}

# _groups_left: the groups that `spawn` started and in which there are processes. The number of one that has ended may be
# another test's by now: on a busy machine numbers come round within two minutes.
_groups_left() {
  local group
  for group in "${GROUPS_STARTED[@]}"; do
    if kill -0 -- "-$group" 2>/dev/null && { _is_running "$group" || _is_of_this_test "$group"; }; then echo "$group"; fi
  done
}

# _is_of_this_test GROUP: WORK is in the environment of one of its processes.
_is_of_this_test() {
  local pid
  [[ -e /proc/self/environ ]] || return 0
  for pid in $(pgrep -g "$1"); do
    if grep -qF -e "$WORK" "/proc/$pid/environ" 2>/dev/null; then return 0; fi
  done
  return 1
}

# _complain MESSAGE FILE...: prints both to stderr, and fails.
_complain() {
  {
    echo "$1"
    shift
    tail -n 50 -- "$@" 2>&1 || true
  } >&2
  return 1
}
