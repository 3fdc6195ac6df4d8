/**
 * Calls a handler COUNT times at once, and keeps every call open: `node holders.mjs TOPIC COUNT`. Says `N up`
 * for each handler that has written a line, `busy` for each call that was refused. SIGUSR1 ends the input of
 * one call.
 */
import { once } from 'node:events'
import { Link, Swarm } from '../../dist/index.js'

const [topic, count] = process.argv.slice(2)
const swarm = new Swarm({ reads: [], writes: ['calls'] })
const met = once(swarm, 'connection')
swarm.join(topic, { server: false, client: true })
const [duplex, info] = await met
const link = new Link(duplex)
const held = []
let up = 0
link.on('message', async ({ type, stream }) => {
  if (type === 'abort') console.log('busy')
  if (type !== 'ready') return
  const connection = await swarm.openStream(info, stream)
  held.push(connection.stream)
  let said = false
  connection.pour(() => {
    if (!said) console.log(`${++up} up`)
    said = true
    return true
  })
})
for (let stream = 1; stream <= Number(count); stream++) link.say({ type: 'call', stream })
process.on('SIGUSR1', () => held.shift()?.end())
