#!/usr/bin/env bats
# Files that lswarm keeps, or is given, and that are damaged: read as far as they are good, named, never made worse.

load helpers/common

setup() {
  lswarm_setup
  export XDG_CONFIG_HOME=$WORK/config
  KNOWN=$XDG_CONFIG_HOME/lswarm/known
}

teardown() {
  lswarm_teardown
}

# another NAME: makes an identity of somebody else's of this name, and prints its key.
another() {
  XDG_CONFIG_HOME=$WORK/others lswarm id new "$1"
}

# hear_from NAME: a sub takes one message that the identity NAME of somebody else's has signed.
hear_from() {
  spawn sub lswarm sub news -n 1 --ready
  await_ready sub
  XDG_CONFIG_HOME=$WORK/others lswarm pub news hello --id "$1" --timeout 60s
  await_exit sub
}

# other_key FROM COMMAND...: the topic key of the file FROM, as COMMAND gives it, in $WORK/other.
other_key() {
  (umask 077 && "${@:2}" <"$1" >"$WORK/other")
}

# refused MESSAGE ARG...: lswarm ARG... is refused with this one line.
refused() {
  run -2 --separate-stderr lswarm "${@:2}" --timeout 60s
  assert_equal "$stderr" "lswarm: $1"
}

@test "a name is not glued to a last line that has lost its newline" {
  lswarm id trust alice "$(another alice)"
  truncate -s -1 "$KNOWN"
  cp "$KNOWN" "$WORK/before"
  another bob
  hear_from bob
  assert_equal "$status" 0
  assert_regex "$(<"$WORK/sub.err")" 'bob is new: remembered'
  run -0 --separate-stderr lswarm id list
  assert_line --regexp '^alice .* trusted$'
  assert_line --regexp '^bob .* first use$'
  assert_equal "$stderr" ''
  assert_equal "$(head -n 1 "$KNOWN")" "$(cat "$WORK/before")"
}

@test "a damaged line of known names is named, the others count, and the file is left as it is" {
  lswarm id trust alice "$(another alice)"
  printf '# friends\nbob key:cut\n\xff\x00\n' >>"$KNOWN"
  cp "$KNOWN" "$WORK/before"
  run -0 --separate-stderr lswarm id list
  assert_line --regexp '^alice .* trusted$'
  assert_equal "${#stderr_lines[@]}" 2
  assert_regex "${stderr_lines[0]}" "^lswarm: $KNOWN: line 3 is not NAME KEY and first or trusted; "
  assert_regex "${stderr_lines[1]}" "^lswarm: $KNOWN: line 4 is not NAME KEY and first or trusted; "
  another carl
  hear_from carl
  assert_equal "$status" 0
  assert_regex "$(<"$WORK/sub.err")" 'known: line 3 is not'
  cmp "$WORK/before" "$KNOWN"
}

@test "a name whose line is cut off is not given to the next who claims it" {
  lswarm id trust alice "$(another alice)"
  truncate -s 30 "$KNOWN"
  XDG_CONFIG_HOME=$WORK/strangers lswarm id new alice
  spawn sub lswarm sub news -n 1 --json --ready
  await_ready sub
  XDG_CONFIG_HOME=$WORK/strangers lswarm pub news hello --id alice --timeout 60s
  await_exit sub
  refute_regex "$(<"$WORK/sub.err")" 'is new'
  assert_equal "$(stat -c %s "$KNOWN")" 30
}

@test "id trust and id forget leave damaged lines and comments as they are, but for those of their name" {
  local alice bob
  alice=$(another alice) bob=$(another bob)
  lswarm id trust alice "$alice"
  printf '# friends\r\nbob key:cut\n\xff\x00' >>"$KNOWN"
  lswarm id trust bob "$bob"
  cmp "$KNOWN" <(printf 'alice %s trusted\n# friends\r\n\xff\x00\nbob %s trusted\n' "$alice" "$bob")
  lswarm id forget alice
  cmp "$KNOWN" <(printf '# friends\r\n\xff\x00\nbob %s trusted\n' "$bob")
}

