#!/usr/bin/env bats
# The package: what is in it, and that a stranger can install it.

load helpers/common

setup() {
  lswarm_setup
  cd "$WORK"
  export npm_config_cache=${npm_config_cache:-$(npm config get cache 2>/dev/null)} npm_config_update_notifier=false
}

teardown() {
  lswarm_teardown
}

# pack: the package, as $WORK/lswarm.tgz. It is built already.
pack() {
  (cd "$ROOT" && npm pack --ignore-scripts --silent --pack-destination "$WORK") >"$WORK/packed"
  mv "$WORK/$(tail -n 1 "$WORK/packed")" "$WORK/lswarm.tgz"
}

# install OPTION...: with npm, but without a compiler, and without what would build with one.
install() {
  local program
  mkdir "$WORK/few"
  for program in node npm env sh; do ln -s "$(command -v "$program")" "$WORK/few"; done
  timeout 120 env PATH="$WORK/few" npm install --prefer-offline --no-audit --no-fund "$@" "$WORK/lswarm.tgz" >"$WORK/npm.out" 2>"$WORK/npm.err"
}

@test 'the package is under 3 MB, and has nothing but what is used' {
  (cd "$ROOT" && npm pack --dry-run --json --ignore-scripts --silent) >"$WORK/packed.json"
  run -0 node -e '
    const [{ files, unpackedSize }] = Object.values(JSON.parse(require("fs").readFileSync(process.argv[1])))
    console.log([...new Set(files.map(({ path }) => path.split("/")[0]))].sort().join(" "))
    console.log(unpackedSize < 3_000_000 ? "small enough" : unpackedSize)
    console.log(files.filter(({ path }) => /\.(ts|tmp|log)$/.test(path) && !path.endsWith(".d.ts")).length)
  ' "$WORK/packed.json"
  assert_output 'LICENSE README.md bin completions dist man package.json
small enough
0'
}

@test 'the package has no script that an installer would run' {
  run -0 node -p 'Object.keys(require(process.argv[1]).scripts).filter((name) => /^(pre|post)?(install|prepare)$/.test(name))' \
    "$ROOT/package.json"
  assert_output '[]'
}

@test 'installed for everyone, in an empty prefix and without a compiler, every verb works' {
  pack
  if ! install --global --prefix "$WORK/prefix"; then
    # Its dependencies come from a registry.
    grep -qE 'E(NOTFOUND|AI_AGAIN|CONNREFUSED|CONNRESET|NETUNREACH|TIMEDOUT|NOTCACHED)|network' "$WORK/npm.err" || _complain 'npm install' "$WORK/npm.err"
    skip 'no registry can be reached'
  fi
  run grep -c install-scripts "$WORK/npm.err"
  assert_output 0
  run -0 "$ROOT/test/nodes/smoke.sh" "$WORK/prefix/bin/lswarm"
  local page
  for page in $(node -p '[require(process.argv[1]).man].flat().join(" ")' "$ROOT/package.json"); do
    cmp "$WORK/prefix/share/man/man${page##*.}/${page##*/}" "$ROOT/$page"
  done
}

@test 'installed without optional packages, every verb works on this machine, and others say what is missing' {
  pack
  echo '{}' >package.json
  install --omit=optional --offline || _complain 'npm install' "$WORK/npm.err"
  run -0 ls node_modules
  assert_output lswarm
  run -0 "$ROOT/test/nodes/smoke.sh" --local node_modules/.bin/lswarm
  local way
  for way in --dht --lan '--listen unix:here'; do
    # shellcheck disable=SC2086
    run -1 --separate-stderr node_modules/.bin/lswarm join room -d --quiet --public $way --timeout 20s
    assert_regex "${stderr_lines[-1]}" '^lswarm: the network needs the package [@a-z/-]+, which is not installed: npm install hyperswarm '
  done
}
