#!/usr/bin/env bats
# How options are named in errors, and the values that prefixes and ports take.

load helpers/common
load helpers/rooms
load helpers/streams
load helpers/network
load helpers/refusals

# --- Names

@test "an error names the option as it was typed" {
  refused join t -n 0
  assert_equal "$line" 'lswarm: -n: takes a whole number from 1 to 999999999, not "0"'
  refused join t -qn0
  assert_regex "$line" '^lswarm: -n: takes a whole number'
  refused pub t -n 0 hello
  assert_regex "$line" '^lswarm: -n: takes a whole number'
  refused sub t --count 0
  assert_regex "$line" '^lswarm: --count: takes a whole number'
  refused recv t -o
  assert_equal "$line" 'lswarm: -o takes a FILE'
}

@test "an error of usage is an object wherever --json stands" {
  as_object join t --count 0 --json
  assert_equal "$message" '--count: takes a whole number from 1 to 999999999, not "0"'
  as_object join t --json -n 0
  as_object join t -qn 0 --json
  as_object --json join t
  as_object jion t --json
  assert_equal "$message" 'unknown verb "jion", did you mean join?; see lswarm --help'
  as_object join t --json=true
  assert_equal "$message" '--json takes no value'
  as_object join t --json --no-such
  as_object join --json
  as_object send t --name --json
  as_object exec --json t
  as_object recv "$(lswarm key new)" --json
  as_object help sned --json
}

@test "--json among the words of a command, or in a value, is not for us" {
  refused exec -- cat --json
  assert_equal "$line" 'lswarm: exec takes a TOPIC'
  refused join t --name=--json -n 0
  assert_regex "$line" '^lswarm: -n: takes'
}

# --- Prefixes

# prefixed FORMAT LINE: what a line of alice is with that prefix.
prefixed() {
  spawn bob lswarm join t -d --name bob --ready --prefix "$1"
  await_ready bob
  run -0 --separate-stderr lswarm join t --name alice < <(echo hello)
  expect bob 0
  assert_equal "$(<"$WORK/bob.out")" "$2"
}

@test "a prefix may be empty" {
  prefixed '' hello
}

@test "a prefix may begin with a dash" {
  prefixed '- %n ' '- alice hello'
}

@test "%% in a prefix is a percent sign" {
  prefixed '100%% %n%%n ' '100% alice%n hello'
}

@test "an empty prefix at a terminal leaves the lines without names" {
  # It ends once there is a line that is nothing but what was said.
  spawn bob python3 "$BATS_TEST_DIRNAME/fixtures/on_terminal.py" $'\nhello\r\n' -SIGTERM -- lswarm join t --plain --name bob --prefix ''
  run -0 --separate-stderr lswarm join t --name alice < <(echo hello)
  expect bob 143
}

@test "what a prefix does not know is refused" {
  local verb format
  for verb in 'join t' 'sub t' 'connect t --all'; do
    refused $verb --prefix %x
    assert_equal "$line" 'lswarm: --prefix: takes %n, %i, %t and %%, not "%x"'
  done
  for format in '%n %' '%%%' %N '% n'; do
    refused join t --prefix "$format"
    assert_regex "$line" '^lswarm: --prefix: takes %n, %i, %t and %%, not "%'
  done
}

# --- Ports

@test "a port is 0 to 65535 wherever one is given" {
  refused recv t --lan --public --port "65536"
  assert_regex "$line" '^lswarm: --port: takes a port from 0 to 65535'
  refused bootstrap --host 127.0.0.1 --port "65536"
  assert_regex "$line" '^lswarm: --port: takes a port from 0 to 65535'
  refused recv t --lan --public --peer "127.0.0.1:65536"
  assert_regex "$line" 'with a port from 1 to 65535, not '
  refused recv t --dht --public --bootstrap "127.0.0.1:65536"
  assert_regex "$line" 'with a port from 1 to 65535, not '
  refused recv t --public --listen "tcp://127.0.0.1:65536"
  assert_regex "$line" 'with a port from 0 to 65535, not '
  refused recv t --public --connect "tcp://127.0.0.1:65536"
  assert_regex "$line" 'with a port from 1 to 65535, not '
  refused sub t --public --listen "udp://127.0.0.1:65536"
  assert_regex "$line" 'with a port from 0 to 65535, not '
  refused pub t --public --connect "udp://127.0.0.1:65536" hello
  assert_regex "$line" 'with a port from 1 to 65535, not '
}

@test "nobody can be dialled at port 0" {
  refused recv t --public --connect tcp://127.0.0.1:0
  assert_regex "$line" 'with a port from 1 to 65535, not '
  refused recv t --lan --public --peer 127.0.0.1:0
  assert_regex "$line" 'with a port from 1 to 65535, not '
}

@test "--listen at port 0 takes a port that is free, and says which" {
  spawn_on a one recv t --listen tcp://127.0.0.1:0 --public --ready
  await_line "$WORK/one.err" '^lswarm: listening at tcp://127\.0\.0\.1:[1-9][0-9]*$'
  await_ready one
  local url
  url=$(sed -n 's/^lswarm: listening at //p' "$WORK/one.err")
  echo hello | on b send t --connect "$url" --public --timeout 30s
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}

@test "sub --listen at port 0 of UDP takes a port that is free, and says which" {
  spawn_on a one sub t -n 1 --listen udp://127.0.0.1:0 --public --ready
  await_ready one
  local url
  url=$(sed -n 's/^lswarm: listening at //p' "$WORK/one.err")
  assert_regex "$url" '^udp://127\.0\.0\.1:[1-9][0-9]*$'
  run -0 --separate-stderr on b pub t --connect "$url" --public hello
  expect one 0
  assert_equal "$(<"$WORK/one.out")" hello
}
