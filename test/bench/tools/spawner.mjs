/** Starts a command for each line of stdin, so many at a time, and no more: `node spawner.mjs AT_ONCE COMMAND`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const [atOnce, command] = process.argv.slice(2)
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]()
const worker = async () => {
  while (!(await lines.next()).done) {
    const child = spawn(command, [], { stdio: ['ignore', 'inherit', 'inherit'], detached: true })
    const [status] = await once(child, 'exit')
    if (status !== 0) throw new Error('a command failed')
  }
}
await Promise.all(Array.from({ length: Number(atOnce) }, worker))
