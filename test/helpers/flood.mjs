/**
 * Calls a handler COUNT times, all at once: `node flood.mjs TOPIC COUNT PID`. Each call says its number, and
 * the reply must be it, alone or as `<number>`. Tells how many were answered, and how many commands the
 * server PID had at a time; calls that were told busy are counted.
 */
import { readFileSync } from 'node:fs'
import { callerOn } from './caller.mjs'

const [topic, count, pid] = process.argv.slice(2)
const call = await callerOn(topic)
let busy = 0
let most = 0

async function one(number) {
  const answer = await call(`${number}\n`)
  if (answer === undefined) busy += 1
  else if (
    !/^<?(\d+)>?\n$/.test(answer.reply) ||
    Number.parseInt(answer.reply.replace('<', ''), 10) !== number
  )
    throw new Error(`${number} was answered ${JSON.stringify(answer.reply)}`)
}

const look = setInterval(() => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
  most = Math.max(most, children === '' ? 0 : children.split(' ').length)
}, 1)
await Promise.all(Array.from({ length: Number(count) }, (_, index) => one(index + 1)))
clearInterval(look)
const refused = busy > 0 ? `, ${busy} busy` : ''
console.log(`${count - busy} answered${refused}, at most ${Math.max(most, 1)} commands at a time`)
process.exit(0)
