/**
 * Calls a handler COUNT times, AT_ONCE at a time: connect, read the reply to its end, close. Prints the
 * seconds from the first call to the last reply. The handler is lswarm's on a topic, or whoever listens on
 * a unix socket.
 *
 *     node caller.mjs topic TOPIC COUNT AT_ONCE
 *     node caller.mjs socket PATH COUNT AT_ONCE
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { callerOn } from '../../helpers/caller.mjs'

const [kind, where, count, atOnce] = process.argv.slice(2)
const REPLY = 'hi\n'

/** One call over the raw socket. */
async function dial() {
  const socket = connect({ path: where, allowHalfOpen: true })
  let reply = ''
  socket.on('data', (chunk) => (reply += chunk))
  await once(socket, 'end')
  socket.destroy()
  return reply
}

/** One call over the swarm, its status awaited. */
async function swarmCaller() {
  const call = await callerOn(where)
  return async () => {
    const { reply, status } = await call('')
    if (status !== 0) throw new Error('a command failed')
    return reply
  }
}

const call = kind === 'topic' ? await swarmCaller() : dial
let left = Number(count)
const caller = async () => {
  while (left-- > 0) if ((await call()) !== REPLY) throw new Error('a reply is not what was said')
}
const since = performance.now()
await Promise.all(Array.from({ length: Number(atOnce) }, caller))
process.stdout.write(`seconds ${(performance.now() - since) / 1000}\n`)
process.exit(0)