@test "known names with CRLF, empty and doubled lines are read" {
  local key
  key=$(another alice)
  lswarm id trust alice "$key"
  printf '\n\nalice %s trusted\r\nAlice %s trusted\r\n\r\n' "$key" "$key" >"$KNOWN"
  run -0 --separate-stderr lswarm id show alice
  assert_output "$key"
  assert_equal "$stderr" ''
  : >"$KNOWN"
  run -0 --separate-stderr lswarm id list
  assert_equal "$stderr" 'lswarm: no keys are known; make one with: lswarm id new NAME'
}

@test "an identity that is damaged is named, and the others are of use" {
  lswarm id new alice
  lswarm id new bob
  for damage in '' x '-----BEGIN PRIVATE KEY-----' $'\xff\xfe'; do
    printf %s "$damage" >"$XDG_CONFIG_HOME/lswarm/identities/bob.pem"
    run -0 --separate-stderr lswarm id list
    assert_line --regexp '^alice .* own$'
    assert_equal "$stderr" 'lswarm: the identity bob is damaged: not an ed25519 private key'
    # Nobody else may get its name.
    run -1 --separate-stderr lswarm id trust bob "$(lswarm id show alice 2>&-)"
    assert_equal "${stderr_lines[-1]}" 'lswarm: the identity bob is damaged: not an ed25519 private key'
    assert_equal "$(<"$XDG_CONFIG_HOME/lswarm/identities/bob.pem")" "$damage"
  done
}

@test "an identity without its last newline, or with CRLF, is read" {
  lswarm id new alice
  local file=$XDG_CONFIG_HOME/lswarm/identities/alice.pem key
  key=$(lswarm id show alice)
  cp "$file" "$WORK/before"
  truncate -s -1 "$file"
  assert_equal "$(lswarm id show alice)" "$key"
  sed 's/$/\r/' "$WORK/before" >"$file"
  assert_equal "$(lswarm id show alice)" "$key"
}

@test "a name that does not fit on the disk leaves no part of a line" {
  lswarm id trust alice "$(another alice)"
  # A file may have 1024 bytes: all but 20 of them are there.
  printf '#%0*d\n' $((1024 - 20 - 2 - $(stat -c %s "$KNOWN"))) 0 >>"$KNOWN"
  cp "$KNOWN" "$WORK/full"
  another bob
  spawn sub bash -c 'trap "" XFSZ; ulimit -f 1; exec lswarm sub news -n 1 --ready 2>&1 | cat'
  await_line "$WORK/sub.out" 'lswarm: ready'
  XDG_CONFIG_HOME=$WORK/others lswarm pub news hello --id bob --timeout 60s
  await_exit sub
  assert_regex "$(<"$WORK/sub.out")" 'names are not remembered: cannot write .*known: file too large'
  cmp "$WORK/full" "$KNOWN"
}

@test "a key file is read without its last newline, with CRLF, comments and its line twice" {
  (umask 077 && lswarm key new >"$WORK/key")
  local id
  id=$(lswarm key id --seed-file "$WORK/key")
  for change in 'tr -d \n' 'sed s/$/\r/' 'sed p' 'sed i#mine' 'sed G' 'tr a-z A-Z'; do
    other_key "$WORK/key" $change
    assert_equal "$change $(lswarm key id --seed-file "$WORK/other")" "$change $id"
  done
}

@test "words of a key are read from several lines" {
  lswarm key word >"$WORK/words"
  other_key "$WORK/words" cat
  local id
  id=$(lswarm key id --seed-file "$WORK/other")
  other_key "$WORK/words" fmt -w 20
  assert_equal "$(lswarm key id --seed-file "$WORK/other")" "$id"
}

