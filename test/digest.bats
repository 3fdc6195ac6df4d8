#!/usr/bin/env bats
# `--digest`: of every byte, at both ends, or none.

load helpers/common
load helpers/streams
load helpers/network

# free_port: sets PORT to a TCP port of loopback at which nobody listens.
free_port() {
  PORT=$(node -e "const s = require('net').createServer().listen(0, '127.0.0.1', () => { console.log(s.address().port); s.close() })")
}

# digest_of NAME FILE: sets DIGEST to what lswarm says of it.
digest_of() {
  case $1 in
    blake2b) DIGEST=blake2b:$(b2sum <"$2" | cut -d ' ' -f 1) ;;
    crc32) DIGEST=crc32:$(gzip -1 <"$2" | tail -c 8 | head -c 4 | od -An -tx4 --endian=little | tr -d ' ') ;;
  esac
}

# told NAME: NAME has ended with 0, and said this digest and nothing else.
told() {
  expect "$1" 0
  assert_equal "$(<"$WORK/$1.err")" "lswarm: $DIGEST"
}

# Short ones go another way than long ones: 1 MiB can be lent, 16 MiB be in a ring.
lengths=(0 6 3000000 20000000)

@test "a command at one end, at the other or at both: the digest is of every byte" {
  for bytes in "${lengths[@]}"; do
    random "$bytes" "$WORK/in"
    for digest in blake2b crc32; do
      digest_of $digest "$WORK/in"
      for from in '' '-- cat'; do
        for to in '' '-- cat'; do
          spawn one lswarm recv t $to
          spawn two lswarm send t --digest $digest $from "$WORK/in"
          told two
          told one
          cmp "$WORK/in" "$WORK/one.out"
        done
      done
    done
  done
}

@test "a command beside another receiver: each has the digest of every byte" {
  for bytes in 6 20000000; do
    random "$bytes" "$WORK/in"
    digest_of crc32 "$WORK/in"
    for from in '' '-- cat'; do
      spawn one lswarm recv t -- cat
      spawn other lswarm recv t
      spawn two lswarm send t -n 2 --digest crc32 $from "$WORK/in"
      for name in two one other; do told $name; done
      cmp "$WORK/in" "$WORK/one.out"
      cmp "$WORK/in" "$WORK/other.out"
    done
  done
}

@test "over tcp a command can be at either end, with a digest and without" {
  random 3000000 "$WORK/in"
  digest_of blake2b "$WORK/in"
  for options in '' '--digest blake2b'; do
    for from in '' '-- cat'; do
      free_port
      spawn_on a two send t --connect "tcp://127.0.0.1:$PORT" --retry 50ms --public $options $from "$WORK/in"
      spawn_on b one recv t --listen "tcp://127.0.0.1:$PORT" --public -- cat
      expect two 0
      expect one 0
      cmp "$WORK/in" "$WORK/one.out"
      for name in one two; do
        run grep -o 'blake2b:.*' "$WORK/$name.err"
        assert_output "${options:+$DIGEST}"
      done
    done
  done
}

@test "a command that reads a part only does not shorten what the digest is of" {
  random 3000000 "$WORK/in"
  digest_of crc32 "$WORK/in"
  spawn one lswarm recv t -- head -c 10
  spawn two lswarm send t --digest crc32 "$WORK/in"
  told two
  told one
  cmp <(head -c 10 "$WORK/in") "$WORK/one.out"
}

@test "a command that fails while it receives is no confirmation, and no digest is said" {
  for command in 'exit 3' 'cat >/dev/null; exit 3'; do
    spawn one lswarm recv t --name one --ready -- sh -c "$command"
    await_ready one
    run -4 --separate-stderr bash -c 'seq 1000000 | lswarm send t --digest crc32 --timeout 60s'
    assert_equal "$stderr" 'lswarm: not confirmed by one (sh ended with status 3)'
    expect one 1
    assert_equal "$(tail -n 1 "$WORK/one.err")" 'lswarm: sh ended with status 3'
  done
}

@test "of what nobody has confirmed no digest is said" {
  spawn one bash -c 'lswarm recv t --name one --ready | head -n 1'
  await_ready one
  run -4 --separate-stderr bash -c 'yes | lswarm send t --digest crc32 --timeout 60s'
  assert_equal "$stderr" 'lswarm: not confirmed by one (the reader of its output went away)'
  receiver one
  spawn two bash -c 'yes | lswarm send t --digest crc32'
  await_bytes "$WORK/one.out" 100000
  kill -KILL "${PIDS[one]}"
  expect two 4
  assert_equal "$(<"$WORK/two.err")" 'lswarm: not confirmed by one (the connection was lost)'
}

@test "who answers calls has no digest: that is said, with 2, and its command is not started" {
  spawn server lswarm exec t --name server --ready -- touch "$WORK/started"
  await_ready server
  for from in '' '-- cat'; do
    for wait in '' --no-wait; do
      run -2 --separate-stderr lswarm send t --digest crc32 $wait --timeout 60s $from /etc/passwd
      assert_equal "$stderr" 'lswarm: --digest: server answers calls (exec, listen) and confirms no digest; choose other receivers with --to, or leave out --digest'
    done
  done
  [[ ! -e $WORK/started ]]
  receiver one
  run -0 --separate-stderr lswarm send t --digest crc32 --to one /etc/passwd
  same one /etc/passwd
}

@test "a confirmation without the digest that was asked for is none, and neither is an end" {
  spawn liar node "$ROOT/test/fixtures/false-receiver.mjs" plain
  run -4 --separate-stderr lswarm send t --digest crc32 --timeout 60s < <(echo hello)
  assert_equal "$stderr" 'lswarm: not confirmed by liar (it confirmed no digest)'
  spawn liar node "$ROOT/test/fixtures/false-sender.mjs" plain
  run -4 --separate-stderr lswarm recv t --timeout 60s
  assert_equal "$stderr" 'lswarm: the stream from liar broke off after 6 bytes: the sender told no digest'
}

@test "--verbose says no digest, and no length, of what passed by" {
  spawn one lswarm recv t --name one --verbose --ready -- cat
  await_ready one
  run -0 --separate-stderr lswarm send t --verbose -- echo hello
  assert_equal "$(grep -v linked <<<"$stderr")" 'lswarm: confirmed by one; the bytes did not pass through lswarm'
  expect one 0
  assert_regex "$(tail -n 1 "$WORK/one.err")" '^lswarm: confirmed to .*; the bytes did not pass through lswarm$'
}
