/**
 * Start-up, as multiples of `node -e 0` from its start to its end: of runs that end by themselves, from
 * their start until they can be met (`--ready`), and from the start of `send` until its first byte comes
 * out of a `recv` that was waiting.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  allReady,
  COMMAND,
  freshTopic,
  inTurns,
  LSWARM,
  measuredEnvironment,
  now,
  table,
  withJobs,
} from './harness.mjs'

const REFERENCE = 'node -e 0'
const RUNS_MIN = 20

export async function compare({ runs, progress, show }) {
  const rows = [
    { name: REFERENCE, run: () => ended('-e', '0') },
    { name: 'lswarm --version', run: () => ended(COMMAND, '--version') },
    { name: 'lswarm --help', run: () => ended(COMMAND, '--help') },
    { name: 'lswarm send --help', run: () => ended(COMMAND, 'send', '--help') },
    { name: 'lswarm recv until it can be met', run: () => ready('recv') },
    { name: 'lswarm join until it can be met', run: () => ready('join') },
    { name: 'lswarm send until its first byte is at recv', run: firstByte },
  ]
  const measured = await inTurns(rows, Math.max(runs, RUNS_MIN), progress)
  const columns = [{ title: 'time', of: 'seconds', as: 'cost' }]
  show(table({ title: 'startup', reference: REFERENCE, columns, rows, ...measured }))
}

async function ended(...args) {
  const since = now()
  const { status } = spawnSync(process.execPath, args, { env: measuredEnvironment, stdio: 'ignore' })
  const seconds = now() - since
  if (status !== 0) throw new Error(`status ${status}`)
  return { seconds }
}

async function ready(verb) {
  const args = [COMMAND, verb, freshTopic(), '--ready']
  const since = now()
  const child = spawn(process.execPath, args, {
    env: measuredEnvironment,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await once(child.stderr, 'data')
  const seconds = now() - since
  child.kill('SIGKILL')
  await once(child, 'exit')
  return { seconds }
}

function firstByte() {
  return withJobs(async (start) => {
    const topic = freshTopic()
    const receiver = start(`${LSWARM} recv $TOPIC --ready`, { TOPIC: topic })
    await allReady([receiver])
    const since = now()
    const sender = spawn(process.execPath, [COMMAND, 'send', topic], {
      env: measuredEnvironment,
      stdio: ['pipe', 'ignore', 'ignore'],
    })
    const gone = once(sender, 'exit')
    sender.stdin.end('x')
    const seconds = (await receiver.hears(/x/, 'stdout')) - since
    await gone
    await receiver.done()
    return { seconds }
  })
}
