# Helpers for joins that meet on the topic `room`: `load helpers/rooms` after helpers/common.

# listen NAME [OPTION...]: a join that only listens and stays, ready to be met.
listen() {
  spawn "$1" lswarm join room -d --keep --ready --name "$@"
  await_ready "$1"
}

# talk NAME [OPTION...]: a join whose stdin stays open, ready to be met: `say NAME LINE...`, then `hush NAME`.
talk() {
  mkfifo "$WORK/$1.in"
  # Not a descriptor of this shell: every process that is started later would hold it too.
  spawn "$1's mouth" bash -c 'exec tail -f /dev/null >"$1"' _ "$WORK/$1.in"
  spawn_stdin "$WORK/$1.in" "$1" lswarm join room --ready --name "$@"
  await_ready "$1"
}

# say NAME LINE...: gives it lines.
say() {
  local fifo=$WORK/$1.in
  shift
  # Opened for both, it does not wait for a reader.
  printf '%s\n' "$@" 1<>"$fifo"
}

# hush NAME: ends its stdin.
hush() {
  kill -TERM "${PIDS["$1's mouth"]}"
  await_exit "$1's mouth"
}

# id_of NAME: the first 8 digits of the id that a process spawned with --ready has.
id_of() {
  sed -n 's/^lswarm: ready: .* (\([0-9a-f]*\))$/\1/p' "$WORK/$1.err"
}

# await_lines FILE COUNT [SECONDS=20]: waits until FILE has so many lines, or more.
await_lines() {
  _poll "${3:-20}" _has_lines "$1" "$2" || _complain "not $2 lines in ${3:-20} s, but $(grep -c '' -- "$1")" "$1"
}

_has_lines() {
  (($(grep -c '' -- "$1") >= $2))
}

# await_gone PATH... : waits until none of the paths is there.
await_gone() {
  _poll 20 _are_gone "$@" || _complain "still there: $*"
}

_are_gone() {
  local path
  for path; do [[ ! -e $path && ! -L $path ]] || return 1; done
}

# objects FILE EXPRESSION: prints a JavaScript expression of each `o` of an NDJSON file, one line for each that is
# not undefined; fails when a line is not a JSON object.
objects() {
  node -e '
    const [path, expression] = process.argv.slice(1)
    const text = require("fs").readFileSync(path)
    if (text.length > 0 && text.at(-1) !== 10) throw new Error("the last line has no end")
    new TextDecoder("utf-8", { fatal: true }).decode(text)
    const get = new Function("o", `return ${expression}`)
    for (const line of text.toString().split("\n").slice(0, -1)) {
      const value = get(JSON.parse(line))
      if (value !== undefined) console.log(value)
    }' "$1" "$2"
}

# lines_of AUTHOR COUNT BYTES: so many lines, each "AUTHOR NUMBER xxx…" and so many bytes long with its newline.
lines_of() {
  node -e '
    const [author, count, bytes] = process.argv.slice(1)
    for (let i = 1; i <= Number(count); i++)
      process.stdout.write(`${author} ${i} `.padEnd(Number(bytes) - 1, "abcdefghijklm") + "\n")' "$@"
}

# peak_kb NAME: the largest resident memory that a spawned process has had; skips where nothing tells.
peak_kb() {
  [[ -r /proc/self/status ]] || skip "no /proc to read memory from"
  awk '/^VmHWM:/ { print $2 }' "/proc/${PIDS[$1]}/status"
}
