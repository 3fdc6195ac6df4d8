#!/usr/bin/env bats
# `lswarm join`: how lines are written.

load helpers/common
load helpers/rooms

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

# --- Records

@test "-0 carries records with newlines inside" {
  printf 'one\ntwo\0three\0' >"$WORK/in"
  listen alice -0
  run -0 --separate-stderr lswarm join room -0 <"$WORK/in"
  await_line "$WORK/alice.out" 'three'
  cmp "$WORK/in" "$WORK/alice.out"
}

@test "--null is -0, and a last record without its NUL is given one" {
  listen alice --null
  run -0 --separate-stderr lswarm join room --null < <(printf 'one\ntwo')
  await_line "$WORK/alice.out" 'two'
  printf 'one\ntwo\0' | cmp - "$WORK/alice.out"
}

@test "with -0 a newline does not end a record, and is not sent alone" {
  listen alice -0
  talk bob -0
  say bob 'first half'
  printf 'second half\0' 1<>"$WORK/bob.in"
  await_line "$WORK/alice.out" 'second half'
  printf 'first half\nsecond half\0' | cmp - "$WORK/alice.out"
}

@test "a join with -0 and one without understand each other's records" {
  listen alice -0
  listen bob
  run -0 --separate-stderr lswarm join room -n 2 <<<$'one\ntwo'
  await_line "$WORK/alice.out" two
  printf 'one\0two\0' | cmp - "$WORK/alice.out"
  await_lines "$WORK/bob.out" 2
  run -0 --separate-stderr lswarm join room -n 2 -0 < <(printf 'three\0four\0')
  await_lines "$WORK/bob.out" 4
  printf 'one\ntwo\nthree\nfour\n' | cmp - "$WORK/bob.out"
}

@test "with -0 a record of exactly the limit passes, and one byte more is refused" {
  { lines_of long 1 1048576 && lines_of over 1 1048577 && echo after; } | tr '\n' '\0' >"$WORK/in"
  listen alice -0
  run -1 --separate-stderr lswarm join room -0 <"$WORK/in"
  await_line "$WORK/alice.out" after
  { lines_of long 1 1048576 && echo after; } | tr '\n' '\0' | cmp - "$WORK/alice.out"
}

# --- Prefixes

@test "--prefix puts name, id, time and a percent sign before each line" {
  listen alice --prefix '%n %i %t %% '
  talk bob
  say bob hello
  await_line "$WORK/alice.out" "^bob $(id_of bob) [0-2][0-9]:[0-5][0-9]:[0-5][0-9] % hello\$"
}

@test "--prefix takes two percent signs for one" {
  listen alice --prefix '%%n 100%% '
  run -0 --separate-stderr lswarm join room --name bob <<<hello
  await_line "$WORK/alice.out" '^%n 100% hello$'
}

@test "--prefix stands before each of many lines" {
  listen alice --prefix '%n: '
  seq 5000 >"$WORK/in"
  run -0 --separate-stderr lswarm join room --name bob <"$WORK/in"
  await_lines "$WORK/alice.out" 5000
  sed 's/^/bob: /' "$WORK/in" | cmp - "$WORK/alice.out"
}

@test "--prefix takes a name as text, whatever it looks like" {
  listen alice --prefix '%n|'
  run -0 --separate-stderr lswarm join room --name '%i $& $(id)' <<<hello
  await_line "$WORK/alice.out" hello
  assert_equal "$(<"$WORK/alice.out")" '%i $& $(id)|hello'
}

@test "without --prefix a pipe gets the lines alone" {
  listen alice
  run -0 --separate-stderr lswarm join room --name bob <<<hello
  await_line "$WORK/alice.out" hello
  assert_equal "$(<"$WORK/alice.out")" hello
}

@test "--prefix with -0 stands before each record, not before the lines inside" {
  listen alice -0 --prefix '%n: '
  run -0 --separate-stderr lswarm join room -0 --name bob < <(printf 'one\ntwo\0three\0')
  await_line "$WORK/alice.out" three
  printf 'bob: one\ntwo\0bob: three\0' | cmp - "$WORK/alice.out"
}

@test "a record with a newline cannot forge another's prefix" {
  listen alice --prefix '%n: '
  run -0 --separate-stderr lswarm join room -0 --name mallory < <(printf 'hello\nbob: I owe you\0')
  await_line "$WORK/alice.out" 'I owe you'
  assert_equal "$(<"$WORK/alice.out")" $'mallory: hello\nmallory: bob: I owe you'
}

# --- JSON

@test "--json gives an object for each line, with its author" {
  listen alice --json
  talk bob
  say bob 'a "quoted" line' ''
  await_line "$WORK/alice.out" '"line":""'
  run -0 objects "$WORK/alice.out" 'o.line === undefined ? undefined : [o.name, o.from.slice(0, 8), o.line, "base64" in o]'
  assert_output "\
[ 'bob', '$(id_of bob)', 'a \"quoted\" line', false ]
[ 'bob', '$(id_of bob)', '', false ]"
}

@test "--json tells who comes and who goes, in the order of what they said" {
  listen alice --json
  run -0 --separate-stderr lswarm join room --name bob <<<hello
  await_line "$WORK/alice.out" '"event":"leave"'
  run -0 objects "$WORK/alice.out" '[o.event ?? "line", o.name, /^[0-9a-f]{32}$/.test(o.from)].join(" ")'
  assert_output $'join bob true\nline bob true\nleave bob true'
}

@test "--json is NDJSON whatever the bytes: what is not UTF-8 comes in base64 too" {
  printf 'caf\xc3\xa9\n\xff\xfe\0\x1b[2J\xe2\x80\xa8\r\n\xc3\n' >"$WORK/in"
  listen alice --json
  run -0 --separate-stderr lswarm join room <"$WORK/in"
  await_line "$WORK/alice.out" '"event":"leave"'
  run -0 objects "$WORK/alice.out" '"line" in o ? (o.base64 ?? `text ${o.line}`) : undefined'
  assert_output "\
text café
$(printf '\xff\xfe\0\x1b[2J\xe2\x80\xa8\r' 2>/dev/null | base64)
$(printf '\xc3' | base64)"
}

@test "--json gives a record with newlines as one object" {
  listen alice --json
  run -0 --separate-stderr lswarm join room -0 < <(printf 'one\ntwo\0three\0')
  await_line "$WORK/alice.out" '"event":"leave"'
  run -0 objects "$WORK/alice.out" '"line" in o ? JSON.stringify(o.line) : undefined'
  assert_output $'"one\\ntwo"\n"three"'
}

@test "--json makes NDJSON of stderr too" {
  listen alice
  run -1 --separate-stderr lswarm join room --json --ready < <(lines_of long 1 1048577)
  printf '%s\n' "$stderr" >"$WORK/err"
  run -0 objects "$WORK/err" '[o.level, typeof o.message, o.status].join(" ")'
  assert_output $'ready string \nwarning string \nerror string 1'
}

@test "--json carries a thousand lines that came at once" {
  listen alice --json
  seq 1000 >"$WORK/in"
  run -0 --separate-stderr lswarm join room <"$WORK/in"
  await_line "$WORK/alice.out" '"event":"leave"'
  run -0 objects "$WORK/alice.out" 'o.line'
  assert_output "$(seq 1000)"
}
