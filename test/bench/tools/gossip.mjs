/**
 * One end of signed messages: `gossip.mjs pub TOPIC COUNT SUBSCRIBERS [RATE]` or `gossip.mjs sub TOPIC COUNT`.
 * Says `ready` on stderr. A publisher then waits for a line on stdin, and publishes as fast as it may or RATE
 * a second; a subscriber prints what it got.
 */
import { Gossip, Swarm } from '../../../dist/index.js'
import { body, Tally } from './tally.mjs'

const [role, topic, count, subscribers, rate] = process.argv.slice(2)
const gossip = new Gossip(new Swarm(), topic)
await gossip.listen()

if (role === 'sub') {
  let bans = 0
  gossip.on('ban', () => (bans += 1))
  const tally = new Tally(Number(count), () => ({ stats: gossip.stats, bans }))
  gossip.on('message', ({ data }) => tally.add(data))
  process.stderr.write('ready\n')
} else {
  while (gossip.peers.length < Number(subscribers)) await new Promise((done) => setTimeout(done, 5))
  process.stderr.write('ready\n')
  await new Promise((done) => process.stdin.once('data', done))
  const since = performance.now()
  for (let number = 0; number < Number(count); number++) {
    if (number % 100 === 0) {
      await gossip.ready()
      const early = rate === undefined ? 0 : since + (number / Number(rate)) * 1000 - performance.now()
      if (early > 0) await new Promise((done) => setTimeout(done, early))
    }
    gossip.publish(body(number))
  }
}
