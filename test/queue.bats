#!/usr/bin/env bats
# Work queues: `lswarm send --queue` gives each record to exactly one `lswarm exec --queue`.

load helpers/common
load helpers/queue

setup() {
  queue_setup
}

teardown() {
  lswarm_teardown
}

@test "each record goes to exactly one worker, and every reply comes back" {
  worker one --max 2 -- sh -c 'read x; echo "$x"'
  worker two --max 2 -- sh -c 'read x; echo "$x"'
  seq 300 >"$WORK/records"
  run -0 --separate-stderr lswarm send --queue jobs "$WORK/records" -n 2 --timeout 60s
  assert_equal "$(sort -n <<<"$output")" "$(seq 300)"
}

@test "both workers get their share" {
  worker one -- sh -c 'read x; echo one'
  worker two -- sh -c 'read x; echo two'
  run -0 --separate-stderr lswarm send --queue jobs -n 2 --timeout 60s < <(seq 60)
  assert_line one
  assert_line two
}

@test "with --ordered the replies come in the order of the records" {
  worker one --max 4 -- sh -c 'read x; test "$x" != 1 || sleep 0.5; echo "$x"'
  run -0 --separate-stderr lswarm send --queue jobs --ordered --timeout 60s < <(seq 50)
  assert_output "$(seq 50)"
}

@test "without --ordered a slow record holds no other back" {
  worker one --max 2 -- sh -c 'read x; test "$x" != 1 || sleep 1; echo "$x"'
  run -0 --separate-stderr lswarm send --queue jobs --timeout 60s < <(seq 5)
  assert_equal "${lines[4]}" 1
}

@test "a record is the whole stdin of its command, newline included" {
  worker one -- od -An -c
  run -0 --separate-stderr lswarm send --queue jobs --timeout 60s < <(printf 'a b')
  assert_output --regexp '^ +a +b +\\n$'
}

@test "with -0 a record ends with NUL and may hold newlines" {
  worker one -- od -An -c
  run -0 --separate-stderr lswarm send --queue jobs -0 --timeout 60s < <(printf 'a\nb\0')
  assert_output --regexp '^ +a +\\n +b$'
}

@test "a reply of many megabytes is in one piece among the others" {
  worker one --max 4 -- sh -c 'read x; head -c 3000000 /dev/zero | tr "\0" "$x"; echo'
  lswarm send --queue jobs --timeout 60s < <(printf 'a\nb\nc\nd\n') >"$WORK/replies"
  run -0 awk '{ print length($0), substr($0, 1, 1) == substr($0, length($0)) }' "$WORK/replies"
  assert_output "$(printf '3000000 1\n%.0s' 1 2 3 4)"
  run -0 grep -cE '^(a+|b+|c+|d+)$' "$WORK/replies"
  assert_output 4
}

@test "records whose command fails are named, and the status is 4" {
  worker one -- sh -c 'read x; test "$x" != 3'
  run -4 --separate-stderr lswarm send --queue jobs --timeout 60s < <(seq 5)
  assert_regex "$stderr" 'record 3 \(exit status 1\)'
  refute_regex "$stderr" 'record [1245]'
}

@test "the record of a worker that is killed goes to another" {
  worker doomed -- sh -c 'read x; echo started >&2; while echo; do sleep 0.1; done'
  spawn_stdin <(echo only) sender lswarm send --queue jobs --timeout 60s
  await_line "$WORK/doomed.err" '^started$'
  worker heir -- cat
  kill -KILL "${PIDS[doomed]}"
  await_exit sender
  assert_equal "$status" 0
  assert_equal "$(cat "$WORK/sender.out")" only
}

@test "the record of a worker that is ended in good order goes to another" {
  worker leaving -- sh -c 'read x; echo started >&2; while echo; do sleep 0.1; done'
  spawn_stdin <(echo only) sender lswarm send --queue jobs --timeout 60s
  await_line "$WORK/leaving.err" '^started$'
  worker heir -- cat
  kill -TERM "${PIDS[leaving]}"
  await_exit sender
  assert_equal "$status" 0
  assert_equal "$(cat "$WORK/sender.out")" only
}

@test "a record that loses more workers than --retries allows has failed" {
  worker doomed -- sh -c 'read x; echo started >&2; while echo; do sleep 0.1; done'
  spawn_stdin <(echo only) sender lswarm send --queue jobs --retries 0 --timeout 60s
  await_line "$WORK/doomed.err" '^started$'
  kill -KILL "${PIDS[doomed]}"
  await_exit sender
  assert_equal "$status" 4
  assert_regex "$(cat "$WORK/sender.err")" 'record 1 \(its worker was lost\)'
}

@test "the sender may come first, and a worker that comes later takes part" {
  spawn_stdin <(seq 3) sender lswarm send --queue jobs --ready --timeout 60s
  await_ready sender
  worker late -- cat
  await_exit sender
  assert_equal "$status" 0
  assert_equal "$(sort "$WORK/sender.out")" "$(seq 3)"
}

@test "no input is no work, and ends with 0" {
  worker one -- cat
  run -0 --separate-stderr lswarm send --queue jobs --timeout 60s </dev/null
  assert_output ''
}

@test "without a worker --no-wait ends with 3" {
  run -3 --separate-stderr lswarm send --queue jobs --no-wait < <(echo x)
}

@test "a worker is nobody's handler: connect and send pass it by" {
  worker one -- cat
  run -3 --separate-stderr lswarm connect jobs --no-wait </dev/null
  run -3 --separate-stderr lswarm send jobs --no-wait </dev/null
}
