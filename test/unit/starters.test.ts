import assert from 'node:assert/strict'
import { existsSync, readdirSync, readlinkSync, statfsSync } from 'node:fs'
import test from 'node:test'
import { type Started, Starters } from '../../src/io/starters.lazy.ts'
import { within } from './helpers/wait.ts'

const TMPFS = 0x01021994
const inMemory = existsSync('/dev/shm') && statfsSync('/dev/shm').type === TMPFS
const skip = inMemory && existsSync('/proc/self/fd') ? false : 'no memory for files, or no /proc'

const env = { PATH: process.env.PATH }

async function open(script: string, given: Readonly<Record<string, string | undefined>> = env) {
  return Starters.open({ command: { file: 'sh', args: ['-c', script] }, env: given })
}

/** Runs one command, and what it said. */
async function run(
  starters: Starters,
  record: string,
  hear: (chunk: Buffer, started: Started) => boolean = () => true,
) {
  let said = ''
  const started: Started = starters.run({
    record: Buffer.from(record),
    connection: 1,
    peer: 'p',
    transport: 'local',
    hear: (chunk) => {
      said += chunk.toString('latin1')
      return hear(chunk, started)
    },
  })
  const ending = await within(started.ended, 'the command ends')
  return { ending, said }
}

function descriptors(): number {
  return readdirSync('/proc/self/fd').length
}

/** Files in memory that have no name any more, and are open here. */
function unnamed(): number {
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`)
    } catch {
      return ''
    }
  })
  return links.filter((link) => link.startsWith('/dev/shm/')).length
}

test('each command has its record as stdin, and what it said is heard before its end', {
  skip,
}, async (t) => {
  const starters = await open('cat; exit 3')
  assert.ok(starters)
  t.after(() => starters.close())
  for (const record of ['', 'one\n', 'x'.repeat(60_000), 'x'.repeat(3_000_000), '\0\n\0']) {
    const { ending, said } = await run(starters, record)
    assert.deepEqual(ending, { status: 3 })
    assert.ok(said === record, `${said.length} of ${record.length} bytes`)
  }
})

test('commands at once have each its own record and reply', { skip }, async (t) => {
  const starters = await open('cat')
  assert.ok(starters)
  t.after(() => starters.close())
  const records = Array.from({ length: 12 }, (_, i) => `${i} `.repeat(1_000))
  const replies = await Promise.all(records.map((record) => run(starters, record)))
  assert.deepEqual(
    replies.map(({ said }) => said),
    records,
  )
})

test('a shell is used again, and no descriptor is left', { skip }, async (t) => {
  const starters = await open('cat >/dev/null; echo $PPID')
  assert.ok(starters)
  t.after(() => starters.close())
  const { said } = await run(starters, 'a')
  const before = descriptors()
  for (let i = 0; i < 20; i++) assert.equal((await run(starters, 'b')).said, said)
  assert.equal(descriptors(), before)
  assert.equal(unnamed(), 2, 'the two ends of the pipe, and no record')
})

test('a command whose reply is not wanted now waits, and goes on', { skip }, async (t) => {
  const starters = await open('head -c 1000000 /dev/zero')
  assert.ok(starters)
  t.after(() => starters.close())
  let pauses = 0
  const { said } = await run(starters, '', (_chunk, started) => {
    pauses += 1
    setImmediate(() => started.resume())
    return false
  })
  assert.equal(said.length, 1_000_000)
  assert.ok(pauses >= 2)
})

test('a command that nobody hears is told so, and the next one has another shell', { skip }, async (t) => {
  const starters = await open('read x; test "$x" = end || while echo; do :; done; echo $PPID')
  assert.ok(starters)
  t.after(() => starters.close())
  const before = await run(starters, 'end\n')
  const { ending } = await run(starters, 'on\n', (_chunk, started) => {
    started.deafen()
    return true
  })
  assert.ok('status' in ending && ending.status !== 0)
  const after = await run(starters, 'end\n')
  assert.match(after.said, /^\d+\n$/)
  assert.notEqual(after.said, before.said)
})

test('a shell that somebody writes behind is not used again', { skip }, async (t) => {
  const starters = await open('read x; test "$x" = leave && { sleep 60 & echo $! $PPID; } || echo 0 $PPID')
  assert.ok(starters)
  t.after(() => starters.close())
  const [child, shell] = (await run(starters, 'leave\n')).said.trim().split(' ')
  const [, next] = (await run(starters, 'x\n')).said.trim().split(' ')
  assert.notEqual(next, shell)
  process.kill(Number(child))
})

test('a command is ended with its group, tells its status, and so does one that ignores it', {
  skip,
}, async (t) => {
  for (const [trap, status] of [
    ['exit 9', 9],
    ['', 137],
  ]) {
    const starters = await open(`trap "${trap}" TERM; echo; while :; do sleep 0.01; done`)
    assert.ok(starters)
    t.after(() => starters.close())
    let stopped = Promise.resolve()
    const { ending } = await run(starters, '', (_chunk, started) => {
      stopped = started.stop(200)
      return true
    })
    await within(stopped, 'nothing of it is left')
    assert.deepEqual(ending, status === 137 ? { signal: 'SIGKILL' } : { status })
  }
})

test('a command that kills its shell has ended so, and the next one has another', { skip }, async (t) => {
  const starters = await open('read x; test "$x" = on || kill -9 $PPID; echo $x')
  assert.ok(starters)
  t.after(() => starters.close())
  assert.deepEqual((await run(starters, 'kill\n')).ending, { signal: 'SIGKILL' })
  assert.deepEqual(await run(starters, 'on\n'), { ending: { status: 0 }, said: 'on\n' })
})

test('where a shell would not pass a variable on there are none', { skip }, async () => {
  assert.equal(await open('true', { ...env, 'BASH_FUNC_f%%': '() { :; }' }), undefined)
  assert.equal(await open('true', { ...env, 'a.b': 'c' }), undefined)
})
