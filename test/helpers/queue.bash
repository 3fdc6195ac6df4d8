# Helpers of the bats files about work queues: `load helpers/common`, `load helpers/queue`, and call queue_setup in setup().

# queue_setup: lswarm_setup, and $WORK/staged: a command for records that stops at a stage of its life.
queue_setup() {
  lswarm_setup
  # The functions of bats: with one of them in its environment a worker starts no commands by shells.
  export -nf $(declare -Fx | awk '{ print $3 }')
  cat >"$WORK/staged" <<'END'
#!/bin/sh
# staged STAGE DIRECTORY: answers a record that begins with s by 11 bytes, any other one by 3,000,001.
# At STAGE (started, saying, said) it makes DIRECTORY/STAGE.RECORD, and waits until DIRECTORY/go.RECORD is there.
# At its end it makes DIRECTORY/over.RECORD. It ends when DIRECTORY has gone, so that no test leaves it behind.
read -r x
record=$(printf %.2s "$x")
at() {
  [ "$1" = "$stage" ] || return
  : >"$directory/$1.$record"
  until [ -e "$directory/go.$record" ]; do
    [ -d "$directory" ] || exit
    sleep 0.02
  done
}
say() { head -c "$1" /dev/zero | tr '\0' "$(printf %.1s "$record")" || exit; }
stage=$1 directory=$2
echo "$record" >>"$directory/runs"
case $record in s*) half=5 ;; *) half=1500000 ;; esac
at started
say $half
at saying
say $half
echo
at said
: >"$directory/over.$record"
END
  chmod +x "$WORK/staged"
}

# worker NAME OPTION... -- COMMAND...: starts a worker and waits until it can be met.
worker() {
  spawn "$1" lswarm exec --queue jobs --ready --name "$1" "${@:2}"
  await_ready "$1"
}

# worker_without_shells NAME OPTION... -- COMMAND...: the same where a shell would lose a variable, so that all records
# and replies have streams of their own.
worker_without_shells() {
  spawn "$1" env 'BASH_FUNC_f%%=() { echo "f of $1"; }' lswarm exec --queue jobs --ready --name "$1" "${@:2}"
  await_ready "$1"
}

# worker_with_pipes NAME OPTION... -- COMMAND...: the same with the bytes of streams passing through the worker.
worker_with_pipes() {
  worker_without_shells "$1" --pipes "${@:2}"
}

# sender RECORDS OPTION...: starts a `send --queue` of these lines, called "sender".
sender() {
  printf '%s\n' $1 >"$WORK/records"
  spawn sender lswarm send --queue jobs --timeout 60s "$WORK/records" "${@:2}"
}

# await_files NAME...: waits until these files are in WORK.
await_files() {
  _poll 20 _are_there "$@" || _complain "not all of $*" "$WORK"/*.err
}

_are_there() {
  local name
  for name; do [[ -e $WORK/$name ]] || return; done
}

# go RECORD...: lets the commands of these records go on, now and whenever they are run.
go() {
  local record
  for record; do : >"$WORK/go.$record"; done
}

# end_worker NAME HOW: KILL or TERM, or STOP: stops it, then kills it.
end_worker() {
  local pid=${PIDS[$1]}
  kill -"$2" "$pid"
  [[ $2 != STOP ]] || kill -KILL "$pid"
  await_exit "$1"
}

# answered RECORD...: the sender has ended with 0, and printed the whole reply to each of these once; in this order, if ORDERED.
answered() {
  local record expected=''
  await_exit sender 40
  [[ $status == 0 ]] || _complain "status $status" "$WORK/sender.err"
  for record; do
    case $record in s*) expected+="10 s"$'\n' ;; *) expected+="3000000 ${record:0:1}"$'\n' ;; esac
  done
  local printed
  # No other letter than the first one in a line: its reply is in one piece.
  printed=$(awk '{ a = substr($0, 1, 1); n = length($0); print n, gsub(a, "") == n ? a : "mixed" }' "$WORK/sender.out")
  if [[ -n ${ORDERED:-} ]]; then assert_equal "$printed"$'\n' "$expected"
  else assert_equal "$(sort <<<"$printed")" "$(printf %s "$expected" | sort)"; fi
}

# loses_nothing STAGE HOW [WORKER]: a worker is ended while its commands are at this stage: one with a short reply, one with a
# long one, and one with a long record. Another worker answers all of them, with and without --ordered.
loses_nothing() {
  local stage=$1 how=$2 begin=${3:-worker} order
  local long=l2$(head -c 100000 /dev/zero | tr '\0' x)
  for order in '' --ordered; do
    rm -f "$WORK"/*.s1 "$WORK"/*.l2 "$WORK"/*.m3
    "$begin" doomed --max 3 --kill-after 100ms -- "$WORK/staged" "$stage" "$WORK"
    sender "s1 $long m3" $order
    await_files "$stage".{s1,l2,m3}
    "$begin" heir -- "$WORK/staged" none "$WORK"
    end_worker doomed "$how"
    # What a command says that outlived its worker is nobody's reply.
    go s1 l2 m3
    ORDERED=$order answered s1 l2 m3
    end_worker heir KILL
  done
}

# _has_bytes FILE BYTES
_has_bytes() {
  (($(stat -c %s -- "$1") >= $2))
}
