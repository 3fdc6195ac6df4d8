/** An author whose second message nobody ever gets. `node --import tsx gap.ts TOPIC`; ends when its peers have left. */
import process from 'node:process'
import { seal } from '../../src/gossip/envelope.ts'
import { KeyPair } from '../../src/gossip/key-pair.ts'
import { toEntry } from '../../src/gossip/message.ts'
import { Link } from '../../src/protocol/link.ts'
import { Swarm } from '../../src/swarm/swarm.ts'
import { toTopic } from '../../src/topic.ts'

const [topic = ''] = process.argv.slice(2)
const author = KeyPair.generate()
const session = Buffer.alloc(8, 1)
const frameOf = (text: string, first: number) =>
  seal([toEntry(text, {})], author, { topic: toTopic(topic).key, session, first, time: Date.now() }).frame

const swarm = new Swarm({ name: 'author', reads: ['messages'], writes: ['messages'] })
swarm.on('connection', (stream) => {
  const link = new Link(stream)
  link.writeGossip(frameOf('first', 0), () => {})
  link.writeGossip(frameOf('third', 2), () => {})
  link.once('close', () => {
    if (swarm.connections.size === 0) void swarm.destroy()
  })
})
await swarm.join(topic).flushed()
