/** Signed messages, keys and transports, as a program of the library's users has them: compiled, never run. */
import {
  dht,
  endpoints,
  Gossip,
  type GossipMessage,
  Hub,
  KeyPair,
  lan,
  local,
  memory,
  parseKey,
  Swarm,
  TopicKey,
  type Transport,
} from 'lswarm'

const swarm = new Swarm({ transports: [local(), memory(new Hub())] })
const gossip = new Gossip(swarm, 'news', { keyPair: KeyPair.generate() })
gossip.on('message', (message: GossipMessage) => message.author.length)
// @ts-expect-error there is no such event
gossip.on('msg', () => {})
// @ts-expect-error a gossip has a swarm
new Gossip('news')

const key: TopicKey = TopicKey.random()
const beyond: Transport[] = [
  dht({ key }),
  lan({ key }),
  ...endpoints({ key, listen: ['tcp://127.0.0.1:4000'] }),
]
// @ts-expect-error a key is no number
dht({ key: 7 })
const transports: Transport[] = [...beyond, local({ basedir: '/tmp/d' })]

export { parseKey, transports }
