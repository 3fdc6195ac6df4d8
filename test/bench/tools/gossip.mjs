/**
 * One end of signed messages: `gossip.mjs pub TOPIC COUNT SUBSCRIBERS` or `gossip.mjs sub TOPIC COUNT`.
 * Says `ready` on stderr. A publisher then waits for a line on stdin; a subscriber prints what it got.
 */
import { Gossip, Swarm } from '../../../dist/index.js'
import { body, Tally } from './tally.mjs'

const [role, topic, count, subscribers] = process.argv.slice(2)
const gossip = new Gossip(new Swarm(), topic)
await gossip.listen()

if (role === 'sub') {
  const tally = new Tally(Number(count))
  gossip.on('message', ({ data }) => tally.add(data))
  process.stderr.write('ready\n')
} else {
  while (gossip.peers.length < Number(subscribers)) await new Promise((done) => setTimeout(done, 5))
  process.stderr.write('ready\n')
  await new Promise((done) => process.stdin.once('data', done))
  for (let number = 0; number < Number(count); number++) {
    if (number % 100 === 0) await gossip.ready()
    gossip.publish(body(number))
  }
}
