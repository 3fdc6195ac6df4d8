#!/usr/bin/env bats
# `lswarm id`: identities, and whose name is whose.

load helpers/common

setup() {
  lswarm_setup
  export XDG_CONFIG_HOME=$WORK/config
}

teardown() {
  lswarm_teardown
}

# other_key: the public key of somebody else.
other_key() {
  XDG_CONFIG_HOME=$WORK/other lswarm id new somebody
}

@test "id new prints the public key, and id show prints it again" {
  run -0 --separate-stderr lswarm id new alice
  assert_regex "$output" '^key:[a-z0-9]{52}$'
  assert_equal "$stderr" ''
  key=$output
  run -0 --separate-stderr lswarm id show alice
  assert_output "$key"
}

@test "keys are in files that nobody else can read, whatever the umask" {
  umask 0
  lswarm id new alice
  assert_equal "$(stat -c %a "$XDG_CONFIG_HOME/lswarm" "$XDG_CONFIG_HOME/lswarm/identities" | xargs)" '700 700'
  assert_equal "$(stat -c %a "$XDG_CONFIG_HOME/lswarm/identities/alice.pem")" 600
}

@test "id new never overwrites an identity" {
  lswarm id new alice
  cp "$XDG_CONFIG_HOME/lswarm/identities/alice.pem" "$WORK/before"
  run -1 --separate-stderr lswarm id new alice
  assert_output ''
  assert_equal "$stderr" 'lswarm: there is an identity alice already; it is left as it is'
  cmp "$WORK/before" "$XDG_CONFIG_HOME/lswarm/identities/alice.pem"
}

@test "a name is never a path" {
  for name in ../x /x . .. a/b .x 'a b' $'a\nb' аlice; do
    run -2 --separate-stderr lswarm id new "$name"
    assert_regex "$stderr" '^lswarm: a name is '
  done
  assert_equal "$(find "$WORK" -name '*.pem')" ''
}

@test "without XDG_CONFIG_HOME the keys are in ~/.config" {
  unset XDG_CONFIG_HOME
  HOME=$WORK/home run -0 lswarm id new alice
  [[ -f $WORK/home/.config/lswarm/identities/alice.pem ]]
}

@test "a directory that others can enter is refused, with its path and the reason" {
  lswarm id new alice
  chmod 755 "$XDG_CONFIG_HOME/lswarm"
  run -1 --separate-stderr lswarm id list
  assert_equal "$stderr" "lswarm: $XDG_CONFIG_HOME/lswarm has mode 0755; it must be 0700"
}

@test "a key file that others can read is refused, with its path and the reason" {
  lswarm id new alice
  chmod 644 "$XDG_CONFIG_HOME/lswarm/identities/alice.pem"
  run -1 --separate-stderr lswarm pub news hello --id alice
  assert_equal "$stderr" "lswarm: $XDG_CONFIG_HOME/lswarm/identities/alice.pem has mode 0644; it must be 0600"
}

@test "a key file that is a symbolic link is refused" {
  lswarm id new alice
  mv "$XDG_CONFIG_HOME/lswarm/identities/alice.pem" "$WORK/moved"
  ln -s "$WORK/moved" "$XDG_CONFIG_HOME/lswarm/identities/alice.pem"
  run -1 --separate-stderr lswarm id show alice
  assert_regex "$stderr" 'alice.pem is a symbolic link, not a file$'
}

@test "an identity that is not private, or no file, is named, and the others are listed" {
  local directory=$XDG_CONFIG_HOME/lswarm/identities fault
  key=$(lswarm id new alice)
  for fault in open link directory; do
    lswarm id new "$fault"
  done
  chmod 644 "$directory/open.pem"
  mv "$directory/link.pem" "$WORK/moved"
  ln -s "$WORK/moved" "$directory/link.pem"
  rm "$directory/directory.pem"
  mkdir "$directory/directory.pem"
  run -0 --separate-stderr lswarm id list
  assert_line --regexp "^alice +$key +own$"
  assert_equal "${#lines[@]}" 2
  assert_equal "$stderr" "lswarm: $directory/directory.pem is not a file
lswarm: $directory/link.pem is a symbolic link, not a file
lswarm: $directory/open.pem has mode 0644; it must be 0600"
  run -0 --separate-stderr lswarm id show
  assert_output "alice $key"
  run -0 --separate-stderr lswarm id show alice
  assert_output "$key"
  assert_equal "${#stderr_lines[@]}" 3
  for fault in open link directory; do
    run -1 --separate-stderr lswarm id show "$fault"
    assert_output ''
    assert_regex "${stderr_lines[-1]}" "^lswarm: $directory/$fault.pem (has mode|is )"
    run -1 --separate-stderr lswarm id trust "$fault" "$key"
    assert_regex "${stderr_lines[-1]}" "^lswarm: $directory/$fault.pem (has mode|is )"
  done
}

@test "id shows and lists our own identities when the file of known names is not private" {
  local file=$XDG_CONFIG_HOME/lswarm/known warning
  key=$(lswarm id new alice)
  lswarm id trust bob "$(other_key)"
  chmod 644 "$file"
  cp "$file" "$WORK/before"
  warning="lswarm: $file has mode 0644; it must be 0600"
  run -0 --separate-stderr lswarm id show alice
  assert_output "$key"
  assert_equal "$stderr" "$warning"
  run -0 --separate-stderr lswarm id list
  assert_line --regexp "^alice +$key +own$"
  assert_equal "${#lines[@]}" 2
  assert_equal "$stderr" "$warning"
  # What needs the names fails, and the file stays as it is.
  run -1 --separate-stderr lswarm id show bob
  assert_equal "${stderr_lines[-1]}" "$warning"
  for arguments in 'id trust carol '"$key" 'id forget bob' 'sub news --require-known'; do
    run -1 --separate-stderr lswarm $arguments
    assert_equal "$stderr" "$warning"
  done
  run -0 cmp "$file" "$WORK/before"
}

@test "id trust makes a name known, id list shows it, id forget forgets it" {
  key=$(other_key)
  lswarm id trust bob "$key"
  run -0 --separate-stderr lswarm id list --json
  assert_output "{\"name\":\"bob\",\"key\":\"$key\",\"trust\":\"trusted\"}"
  lswarm id forget bob
  run -0 --separate-stderr lswarm id list --json
  assert_output ''
}

@test "id trust does not replace the key of a known name" {
  key=$(other_key)
  lswarm id trust bob "$key"
  lswarm id new alice
  run -1 --separate-stderr lswarm id trust BOB "$(lswarm id show alice)"
  assert_regex "$stderr" 'bob is known with another key'
  run -0 lswarm id show bob
  assert_output "$key"
}

@test "id trust refuses what is no key" {
  for key in '' key:abc word "hex:$(printf '0%.0s' {1..64})"; do
    run -2 lswarm id trust bob "$key"
  done
}

@test "id forget does not remove an identity of our own" {
  lswarm id new alice
  run -1 --separate-stderr lswarm id forget alice
  run -0 lswarm id show alice
}

@test "nothing that id prints is the secret" {
  lswarm id new alice >"$WORK/said" 2>&1
  { lswarm id show; lswarm id list; lswarm id list --json; lswarm id show alice -v; } >>"$WORK/said" 2>&1
  secret=$(sed -n 2p "$XDG_CONFIG_HOME/lswarm/identities/alice.pem")
  run -1 grep -F -e "$secret" -e PRIVATE "$WORK/said"
}
