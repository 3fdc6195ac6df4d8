/**
 * `npm run picture`: writes .github/top.svg, the live view of the program as it is, looking at real peers. Needs tmux.
 */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { setTimeout as wait } from 'node:timers/promises'
import { toSvg } from './svg.mjs'

const ROOT = resolve(import.meta.dirname, '../..')
const PICTURE = join(ROOT, '.github/top.svg')
const [COLUMNS, ROWS] = [118, 15]
const SEEN_MS = 30_000
/** So many snapshots make a curve. */
const CURVE_MS = 14_000

const work = mkdtempSync(join(tmpdir(), 'lsp-'))
const environment = {
  ...process.env,
  LSWARM_DIR: join(work, 'd'),
  PATH: `${join(work, 'bin')}:${process.env.PATH}`,
}
const started = []

/** A line of sh in the background, in a process group of its own. */
function start(line) {
  started.push(spawn('sh', ['-c', line], { env: environment, stdio: 'ignore', detached: true }))
}

const tmux = (...args) =>
  execFileSync('tmux', ['-S', join(work, 'tmux'), '-f', '/dev/null', ...args], {
    env: environment,
    encoding: 'utf8',
  })

/** So much at a time, again and again, about once a second: rates have to differ for a curve. */
const again = (amounts) => `while :; do for n in ${amounts}; do`
const rest = 'sleep 0.9; done; done |'

const people = [
  [
    'ci',
    `${again('1200 3600 9000 4800 15000 2400 7000 12000 800')} seq -f 'src/part-%g.ts compiled' $n; ${rest} lswarm join build --name ci`,
  ],
  ['alice', 'lswarm join build -d --name alice'],
  ['bob', 'lswarm join build -d --name bob'],
  ['sleepy', 'lswarm join build -d --name sleepy | { read -r line; exec sleep 300; }'],
  [
    'laptop',
    `${again('30 12 44 25 8 38 20')} head -c $((n * 1000000)) /dev/zero; ${rest} lswarm send build --to disk --name laptop`,
  ],
  ['disk', 'lswarm recv build --name disk >/dev/null'],
  ['deploy', `${again('20 5 30 12')} seq -f 'step %g' $n; ${rest} lswarm pub build --name deploy`],
  ['phone', 'lswarm sub build --name phone'],
]

try {
  mkdirSync(environment.LSWARM_DIR, { mode: 0o700 })
  mkdirSync(join(work, 'bin'))
  writeFileSync(
    join(work, 'bin/lswarm'),
    `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin/lswarm.cjs')}' "$@"\n`,
    { mode: 0o755 },
  )
  for (const [, line] of people) start(line)
  const size = ['-x', String(COLUMNS), '-y', String(ROWS)]
  tmux(
    'new-session',
    '-d',
    ...size,
    'env -u NO_COLOR TERM=xterm-256color COLORTERM=truecolor lswarm top build --name you',
  )
  const deadline = performance.now() + SEEN_MS
  const isSeen = () => people.every(([name]) => tmux('capture-pane', '-p').includes(name))
  while (!isSeen()) {
    if (performance.now() > deadline) throw new Error(`not all are seen:\n${tmux('capture-pane', '-p')}`)
    await wait(100)
  }
  await wait(CURVE_MS)
  writeFileSync(PICTURE, toSvg(tmux('capture-pane', '-e', '-p'), 'lswarm top build', COLUMNS))
  console.log(`wrote ${PICTURE}`)
} finally {
  for (const { pid } of started) {
    try {
      process.kill(-pid, 'SIGTERM')
    } catch {
      // It has ended.
    }
  }
  try {
    tmux('kill-server')
  } catch {
    // It was never started.
  }
  await wait(500)
  rmSync(work, { recursive: true, force: true })
}
