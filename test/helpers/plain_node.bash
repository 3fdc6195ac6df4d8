# Nodes that lack something: `load helpers/plain_node` after helpers/common.

# on WAY [OPTION...]: from now on `lswarm` runs on such a Node, with these options of Node's too.
on() {
  local limit='' options=()
  case $1 in
    jitless) options=(--jitless) ;;
    ulimit) limit='ulimit -v 6000000 &&' ;;
    permission) options=("$(permission_option)" '--allow-fs-read=*' '--allow-fs-write=*' --allow-child-process) ;;
  esac
  if [[ $1 == permission ]] && has_option --allow-net; then options+=(--allow-net); fi
  node_with "$limit" "${options[@]}" "${@:2}"
}

# node_with LIMIT OPTION...: writes the `lswarm` of this test.
node_with() {
  rm "$WORK/bin/lswarm"
  printf '#!/bin/sh\n%s exec node %s "%s" "$@"\n' "$1" "${*:2}" "$ROOT/bin/lswarm.cjs" >"$WORK/bin/lswarm"
  # A star is for Node, not for the shell.
  sed -i 's/--allow-fs-[a-z]*=\*/"&"/g' "$WORK/bin/lswarm"
  chmod +x "$WORK/bin/lswarm"
}

permission_option() {
  if has_option --permission; then echo --permission; else echo --experimental-permission; fi
}

# has_option OPTION: whether this Node knows it.
has_option() {
  node -e 'process.exit(process.allowedNodeEnvironmentFlags.has(process.argv[1]) ? 0 : 1)' -- "$1"
}

# silent NAME...: they said nothing but that they are ready. Node itself warns of --jitless.
silent() {
  local name
  for name in "$@"; do
    run grep -vE "^Warning: disabling flag|$READY_LINE" "$WORK/$name.err"
    assert_output ''
  done
}
