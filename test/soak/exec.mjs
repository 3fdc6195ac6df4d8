/**
 * Many short commands: `node test/soak/exec.mjs [COUNT=10000]`. Forty at a time, every reply exact, and when
 * they are over no zombie, no process, and as many descriptors as before.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const count = Number(process.argv[2] ?? 10_000)
const AT_ONCE = 40
const WARM_UP = 50

const directory = mkdtempSync(join(tmpdir(), 'soak-'))
process.env.LSWARM_DIR = directory
const { callerOn } = await import('../helpers/caller.mjs')
const command = join(import.meta.dirname, '../../bin/lswarm.cjs')
const handler = ['sh', '-c', 'read x; echo "<$x>"; exit $((x % 7))']
const server = spawn(
  process.execPath,
  [command, 'exec', 'soak', '--max', String(AT_ONCE), '--', ...handler],
  {
    stdio: ['ignore', 'ignore', 'inherit'],
  },
)

const descriptors = () => readdirSync(`/proc/${server.pid}/fd`).length
const children = () => readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim()

async function runAll(call, from, to) {
  let next = from
  const caller = async () => {
    for (let number = next++; number < to; number = next++) {
      const { reply, status } = await call(`${number}\n`)
      if (reply !== `<${number}>\n`) throw new Error(`call ${number}: the reply is ${JSON.stringify(reply)}`)
      if (status !== number % 7) throw new Error(`call ${number}: the status is ${status}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, caller))
}

/** What is true after a moment is true. */
async function settles(holds, complaint) {
  for (let tries = 0; tries < 200; tries++) {
    if (holds()) return
    await wait(20)
  }
  throw new Error(complaint())
}

let status = 1
try {
  const call = await callerOn('soak')
  await runAll(call, 0, WARM_UP)
  await settles(
    () => children() === '',
    () => `left after the warm-up: ${children()}`,
  )
  const before = descriptors()
  await runAll(call, WARM_UP, WARM_UP + count)
  await settles(
    () => children() === '',
    () => `processes left: ${children()}`,
  )
  await settles(
    () => descriptors() <= before,
    () => `${descriptors()} descriptors, ${before} before`,
  )
  console.log(`${count} commands, every reply exact, no process left, ${before} descriptors as before`)
  status = 0
} catch (error) {
  console.error(error.message)
}
server.kill()
rmSync(directory, { recursive: true, force: true })
process.exit(status)
