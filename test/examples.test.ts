/** Every example of the help texts and of the manual is run as it stands, and does what is said of it. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commands } from '../src/cli/commands.ts'
import { lacks, runScript } from './helpers/script.ts'

interface Scene {
  /** A script in which EXAMPLE stands for the line. */
  readonly script: string
  /** What the script prints. */
  readonly prints: RegExp
}

const scenes: Readonly<Record<string, Scene>> = {
  'lswarm join room': {
    script:
      'lswarm join room -d --ready 2>one >heard & met one; echo hi | EXAMPLE; met heard hi && cat heard',
    prints: /^hi\n$/,
  },
  'make 2>&1 | lswarm join build --name ci': {
    script: `stub make <<<'echo compiled; echo a warning >&2'
      lswarm join build -d --prefix '%n: ' --ready 2>one >heard & met one; EXAMPLE; met heard warning && cat heard`,
    prints: /^ci: compiled\nci: a warning\n$/,
  },
  "lswarm join room -d --prefix '[%n] ' | grep error": {
    // grep would keep what it found until its end.
    script: `grep() { command grep --line-buffered "$@"; }; export -f grep
      { EXAMPLE; } >found & lswarm wait room
      printf 'fine\\nan error\\n' | lswarm join room --name ann; met found error && cat found`,
    prints: /^\[ann\] an error\n$/,
  },
  'tar c . | lswarm send backup': {
    script:
      'mkdir here; cd here; touch one two; lswarm recv backup -o ../all.tar & EXAMPLE; wait; tar tf ../all.tar',
    prints: /one\n.*two\n|two\n.*one\n/,
  },
  'lswarm send -n 3 image disk.img': {
    script:
      'echo image >disk.img; for i in 1 2 3; do lswarm recv image -o "copy$i" & done; EXAMPLE; wait; cat copy1 copy2 copy3',
    prints: /^(image\n){3}$/,
  },
  'lswarm send backup -- tar c .': {
    script:
      'mkdir here; cd here; touch one; lswarm recv backup -o ../all.tar & EXAMPLE; wait; tar tf ../all.tar',
    prints: /one\n/,
  },
  'ls *.jpg | lswarm send --queue thumbs': {
    script: `touch a.jpg b.jpg; lswarm exec --queue --ready thumbs -- sh -c 'read f; echo "made $f"' 2>one & met one; EXAMPLE`,
    prints: /made a.jpg\n.*made b.jpg\n|made b.jpg\n.*made a.jpg\n/s,
  },
  'lswarm recv backup | tar x': {
    script: 'echo text >file; tar c file | lswarm send backup & mkdir there; cd there; EXAMPLE; cat file',
    prints: /^text\n$/,
  },
  'lswarm recv image -o disk.img': {
    script: 'echo image | lswarm send image & EXAMPLE; cat disk.img',
    prints: /^image\n$/,
  },
  'lswarm recv backup -- tar x': {
    script: 'echo text >file; tar c file | lswarm send backup & mkdir there; cd there; EXAMPLE; cat file',
    prints: /^text\n$/,
  },
  'lswarm exec --queue thumbs -- sh -c \'read f; convert "$f" "$f.png"\'': {
    script: `stub convert <<<'cp "$1" "$2"'; echo a >a.jpg; EXAMPLE & echo a.jpg | lswarm send --queue thumbs; cat a.jpg.png`,
    prints: /^a\n$/,
  },
  'lswarm exec upper -- tr a-z A-Z': {
    script: 'EXAMPLE & echo hello | lswarm connect upper',
    prints: /^HELLO\n$/,
  },
  "lswarm exec --max 4 tests -- sh -c 'read name; npm test -- $name'": {
    script: `stub npm <<<'echo "$@"'; EXAMPLE & for i in 1 2 3 4 5; do echo "t$i" | lswarm connect tests & calls+=($!); done; wait "\${calls[@]}"`,
    prints: /^(test -- t[1-5]\n){5}$/,
  },
  'echo hello | lswarm connect upper': {
    script: 'lswarm exec upper -- tr a-z A-Z & EXAMPLE',
    prints: /^HELLO\n$/,
  },
  'lswarm connect shell -- socat STDIO FILE:log,create': {
    script: 'lswarm exec shell -- echo hi & EXAMPLE; cat log',
    prints: /^hi\n$/,
  },
  'lswarm listen door > letter': {
    script: 'echo hello | lswarm connect door & EXAMPLE; cat letter',
    prints: /^hello\n$/,
  },
  'lswarm pub news hello': {
    script: 'lswarm sub news -n 1 & EXAMPLE; wait',
    prints: /hello\n$/,
  },
  'tail -f log | lswarm pub log --id server': {
    script: 'lswarm id new server >pub; echo "it works" >log; { EXAMPLE; } & lswarm sub log -n 1 --json',
    prints: /"it works"/,
  },
  'lswarm sub news': {
    script: 'EXAMPLE >heard & lswarm pub news hello; met heard hello && cat heard',
    prints: /hello\n$/,
  },
  'lswarm sub news -n 1 --history 1': {
    script: `lswarm sub news >heard & lswarm pub news first; lswarm pub news last; met heard last; EXAMPLE`,
    prints: /last\n$/,
  },
  'lswarm sub log --from server --require-known --json': {
    script:
      'lswarm id new server >pub; EXAMPLE >heard & lswarm pub log stranger; lswarm pub log --id server own; met heard own; cat heard',
    prints: /^[^\n]*"own"[^\n]*\n$/,
  },
  'lswarm id new server': { script: 'EXAMPLE', prints: /^key:[a-z0-9]{52}\n$/ },
  'lswarm id show server': {
    script: 'lswarm id new server >pub; EXAMPLE | cmp - pub && echo same',
    prints: /^same\n$/,
  },
  'lswarm id list': { script: 'lswarm id new server; EXAMPLE', prints: /^key:.*server/s },
  'lswarm id trust server "$(cat server.pub)"': {
    script: 'HOME=$PWD/bin lswarm id new server >server.pub; EXAMPLE; lswarm id list',
    prints: /server/,
  },
  'lswarm id forget server': {
    script:
      'HOME=$PWD/bin lswarm id new server >server.pub; lswarm id trust server "$(cat server.pub)"; EXAMPLE && lswarm id list && echo forgotten',
    prints: /^forgotten\n$/,
  },
  'lswarm bridge room --lan --key-file key': {
    // A local network with two directories on it: as two machines have.
    script: `key; mkdir -m 700 far; cat >scene <<'END'
ip link set lo up; ip link add a type veth peer name b; ip addr add 10.9.9.1/24 dev a; ip link set a up; ip link set b up
EXAMPLE &
LSWARM_DIR=$PWD/far lswarm join room -d --lan --key-file key >heard &
echo hi | lswarm join room --count 1
until grep -q hi heard; do sleep 0.02; done; cat heard; kill $(jobs -p)
END
      unshare --map-root-user --net bash scene`,
    prints: /^hi\n$/,
  },
  'lswarm wait room -n 4 && make test': {
    script: `stub make <<<'echo "$@"'; for i in 1 2 3 4; do lswarm join room -d & done; EXAMPLE`,
    prints: /^test\n$/,
  },
  'lswarm wait room --gone server': {
    script:
      'lswarm join room -d --name server --ready 2>one & met one; lswarm wait room --gone server --ready 2>two & met two; EXAMPLE --ready 2>three & met three; kill %1; wait %3 && echo gone',
    prints: /^gone\n$/,
  },
  'lswarm peers room': {
    script: 'lswarm join room -d --name ann --ready 2>one & met one; EXAMPLE',
    prints: /\bann\b/,
  },
  'lswarm peers room --json': {
    script: 'lswarm join room -d --name ann --ready 2>one & met one; EXAMPLE',
    prints: /^\{.*"name":"ann".*\}\n$/,
  },
  'lswarm topics': {
    script: 'lswarm join room -d --ready 2>one & met one; EXAMPLE',
    prints: /\broom\b/,
  },
  'lswarm top room': {
    script: 'lswarm join room -d --name ann --ready 2>one & met one; EXAMPLE',
    prints: /\bann\b/,
  },
  'lswarm top --once': {
    script: 'lswarm join room -d --name ann --ready 2>one & met one; EXAMPLE',
    prints: /\broom\b.*\bann\b|\bann\b.*\broom\b/s,
  },
  'lswarm top room --json': {
    script: 'lswarm join room -d --name ann --ready 2>one & met one; EXAMPLE | head -n 1',
    prints: /^\{.*"ann".*\}\n$/,
  },
  '(umask 077; lswarm key new > key)': {
    script: 'EXAMPLE; ls -l key; lswarm join room --lan --key-file key --timeout 100ms; [ $? = 124 ]',
    prints: /^-rw------- /,
  },
  'lswarm key word': { script: 'EXAMPLE', prints: /^([a-z]+[- ]){9}[a-z]+\n$/ },
  'lswarm key id --seed-file seed': {
    script: '(umask 077; lswarm key new >seed); EXAMPLE',
    prints: /^[0-9a-f]{64}\n$/,
  },
  'lswarm bootstrap': {
    script: 'EXAMPLE >node & met node bootstrap && cat node',
    prints: /^--bootstrap \S+:\d+\n$/,
  },
  'lswarm completion bash --install': {
    script: 'EXAMPLE && find home -type f',
    prints: /bash-completion\/completions\/lswarm\n$/,
  },
  '. <(lswarm completion bash)': { script: 'EXAMPLE; complete -p lswarm', prints: /^complete .* lswarm\n$/ },
  'lswarm limits --json': { script: 'EXAMPLE', prints: /^\{.*"lineBytes":1048576.*\}\n$/ },
}

for (const { examples } of commands) {
  for (const [line, does] of examples) {
    const { script = '', prints = /^$/ } = scenes[line] ?? {}
    const whole = script.replace('EXAMPLE', () => line)
    test(`${line} # ${does}`, { skip: lacks(whole) }, () => {
      assert.ok(script !== '', 'nothing runs this example')
      const { status, stdout, stderr } = runScript(whole)
      assert.match(stdout, prints, stderr)
      assert.equal(status, 0, stderr)
    })
  }
}