@test "a key file that is damaged is refused with its path and its line, and not shown" {
  lswarm key new >"$WORK/key"
  local to=(key id --seed-file "$WORK/other")
  other_key "$WORK/key" head -c 20
  run -2 --separate-stderr lswarm "${to[@]}"
  assert_equal "$stderr" "lswarm: $WORK/other: line 1: a key is mistyped: 44 characters too few"
  other_key "$WORK/key" sed 'i#mine'
  lswarm key new >>"$WORK/other"
  run -2 --separate-stderr lswarm "${to[@]}"
  assert_equal "$stderr" "lswarm: $WORK/other: line 3 is one too many for a key"
  other_key /dev/null cat
  run -2 --separate-stderr lswarm "${to[@]}"
  assert_equal "$stderr" "lswarm: $WORK/other: a key is empty"
  other_key <(printf '\0\377') cat
  run -2 --separate-stderr lswarm "${to[@]}"
  assert_equal "$stderr" "lswarm: $WORK/other: line 1: a key begins with lskey1, or is 10 words"
}

@test "a list of ids without its last newline, or with CRLF, is read; an empty one lets nobody in" {
  (umask 077 && lswarm key new >"$WORK/key")
  lswarm key id --seed-file "$WORK/key" >"$WORK/ids"
  local to=(peers t --listen "unix:$WORK/socket" --allow "$WORK/other")
  for change in 'tr -d \n' 'sed s/$/\r/' 'sed p'; do
    $change <"$WORK/ids" >"$WORK/other"
    run -0 --separate-stderr lswarm "${to[@]}"
  done
  for empty in '' $'\n' '# nobody'; do
    printf %s "$empty" >"$WORK/other"
    refused "--allow: $WORK/other names no id" "${to[@]}"
  done
  head -c 30 "$WORK/ids" >"$WORK/other"
  refused "--allow: line 1 of $WORK/other is no id of 64 hex digits" "${to[@]}"
}

@test "files of TLS that are none are refused by name before anybody is met" {
  openssl req -x509 -newkey ed25519 -nodes -keyout "$WORK/key" -out "$WORK/cert" -subj /CN=x -days 2 2>&1
  openssl genpkey -algorithm ed25519 -out "$WORK/stranger"
  head -c 60 "$WORK/key" >"$WORK/cut"
  : >"$WORK/empty"
  local to=(recv t --listen tls://127.0.0.1:4443)
  for bad in cut empty cert; do
    refused "cannot use $WORK/$bad: not a private key in PEM without a passphrase" \
      "${to[@]}" --tls-key "$WORK/$bad" --tls-cert "$WORK/cert" --tls-ca "$WORK/cert"
  done
  for bad in cut empty key; do
    refused "cannot use $WORK/$bad: not a certificate in PEM" \
      "${to[@]}" --tls-key "$WORK/key" --tls-cert "$WORK/$bad" --tls-ca "$WORK/cert"
    refused "cannot use $WORK/$bad: not a certificate in PEM" \
      "${to[@]}" --tls-key "$WORK/key" --tls-cert "$WORK/cert" --tls-ca "$WORK/$bad"
  done
  refused "cannot use $WORK/stranger: not the key of $WORK/cert" \
    "${to[@]}" --tls-key "$WORK/stranger" --tls-cert "$WORK/cert" --tls-ca "$WORK/cert"
}

# completes SHELL: what that shell completes as a topic.
completes() {
  if [[ $1 == fish ]]; then
    run fish --no-config -c "source '$ROOT/completions/lswarm.fish'; complete -C 'lswarm recv '"
  else
    run "$1" -c ". '$ROOT/completions/lswarm.bash'; _lswarm_there topics '$LSWARM_DIR'; printf '%s\n' \"\${there[@]}\""
  fi
}

@test "a label that is cut off, or is none, completes nothing" {
  for shell in bash fish; do
    command -v "$shell" >/dev/null || skip "$shell is not installed"
  done
  spawn peer lswarm recv alphabet --ready
  await_ready peer
  local label=("$LSWARM_DIR"/.names/*)
  for shell in bash fish; do
    printf 'one\nalphabet\n' >"${label[0]}"
    completes "$shell"
    assert_output alphabet
    for damage in 'one\nalpha' on '' '\377\0\n\1\n' 'one\n\33[2J\n'; do
      printf "$damage" >"${label[0]}"
      completes "$shell"
      assert_equal "$shell $damage $output" "$shell $damage "
    done
  done
}
