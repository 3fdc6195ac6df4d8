/**
 * Calls a handler COUNT times with a megabyte of input that it need not read: `node unread.mjs TOPIC COUNT
 * BYTES STATUS`. Each reply must be BYTES long, and each status STATUS.
 */
import { callerOn } from './caller.mjs'

const [topic, count, bytes, expected] = process.argv.slice(2)
const call = await callerOn(topic)
const input = Buffer.alloc(1_000_000, 'unread ')
for (let number = 1; number <= Number(count); number++) {
  const { reply, status } = await call(input)
  if (reply.length !== Number(bytes)) throw new Error(`reply ${number} has ${reply.length} bytes`)
  if (status !== Number(expected)) throw new Error(`reply ${number} ended with ${status}`)
}
console.log(`${count} whole`)
process.exit(0)
