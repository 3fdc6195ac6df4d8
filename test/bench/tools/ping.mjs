/** Writes one line to the pipe OUT, waits for it on the pipe IN, COUNT times, and prints the times in seconds. */
import { openSync, readSync, writeSync } from 'node:fs'

const [out, back, count] = process.argv.slice(2)
const WARM_UP = 200
const PAUSE_EVERY = 10

const to = openSync(out, 'w')
const from = openSync(back, 'r')
const line = Buffer.from(`${'x'.repeat(99)}\n`)
const buffer = Buffer.alloc(4096)
const sleep = new Int32Array(new SharedArrayBuffer(4))
const seconds = []
for (let turn = 0; turn < WARM_UP + Number(count); turn++) {
  // Now and then everybody goes to sleep, as between two lines that a person types.
  if (turn % PAUSE_EVERY === 0) Atomics.wait(sleep, 0, 0, 2)
  const since = process.hrtime.bigint()
  writeSync(to, line)
  for (let bytes = 0; bytes < line.length; ) bytes += readSync(from, buffer)
  if (turn >= WARM_UP) seconds.push(Number(process.hrtime.bigint() - since) / 1e9)
}
process.stdout.write(`${JSON.stringify(seconds)}\n`)
