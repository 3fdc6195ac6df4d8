#!/usr/bin/env bats
# Real input, as proof.

load helpers/common

setup() {
  lswarm_setup
}

teardown() {
  lswarm_teardown
}

@test "a tree of thousands of files goes through tar, send, recv and tar, byte for byte" {
  mkdir -p "$WORK/out"
  [[ $(find "$ROOT/node_modules" -type f | wc -l) -gt 2000 ]]
  spawn receiver bash -o pipefail -c 'lswarm recv tree | tar x -C "$1"' - "$WORK/out"
  run -0 --separate-stderr bash -o pipefail -c 'tar c -C "$1" node_modules | lswarm send tree' - "$ROOT"
  await_exit receiver
  assert_equal "$status" 0
  diff -r --no-dereference "$ROOT/node_modules" "$WORK/out/node_modules"
}

@test "one gibibyte reaches four receivers, and all digests are equal" {
  for name in a b c d; do
    spawn "$name" bash -o pipefail -c 'lswarm recv big | md5sum'
  done
  # Bytes that no fault could leave as they are: a counter, encrypted.
  bytes() {
    openssl enc -aes-128-ctr -K 00 -iv 00 -in /dev/zero 2>/dev/null | head -c 1073741824
  }
  sum=$(bytes | tee >(lswarm send big -n 4 --timeout 120s; echo $? >"$WORK/status") | md5sum)
  for name in a b c d; do
    await_exit "$name" 60
    assert_equal "$status" 0
    assert_equal "$(cat "$WORK/$name.out")" "$sum"
  done
  await_line "$WORK/status" '^0$'
}

@test "eight joins, four of them writing lines of 20 kB at once: none cut, none lost, each author in order" {
  for i in 1 2 3 4; do
    # 100 lines: author, number, and 20,000 letters of the author's own.
    awk -v a="$i" 'BEGIN { for (s = ""; length(s) < 20000;) s = s a; for (n = 1; n <= 100; n++) print a, n, s }' \
      >"$WORK/in$i"
    spawn_stdin "$WORK/in$i" "w$i" lswarm join room -n 7 --timeout 100s
    spawn "r$i" lswarm join room -n 7 -d --timeout 100s
  done
  for i in 1 2 3 4; do
    for name in "w$i" "r$i"; do
      await_exit "$name" 100
      assert_equal "$status" 0
    done
    for author in 1 2 3 4; do
      grep "^$author " "$WORK/r$i.out" | cmp - "$WORK/in$author"
      [[ $author == "$i" ]] || grep "^$author " "$WORK/w$i.out" | cmp - "$WORK/in$author"
    done
    run -0 wc -l <"$WORK/r$i.out"
    assert_output 400
    run -0 wc -l <"$WORK/w$i.out"
    assert_output 300
  done
}

@test "thirty processes start at once, and everyone sees twenty-nine" {
  for ((i = 0; i < 30; i++)); do
    spawn "p$i" lswarm join room -d -n 29 --keep --json
  done
  for ((i = 0; i < 30; i++)); do
    _poll 60 _sees "$WORK/p$i.out" 29
    run -0 bash -c 'grep "\"event\":\"join\"" "$1" | sed "s/.*from\":\"//; s/\".*//" | sort -u | wc -l' - "$WORK/p$i.out"
    assert_output 29
  done
  run -0 bash -c 'lswarm peers room --json | wc -l'
  assert_output 30
}

_sees() {
  (($(grep -c '"event":"join"' "$1") >= $2))
}

@test "two topics with a common prefix of 120 characters do not meet" {
  prefix=$(printf 'x%.0s' {1..120})
  spawn one lswarm join "${prefix}a" -d --ready
  await_ready one
  run -3 --separate-stderr lswarm join "${prefix}b" --no-wait -d
  run -0 --separate-stderr lswarm peers "${prefix}b"
  assert_output ''
  run -0 --separate-stderr lswarm wait "${prefix}a" --no-wait
}

@test "what killed processes left in the directory is in nobody's way" {
  for i in 1 2 3 4 5 6 7 8; do
    spawn "dead$i" lswarm join room -d --keep --ready
    await_ready "dead$i"
  done
  for i in 1 2 3 4 5 6 7 8; do kill -KILL "${PIDS[dead$i]}"; done
  for i in 1 2 3 4 5 6 7 8; do await_exit "dead$i"; done
  run -0 find "$LSWARM_DIR" -type s
  assert_equal "${#lines[@]}" 8
  run -0 --separate-stderr lswarm peers room
  assert_output ''
  spawn receiver lswarm recv room
  run -0 --separate-stderr lswarm send room < <(echo alive)
  await_exit receiver
  assert_equal "$(cat "$WORK/receiver.out")" alive
}

@test "a runtime directory of another mode is refused, and nothing is made in it" {
  chmod 755 "$LSWARM_DIR"
  run -1 --separate-stderr lswarm recv t
  assert_regex "$stderr" "$LSWARM_DIR has mode 0755"
  run -0 find "$LSWARM_DIR" -mindepth 1
  assert_output ''
}

@test "a runtime directory of another owner is refused" {
  chown 65534 "$LSWARM_DIR" 2>/dev/null || skip 'only root can give a directory away'
  run -1 --separate-stderr lswarm recv t
  assert_regex "$stderr" 'belongs to user 65534'
}
