/** Scripts for bash, each in a directory, a home and a runtime directory of its own, with the built program in its PATH. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** What the scripts have; and what they start in the background ends with them. */
const PRELUDE = `
set -m
trap 'for job in $(jobs -p); do kill -- "-$job"; done 2>/dev/null' EXIT
# snake ROLE TOPIC: a peer that is not ours
snake() { exec python3 "$ROOT/test/fixtures/lswarm_peer.py" "$@"; }
# met FILE [WORD]: waits until somebody says ready, or WORD, there
met() { until grep -q "\${2:-ready}" "$1"; do sleep 0.02; done 2>/dev/null; }
key() { lswarm key new >key && chmod 600 key; }
# topic: the name of the directory of t
topic() { printf t | b2sum -l 256 | head -c 16; }
# stub NAME: a program that makes its line of shell from stdin
stub() { { echo '#!/bin/sh'; cat; } >"bin/$1"; chmod +x "bin/$1"; }
# asked KEYS: a recv on a terminal where this is typed when it asks for a key; nothing, and the terminal goes away
asked() {
  python3 "$ROOT/test/fixtures/on_terminal.py" 'topic key: ' "$1" -- \\
    sh -c 'exec lswarm recv t --dht 3<&0 2>said </dev/null >/dev/null'
  local status=$?
  cat said >&2
  return $status
}
`

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export function runScript(script: string): Ended {
  const work = mkdtempSync(join(tmpdir(), 'lst-'))
  try {
    for (const name of ['bin', 'home']) mkdirSync(join(work, name))
    mkdirSync(join(work, 'd'), { mode: 0o700 })
    symlinkSync(join(root, 'bin/lswarm.cjs'), join(work, 'bin/lswarm'))
    const { XDG_CONFIG_HOME: _config, XDG_RUNTIME_DIR: _runtime, LSWARM_KEY: _key, ...env } = process.env
    return spawnSync('bash', ['-c', `${PRELUDE}${script}`], {
      cwd: work,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
      env: {
        ...env,
        ROOT: root,
        HOME: join(work, 'home'),
        LSWARM_DIR: join(work, 'd'),
        PATH: `${work}/bin:${env.PATH}`,
      },
    })
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Why a script cannot be run here, or false. */
export function lacks(script: string): string | false {
  const needs = [
    [/\b(snake|asked) /, 'python3', '--version'],
    [/\bsocat /, 'socat', '-V'],
    [/\bunshare /, 'unshare', '--map-root-user', '--net', 'ip', 'link'],
  ] as const
  for (const [pattern, program, ...args] of needs)
    if (pattern.test(script) && !isHere(program, args)) return `${program} cannot be used here`
  return false
}

function isHere(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}
