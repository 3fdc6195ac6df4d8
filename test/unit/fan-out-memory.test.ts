import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { FanOut } from '../../src/io/fan-out.ts'
import { ENTRY_BYTES, type Outlet } from '../../src/io/outlet.ts'
import { limits } from '../../src/limits.ts'

const FIXTURE = fileURLToPath(new URL('fixtures/tiny-bodies.ts', import.meta.url))

/** The queue of a reader that takes nothing. */
function stopped(queueBytes: number): { fanOut: FanOut; outlet: Outlet } {
  const fanOut = new FanOut({
    policy: 'drop',
    cutMs: limits.cutMs,
    queueBytes,
    onslow: () => {},
    ondrop: () => {},
    oncut: () => {},
  })
  return { fanOut, outlet: fanOut.add({ write: () => {} }) }
}

test('a million bodies of two bytes for a stopped reader take about the memory that its queue may', async () => {
  const args = ['--expose-gc', '--import', 'tsx', FIXTURE, '1000000']
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 })
  const { grownBytes, heldBytes } = JSON.parse(stdout)
  assert.ok(heldBytes <= limits.queueBytes, `the queue says ${heldBytes} bytes`)
  // The rest of the process grows too, by up to 2 MiB. One entry for each body would be 155 MB.
  assert.ok(grownBytes <= 2 * limits.queueBytes, `the process has ${grownBytes} bytes for it`)
})

test('a part of a buffer counts for all of it', () => {
  const { fanOut, outlet } = stopped(10_000)
  for (let i = 0; i < 20; i++) fanOut.write(Buffer.allocUnsafeSlow(2_000).subarray(0, 1))
  assert.ok(outlet.heldBytes <= 10_000, `${outlet.heldBytes} bytes held`)
  assert.equal(outlet.heldBytes, 4 * (2_000 + ENTRY_BYTES))
  assert.equal(outlet.pendingBytes, 4)
  fanOut.close()
})

test('a buffer with several parts in a queue counts once, until the last of them is gone', () => {
  const { fanOut, outlet } = stopped(1_000_000)
  const buffer = Buffer.allocUnsafeSlow(2_000)
  for (let i = 0; i < 5; i++) fanOut.write(buffer.subarray(i, i + 1))
  assert.equal(outlet.heldBytes, 2_000 + 5 * ENTRY_BYTES)
  fanOut.delete(outlet)
  assert.deepEqual([outlet.heldBytes, outlet.pendingBytes], [0, 0])
  fanOut.close()
})

/** Microseconds of processor time for dropping a number of bodies from a queue of `length` bodies. */
function costOfDrops(length: number): number {
  const { fanOut } = stopped(length * ENTRY_BYTES)
  const body = Buffer.allocUnsafeSlow(ENTRY_BYTES)
  for (let i = 0; i < length + 10; i++) fanOut.write(body)
  const before = process.cpuUsage()
  for (let i = 0; i < 5_000; i++) fanOut.write(body)
  const { user, system } = process.cpuUsage(before)
  fanOut.close()
  return user + system
}

test('dropping from a long queue costs what dropping from a short one does', () => {
  costOfDrops(1_000)
  const short = costOfDrops(1_000)
  const long = costOfDrops(400_000)
  // A shift for each moves three megabytes for each: a thousand times as much.
  assert.ok(long < 20 * Math.max(short, 1_000), `${long} and ${short} microseconds`)
})
