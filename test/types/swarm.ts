/** What a program of the library's users may write, and what it may not: compiled, never run. */
import type { Duplex } from 'node:stream'
import { type Discovery, limits, type PeerInfo, Swarm, SwarmError, type SwarmOptions } from 'lswarm'

const options: SwarmOptions = { name: 'alice', basedir: '/tmp/d', shortcircuit: false, maxPeers: 10 }
const swarm = new Swarm(options)
new Swarm()

swarm.on('connection', (stream, info) => {
  const duplex: Duplex = stream
  const who: PeerInfo = info
  const id: string = info.id
  const isOurs: boolean = info.client
  const topic: Buffer = info.topic
  // @ts-expect-error what is known of a peer is not changed
  info.name = 'bob'
  duplex.end([who, id, isOurs, topic].length)
})
swarm.on('warning', (message) => message.toUpperCase())
// @ts-expect-error there is no such event
swarm.on('conection', () => {})

const session: Discovery = swarm.join('topic', { server: true, client: false })
const flushed: Promise<void> = session.flushed()
await session.refresh()
await session.destroy()
swarm.join(Buffer.alloc(32))
swarm.join(new Uint8Array(32))
const same: Discovery | null = swarm.status(new Uint8Array(32))
await swarm.leave(new Uint8Array(32))
// @ts-expect-error a topic is text or bytes
swarm.join(7)
// @ts-expect-error a role is a boolean
swarm.join('topic', { server: 'yes' })
// @ts-expect-error a role that there is not
swarm.join('topic', { announce: false })

const there: Discovery | null = swarm.status('topic')
const peers: Map<string, PeerInfo> = swarm.peers
const connections: Set<Duplex> = swarm.connections
for (const stream of swarm.connections) {
  const who: PeerInfo | undefined = swarm.infoOf(stream)
  const streams: Duplex[] = who === undefined ? [] : swarm.connectionsOf(who.id)
  // @ts-expect-error whoever is at the other end may have gone
  streams.push(swarm.infoOf(stream).name)
}
await swarm.leave('topic')
await swarm.flush()
await swarm.destroy()

new Swarm({ firewall: (info: PeerInfo) => info.name === 'eve' })
// @ts-expect-error a firewall answers at once
new Swarm({ firewall: async () => true })
// @ts-expect-error a count is a number
new Swarm({ maxPeers: '10' })
// @ts-expect-error an option that there is not
new Swarm({ topic: 'room' })

const error = new SwarmError('NOBODY', 'nobody is there')
if (error.code === 'TIMEOUT') throw error
// @ts-expect-error there is no such code
if (error.code === 'ELSE') throw error
const most: number = limits.peers
// @ts-expect-error limits are what they are
limits.peers = 1

export { connections, flushed, most, peers, same, there }
